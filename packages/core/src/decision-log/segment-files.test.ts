import { describe, expect, test } from 'vitest'
import { sampleCompletion } from '../../../../test/support/log-records.ts'
import { createMemoryDisk } from '../../../../test/support/memory-disk.ts'
import { EMPTY_RANGE } from './compact-range.ts'
import { type DiskPosition, SegmentFiles } from './segment-files.ts'
import { addRecord, createSlabWindow, releaseBatch, type Slab, takeBatch } from './slab-window.ts'

const START: DiskPosition = { first: null, bytes: 0, records: 0, checkpointBytes: 0 }

const make = ({ at = START, segmentBytes = 1 << 30, segmentUsed = null as number | null } = {}) => {
  const memory = createMemoryDisk()
  const clock = { now: () => 0, monotonic: () => 0 }
  const limits = { records: 1e6, bytes: 1e9, ms: 1e9 }
  const window = createSlabWindow({ origin: 'o', clock, limits, segmentBytes, tree: EMPTY_RANGE, segmentUsed })
  /** A batch of records of these names, as the writer takes it. */
  const batchOf = (...ids: readonly string[]): readonly Slab[] => {
    for (const id of ids) addRecord(window, sampleCompletion(id))
    const batch = takeBatch(window)
    releaseBatch(window, batch)
    return batch
  }
  return { ...memory, files: new SegmentFiles('log', memory.disk, at), content: memory.files, batchOf }
}

const textOf = (batch: readonly Slab[]): string => batch.map(({ buffer, used }) => buffer.toString('latin1', 1, used)).join('')
const leavesOf = (batch: readonly Slab[]): string => batch.flatMap(({ leaves }) => leaves).join('')
const text = (content: ReadonlyMap<string, Buffer>, name: string) => content.get(name)?.toString('latin1')

const A = '000000000000'
const OPENING = [`open durable ${A}.log`, `truncate ${A}.log`, `open ${A}.leaves`]
const WRITING = [`write ${A}.leaves`, `write ${A}.log`]

describe('lines', () => {
  test('are durable when it resolves', async () => {
    const { files, batchOf, takeCalls, content } = make()
    const [one, two] = [batchOf('a', 'b'), batchOf('c')]
    await files.write(one)
    expect(takeCalls()).toEqual([...OPENING, ...WRITING])
    await files.write(two)
    expect(takeCalls()).toEqual(WRITING)
    expect(text(content, `${A}.log`)).toBe(textOf(one) + textOf(two))
    expect(text(content, `${A}.leaves`)).toBe(leavesOf(one) + leavesOf(two))
  })

  test('of several buffers are one write', async () => {
    const { files, batchOf, takeCalls, content } = make()
    const batch = batchOf(...Array.from({ length: 80 }, (_, index) => `${index}-${'x'.repeat(30_000)}`))
    expect(batch.length).toBeGreaterThan(1)
    await files.write(batch)
    expect(takeCalls()).toEqual([...OPENING, ...WRITING])
    expect(text(content, `${A}.log`)).toBe(textOf(batch))
    expect(text(content, `${A}.leaves`)).toBe(leavesOf(batch))
  })

  test('none are none', async () => {
    const { files, takeCalls } = make()
    await files.write([])
    expect(takeCalls()).toEqual([])
  })

  test('go on behind what is there, and whatever stands behind that is cut off', async () => {
    const at = { first: 0, bytes: 5, records: 2, checkpointBytes: 0 }
    const { files, batchOf, disk, content } = make({ at, segmentUsed: 5 })
    await disk.write(await disk.open(`${A}.log`, true), [Buffer.from('12345rest')], 0)
    const batch = batchOf('a')
    await files.write(batch)
    expect(text(content, `${A}.log`)).toBe(`12345${textOf(batch)}`)
    expect(content.get(`${A}.leaves`)?.toString('latin1', 64)).toBe(leavesOf(batch))
  })

  test('after a write that failed are written again where they belong', async () => {
    const { files, batchOf, takeCalls, fail, content, openFiles } = make()
    const [one, two] = [batchOf('a'), batchOf('b', 'c')]
    await files.write(one)
    fail(['write'], 'ENOSPC')
    await expect(files.write(two)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(openFiles()).toEqual([])
    fail(null)
    takeCalls()
    await files.write(two)
    expect(takeCalls()).toEqual([...OPENING, ...WRITING])
    expect(text(content, `${A}.log`)).toBe(textOf(one) + textOf(two))
    expect(text(content, `${A}.leaves`)).toBe(leavesOf(one) + leavesOf(two))
  })

  test.each(['open', 'truncate'] as const)('when a file cannot be opened (%s) nothing is left open', async (call) => {
    const { files, batchOf, fail, openFiles, content } = make()
    const batch = batchOf('a')
    fail([call], 'EROFS')
    await expect(files.write(batch)).rejects.toMatchObject({ code: 'EROFS' })
    expect(openFiles()).toEqual([])
    fail(null)
    await files.write(batch)
    expect(text(content, `${A}.log`)).toBe(textOf(batch))
  })

  test('a file that cannot be closed changes nothing', async () => {
    const { files, batchOf, fail } = make()
    const batch = batchOf('a')
    fail(['close', 'write'], 'EIO')
    await expect(files.write(batch)).rejects.toMatchObject({ code: 'EIO' })
    fail(['close'])
    await files.write(batch)
    await files.close()
  })
})

describe('segments', () => {
  test('each has files of its own, and those of the last are closed', async () => {
    const { files, batchOf, content, openFiles, takeCalls } = make({ segmentBytes: 1 })
    const [one, two] = [batchOf('a'), batchOf('b')]
    await files.write(one)
    takeCalls()
    await files.write(two)
    const second = '000000000002'
    expect(takeCalls().slice(0, 3)).toEqual([`close ${A}.log`, `close ${A}.leaves`, `open durable ${second}.log`])
    expect(openFiles()).toEqual([`${second}.log`, `${second}.leaves`])
    expect([text(content, `${A}.log`), text(content, `${second}.log`)]).toEqual([textOf(one), textOf(two)])
    expect([text(content, `${A}.leaves`), text(content, `${second}.leaves`)]).toEqual([leavesOf(one), leavesOf(two)])
  })

  test('one that could not be begun is begun again, not behind itself', async () => {
    const { files, batchOf, content, fail } = make({ segmentBytes: 1 })
    const [one, two] = [batchOf('a'), batchOf('b')]
    await files.write(one)
    for (const call of ['open', 'write'] as const) {
      fail([call])
      await expect(files.write(two)).rejects.toThrow()
    }
    fail(null)
    await files.write(two)
    expect(text(content, '000000000002.log')).toBe(textOf(two))
  })
})

describe('checkpoints', () => {
  const OWN = ['open durable checkpoints', 'truncate checkpoints', 'write checkpoints', 'close checkpoints']

  test('are written behind one another, when the hashes are durable', async () => {
    const { files, batchOf, takeCalls, content } = make()
    await files.write(batchOf('a'))
    takeCalls()
    await files.writeCheckpoint('one\u2014\n')
    expect(takeCalls()).toEqual([`sync ${A}.leaves`, ...OWN])
    await files.writeCheckpoint('two\n')
    expect(content.get('checkpoints')?.toString()).toBe('one\u2014\ntwo\n')
  })

  test('without open files need no sync of them', async () => {
    const { files, takeCalls, content } = make({ at: { ...START, checkpointBytes: 3 } })
    await files.writeCheckpoint('x\n')
    expect(takeCalls()).toEqual(OWN)
    expect(content.get('checkpoints')?.toString()).toBe('\0\0\0x\n')
  })

  test.each(['open', 'truncate', 'write'] as const)(
    'after a %s that failed are written where the last good one ends',
    async (call) => {
      const { files, content, fail, openFiles } = make()
      await files.writeCheckpoint('one\n')
      fail([call], 'ENOSPC')
      await expect(files.writeCheckpoint('two, longer\n')).rejects.toMatchObject({ code: 'ENOSPC' })
      expect(openFiles()).toEqual([])
      fail(null)
      await files.writeCheckpoint('three\n')
      expect(content.get('checkpoints')?.toString()).toBe('one\nthree\n')
    },
  )

  test('hashes that cannot be made durable are not signed for', async () => {
    const { files, batchOf, fail, takeCalls } = make()
    await files.write(batchOf('a'))
    takeCalls()
    fail(['sync'], 'EIO')
    await expect(files.writeCheckpoint('one\n')).rejects.toMatchObject({ code: 'EIO' })
    expect(takeCalls()).toEqual([`sync ${A}.leaves`])
  })

  test('one whose file cannot be closed is written', async () => {
    const { files, fail, content } = make()
    fail(['close'])
    await files.writeCheckpoint('one\n')
    await files.writeCheckpoint('two\n')
    expect(content.get('checkpoints')?.toString()).toBe('one\ntwo\n')
  })
})

test('closing closes both files, once', async () => {
  const { files, batchOf, takeCalls, openFiles } = make()
  await files.close()
  await files.write(batchOf('a'))
  takeCalls()
  await files.close()
  await files.close()
  expect(takeCalls()).toEqual([`close ${A}.log`, `close ${A}.leaves`])
  expect(openFiles()).toEqual([])
})
