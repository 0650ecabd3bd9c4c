import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  appendMany,
  type LogWorld,
  makeClosedLog,
  makeFolder,
  makeLogWorld,
  readAll,
  idsOf,
  segmentsOf,
} from '../../../../test/support/log.ts'
import type { Json } from '../model/log-record.ts'
import type { LogEntry } from './log-lines.ts'
import { verifyLog } from './verify-log.ts'

/** A copy of the folder as a kill would leave it: nothing closed, the lock of nobody. */
const copyOf = (folder: string): string => {
  const copy = makeFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

const recoveries = async (folder: string): Promise<readonly Json[]> =>
  (await readAll(folder)).flatMap(({ record }) =>
    record.kind === 'administration' && record.action === 'log.recovered' ? [record.detail] : [],
  )

/** A log in use, with what is signed ending before the last records. */
const makeInterrupted = async (records: number, options: object = {}): Promise<LogWorld & { readonly copy: string }> => {
  const world = makeLogWorld()
  const log = await world.open(options)
  await expect.poll(() => log.status().signed).toBe(2)
  await appendMany(log, records)
  return { ...world, copy: copyOf(world.folder) }
}

const lastSegment = (folder: string): string => join(folder, segmentsOf(folder).at(-1) ?? '')

const reopen = async (world: LogWorld, folder: string, options: object = {}): Promise<readonly LogEntry[]> => {
  const log = await world.open({ ...options, folder })
  expect(await appendMany(log, 2, 'after-')).toEqual([true, true])
  await log.close()
  const entries = await readAll(folder)
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index))
  expect(await verifyLog(folder, { keys: world.keys })).toMatchObject({
    ok: true,
    records: entries.length,
    signed: entries.length,
    torn: 0,
  })
  return entries
}

describe('after a crash', () => {
  test('the log says that it was not closed', async () => {
    const { copy, ...world } = await makeInterrupted(4)
    const entries = await reopen(world, copy)
    expect(idsOf(entries)).toEqual(['r0', 'r1', 'r2', 'r3', 'after-0', 'after-1'])
    expect(await recoveries(copy)).toEqual([{ cut: null }])
    expect(
      entries.filter(({ record }) => record.kind === 'administration' && record.action === 'log.opened').at(-1)?.record,
    ).toMatchObject({
      detail: { clean: false },
    })
    expect(segmentsOf(copy)).toEqual(['000000000000.log'])
  })

  test('what was half written is named, also behind a log that was closed', async () => {
    const world = await makeClosedLog(3)
    const { length } = await readAll(world.folder)
    const torn = '{"torn'
    appendFileSync(lastSegment(world.folder), torn)
    await world.open()
    expect(await recoveries(world.folder)).toEqual([{ cut: { bytes: torn.length, file: `000000000000.torn-${length}` } }])
    expect((await readAll(world.folder)).at(-1)?.record).toMatchObject({ action: 'log.opened', detail: { clean: true } })
    expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({ ok: true })
  })

  test('a tail torn at any byte of the last record is cut off, kept aside and told', async () => {
    const { copy, ...world } = await makeInterrupted(3)
    const whole = readFileSync(lastSegment(copy))
    const start = whole.subarray(0, -1).lastIndexOf(10) + 1
    for (let end = start; end < whole.length; end++) {
      const folder = copyOf(copy)
      truncateSync(lastSegment(folder), end)
      const torn = whole.subarray(start, end)
      const opened = await world.open({ folder })
      await opened.close()
      const entries = await readAll(folder)
      expect(idsOf(entries), `torn at ${end}`).toEqual(['r0', 'r1'])
      const cut = torn.length === 0 ? null : { bytes: torn.length, file: '000000000000.torn-4' }
      expect(await recoveries(folder), `torn at ${end}`).toEqual([{ cut }])
      if (cut !== null) expect(readFileSync(join(folder, cut.file))).toEqual(torn)
      expect(await verifyLog(folder, { keys: world.keys }), `torn at ${end}`).toMatchObject({ ok: true, records: entries.length })
    }
  })

  const tails: readonly { note: string; tail: Buffer }[] = [
    { note: 'zeros, as some file systems leave them', tail: Buffer.alloc(5_000) },
    { note: 'a line that is no JSON', tail: Buffer.from('not a record\n') },
    { note: 'JSON that is no record', tail: Buffer.from('[1,2]\n"x"\nnull\n') },
    { note: 'a record with a number that is not its turn', tail: Buffer.from('{"at":1,"kind":"gap","seq":99}\n') },
    { note: 'a newline', tail: Buffer.from('\n') },
    { note: 'more than a buffer without a newline', tail: Buffer.alloc(3 << 20, 97) },
    { note: 'damage and then a record that would fit', tail: Buffer.from('x\n{"at":1,"kind":"gap","seq":5}\n') },
  ]
  test.each(tails)('$note behind the last record', async ({ tail }) => {
    const { copy, ...world } = await makeInterrupted(3)
    appendFileSync(lastSegment(copy), tail)
    const entries = await reopen(world, copy)
    expect(idsOf(entries)).toEqual(['r0', 'r1', 'r2', 'after-0', 'after-1'])
    expect(await recoveries(copy)).toEqual([{ cut: { bytes: tail.length, file: '000000000000.torn-5' } }])
  })

  const heads: readonly { note: string; content: string }[] = [
    { note: 'empty', content: '' },
    { note: 'half of its first record', content: '{"action":"log.segm' },
    { note: 'something else', content: '{"at":1,"kind":"gap","seq":5}\n' },
  ]
  test.each(heads)('a new segment that holds $note is none', async ({ content }) => {
    const { copy, ...world } = await makeInterrupted(3)
    writeFileSync(join(copy, '000000000005.log'), content)
    const entries = await reopen(world, copy)
    expect(idsOf(entries)).toEqual(['r0', 'r1', 'r2', 'after-0', 'after-1'])
    expect(segmentsOf(copy)).toEqual(['000000000000.log'])
  })

  test('only the last segment is read, and the tree goes on from its first record', async () => {
    const { copy, ...world } = await makeInterrupted(3, { segmentBytes: 300 })
    const log = await world.open({ folder: copy, segmentBytes: 300 })
    for (let i = 0; i < 12; i++) await appendMany(log, 3, `x${i}-`)
    await log.close()
    expect(segmentsOf(copy).length).toBeGreaterThan(3)
    const folder = copyOf(copy)
    const [first = ''] = segmentsOf(folder)
    rmSync(join(folder, first))
    const opened = await world.open({ folder, segmentBytes: 300 })
    await appendMany(opened, 3)
    await opened.close()
    copyFileSync(join(copy, first), join(folder, first))
    expect(await verifyLog(folder, { keys: world.keys })).toMatchObject({ ok: true })
  })

  test.each(['missing', 'short', 'wrong'])('leaf hashes that are %s are made anew', async (how) => {
    const { copy, ...world } = await makeInterrupted(3)
    const leaves = join(copy, '000000000000.leaves')
    const right = readFileSync(leaves)
    if (how === 'missing') rmSync(leaves)
    if (how === 'short') truncateSync(leaves, 50)
    if (how === 'wrong') writeFileSync(leaves, Buffer.alloc(500, 1))
    await reopen(world, copy)
    expect(readFileSync(leaves).subarray(0, right.length)).toEqual(right)
  })

  test('a checkpoint torn at any byte is written over', async () => {
    const world = await makeClosedLog(3)
    const whole = readFileSync(join(world.folder, 'checkpoints'))
    const first = whole.indexOf('\n\n', whole.indexOf('\n\n') + 2) + 2
    for (let end = first; end < whole.length; end += 7) {
      const folder = copyOf(world.folder)
      truncateSync(join(folder, 'checkpoints'), end)
      await reopen(world, folder)
    }
  })

  test('two logs closed and reopened many times stay small beside what they hold', async () => {
    const world = await makeClosedLog(0)
    for (let i = 0; i < 5; i++) await (await world.open()).close()
    expect(statSync(lastSegment(world.folder)).size).toBeLessThan(3_000)
    expect(existsSync(join(world.folder, 'lock'))).toBe(true)
  })
})

describe('what no crash does', () => {
  const change = (file: string, from: string, to: string) =>
    writeFileSync(file, readFileSync(file, 'latin1').replace(from, to), 'latin1')

  const rows: readonly { note: string; code: string; tamper: (folder: string) => void }[] = [
    {
      note: 'a signed record altered',
      code: 'log.altered',
      tamper: (folder) => change(lastSegment(folder), '"id":"r3"', '"id":"r4"'),
    },
    {
      note: 'a signed record made unreadable',
      code: 'log.altered',
      tamper: (folder) => change(lastSegment(folder), '{"at":', '["at":'),
    },
    {
      note: 'signed records cut off',
      code: 'log.truncated',
      tamper: (folder) =>
        truncateSync(lastSegment(folder), readFileSync(lastSegment(folder)).subarray(0, -1).lastIndexOf(10) + 1),
    },
    { note: 'all records gone', code: 'log.truncated', tamper: (folder) => rmSync(lastSegment(folder)) },
    {
      note: 'a signed record of another number',
      code: 'log.altered',
      tamper: (folder) => change(lastSegment(folder), '"seq":3', '"seq":4'),
    },
    {
      note: 'another root signed for',
      code: 'log.altered',
      tamper: (folder) =>
        change(
          join(folder, 'checkpoints'),
          readFileSync(join(folder, 'checkpoints'), 'latin1').split('\n').at(-5) ?? '',
          `${'A'.repeat(43)}=`,
        ),
    },
  ]
  test.each(rows)('$note: refused, and nothing is changed', async ({ code, tamper }) => {
    const world = await makeClosedLog(5)
    tamper(world.folder)
    const before = readdirSync(world.folder).map((name) => [name, readFileSync(join(world.folder, name), 'latin1')])
    expect(await world.tryOpen()).toMatchObject({ ok: false, code })
    expect(readdirSync(world.folder).map((name) => [name, readFileSync(join(world.folder, name), 'latin1')])).toEqual(before)
    // The lock is free again: what refuses is the state of the log.
    expect(await world.tryOpen()).toMatchObject({ ok: false, code })
  })
})
