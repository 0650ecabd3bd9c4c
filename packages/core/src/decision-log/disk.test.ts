import type * as fs from 'node:fs'
import { closeSync, constants, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import { canCountOpenFiles, openFilesLeft } from '../../../../test/support/open-files.ts'
import { causeOf, createLogDisk, syncFolder } from './disk.ts'

/** The most bytes that one call writes: the system may write less than it was given, and says so. */
const system = vi.hoisted(() => ({ most: Number.POSITIVE_INFINITY, synced: 0, dataSynced: 0 }))

vi.mock('node:fs', async (load) => {
  const real = await load<typeof fs>()
  const writev = (fd: number, ...[buffers, position, done]: readonly [readonly Uint8Array[], number, never]) =>
    real.writev(fd, [Buffer.concat(buffers).subarray(0, system.most)], position, done)
  const fsyncSync = (fd: number) => {
    real.fsyncSync(fd)
    system.synced += real.fstatSync(fd).isDirectory() ? 1 : 0
  }
  const fdatasync = (fd: number, done: fs.NoParamCallback) => {
    system.dataSynced++
    real.fdatasync(fd, done)
  }
  return { ...real, writev, fsyncSync, fdatasync }
})

beforeEach(() => {
  system.most = Number.POSITIVE_INFINITY
  system.synced = 0
  system.dataSynced = 0
})

const opened = async () => {
  const folder = makeFolder()
  const path = join(folder, 'file')
  const disk = createLogDisk(folder)
  return { path, disk, fd: await disk.open(path, false) }
}

describe('causes', () => {
  const rows: readonly { note: string; error: unknown; cause: string }[] = [
    ...['ENOSPC', 'EDQUOT', 'EFBIG'].map((code) => ({
      note: code,
      error: Object.assign(new Error(), { code }),
      cause: 'disk.full',
    })),
    ...['EROFS', 'EACCES', 'EPERM'].map((code) => ({
      note: code,
      error: Object.assign(new Error(), { code }),
      cause: 'disk.read_only',
    })),
    { note: 'another code', error: Object.assign(new Error(), { code: 'EIO' }), cause: 'disk.failed' },
    { note: 'an error without a code', error: new Error('ENOSPC'), cause: 'disk.failed' },
    { note: 'a code on what is no error', error: { code: 'ENOSPC' }, cause: 'disk.failed' },
    { note: 'nothing', error: undefined, cause: 'disk.failed' },
  ]
  test.each(rows)('$note', ({ error, cause }) => expect(causeOf(error)).toBe(cause))
})

describe('the disk', () => {
  test('makes files that only their owner may read, and keeps what they hold', async () => {
    const { path, disk, fd } = await opened()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(system.synced, 'the name of the file is durable').toBe(1)
    await disk.write(fd, [Buffer.from('kept')], 0)
    await disk.close(fd)
    const again = await disk.open(path, false)
    await disk.sync(again)
    expect(readFileSync(path, 'utf8')).toBe('kept')
    await disk.truncate(again, 2)
    expect(readFileSync(path, 'utf8')).toBe('ke')
    await disk.close(again)
  })

  test('writes all of it where it is told, however little the system takes at once', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 60 }),
        async (buffers, position, most) => {
          system.most = most
          const { path, disk, fd } = await opened()
          await disk.write(fd, [Buffer.alloc(position, 120)], 0)
          await disk.write(fd, buffers, position)
          await disk.close(fd)
          expect(readFileSync(path)).toEqual(Buffer.concat([Buffer.alloc(position, 120), ...buffers]))
        },
      ),
      { numRuns: 60 },
    ))

  test.skipIf(process.platform !== 'linux')('what is written to a file opened as durable is so without a sync', async () => {
    const folder = makeFolder()
    const disk = createLogDisk(folder)
    const durable = async (wanted: boolean) => {
      const fd = await disk.open(join(folder, 'file'), wanted)
      const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? ''
      await disk.write(fd, [Buffer.from('kept')], 0)
      await disk.close(fd)
      return (Number.parseInt(flags, 8) & constants.O_DSYNC) !== 0
    }
    expect([await durable(true), await durable(false)]).toEqual([true, false])
    expect(system.dataSynced).toBe(0)
  })

  test('where a system cannot do that, each write is followed by a sync', async () => {
    const folder = makeFolder()
    const disk = createLogDisk(folder, 'darwin')
    const write = async (durable: boolean) => {
      const fd = await disk.open(join(folder, 'file'), durable)
      await disk.write(fd, [Buffer.from('kept')], 0)
      await disk.close(fd)
      return system.dataSynced
    }
    // The same descriptor each time: that of a file which is closed means nothing.
    expect([await write(true), await write(false), await write(true)]).toEqual([1, 1, 2])
  })

  test('rejects with the error of the system', async () => {
    const folder = makeFolder()
    const disk = createLogDisk(folder)
    await expect(disk.open(join(folder, 'none', 'file'), true)).rejects.toMatchObject({ code: 'ENOENT' })
    const path = join(folder, 'file')
    writeFileSync(path, '')
    const readOnly = openSync(path, 'r')
    await expect(disk.write(readOnly, [Buffer.from('x')], 0)).rejects.toMatchObject({ code: 'EBADF' })
    closeSync(readOnly)
  })

  test('a folder that cannot be opened is passed over when names are made durable', () => {
    const folder = join(makeFolder(), 'none')
    expect(() => syncFolder(folder)).not.toThrow()
    mkdirSync(folder)
    expect(() => syncFolder(folder)).not.toThrow()
  })

  test.skipIf(!canCountOpenFiles)('closes what it opens', async () => {
    const folder = makeFolder()
    const disk = createLogDisk(folder)
    expect(await openFilesLeft(() => syncFolder(folder))).toBe(0)
    expect(await openFilesLeft(async () => disk.close(await disk.open(join(folder, 'file'), false)))).toBe(0)
    expect(await openFilesLeft(() => disk.open(join(folder, 'file'), false))).toBe(1)
  })
})
