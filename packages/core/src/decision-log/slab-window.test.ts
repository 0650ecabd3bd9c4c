import { describe, expect, test } from 'vitest'
import { sampleCompletion } from '../../../../test/support/log-records.ts'
import { createCompactRange, EMPTY_RANGE, leafHashAt } from './compact-range.ts'
import {
  addRecord,
  createSlabWindow,
  drainWaiting,
  isFull,
  isStale,
  isWaitedFor,
  putBack,
  releaseBatch,
  type Slab,
  takeBatch,
  type WindowParts,
} from './slab-window.ts'

const makeWindow = (changes: Partial<WindowParts> = {}) => {
  let now = 1_000
  const clock = { now: () => 7, monotonic: () => now }
  const limits = { records: 100_000, bytes: 1 << 30, ms: 50 }
  const window = createSlabWindow({
    origin: 'o',
    clock,
    limits,
    segmentBytes: 1 << 30,
    tree: EMPTY_RANGE,
    segmentUsed: null,
    ...changes,
  })
  const add = (id: string, size = 0) => addRecord(window, sampleCompletion(`${id}${'x'.repeat(size)}`))
  return { window, add, pass: (ms: number) => (now += ms) }
}

const linesOf = (slabs: readonly Slab[]): readonly string[] =>
  slabs.flatMap(({ buffer, used }) => buffer.toString('latin1', 1, used).split('\n').slice(0, -1))
const idsOf = (slabs: readonly Slab[]): readonly string[] =>
  linesOf(slabs).map((line) => {
    const { id, action } = JSON.parse(line) as { id?: string; action?: string }
    return id ?? action ?? ''
  })

describe('records that wait', () => {
  test('are numbered lines whose hashes make the tree', () => {
    const { window, add } = makeWindow()
    for (const id of ['a', 'b', 'c']) add(id)
    const batch = takeBatch(window)
    expect(idsOf(batch)).toEqual(['log.segment', 'a', 'b', 'c'])
    const lines = linesOf(batch)
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([0, 1, 2, 3])
    const range = createCompactRange()
    for (const line of lines) range.append(leafHashAt(Buffer.from(`\n${line}`, 'latin1'), 1, 1 + line.length))
    expect(batch.at(-1)?.after).toEqual(range.state())
    expect(batch[0]?.leaves.length).toBe(4)
    expect([window.records, window.bytes]).toEqual([4, lines.join('\n').length + 1])
    releaseBatch(window, batch)
    expect([window.records, window.bytes, window.slabs.length]).toEqual([0, 0, 0])
    expect(batch.map(({ durable }) => durable)).toEqual([true])
  })

  test('go on from the tree and the segment there are', () => {
    const before = createCompactRange()
    for (let i = 0; i < 5; i++) before.append(String(i).padStart(32, '0'))
    const { window, add } = makeWindow({ tree: before.state(), segmentUsed: 500 })
    const slab = add('a')
    expect([slab.first, slab.startsSegment, slab.since]).toEqual([5, false, 1_000])
    expect(idsOf(takeBatch(window))).toEqual(['a'])
  })

  test('fill one buffer after another, each with the number of its first', () => {
    const { window, add } = makeWindow()
    for (let i = 0; i < 100; i++) add(`${i}-`, 30_000)
    const batch = takeBatch(window)
    expect(batch.map(({ used }) => used <= 1 << 20)).toEqual([true, true, true])
    // No buffer is left while a line of the greatest length has room in it.
    for (const { used } of batch.slice(0, -1)) expect(used + 32_768).toBeGreaterThanOrEqual(1 << 20)
    expect(batch.map(({ first }) => first)).toEqual(
      batch.map((_, index) => batch.slice(0, index).reduce((sum, { leaves }) => sum + leaves.length, 0)),
    )
    expect(idsOf(batch).length).toBe(101)
    expect(batch.every(({ after }) => after !== null)).toBe(true)
  })

  test('buffers are used again, and no more of them are kept than a few', () => {
    const { window, add } = makeWindow()
    for (let i = 0; i < 200; i++) add(`${i}-`, 30_000)
    const batch = takeBatch(window)
    expect(batch.length).toBeGreaterThan(4)
    releaseBatch(window, batch)
    expect(window.spare.length).toBe(4)
    const used = new Set(batch.map(({ buffer }) => buffer))
    expect(used.has(add('again').buffer)).toBe(true)
    expect(window.spare.length).toBe(3)
  })
})

describe('where segments end', () => {
  test('at the size given, with the next buffer', () => {
    const { window, add } = makeWindow({ segmentBytes: 1_000 })
    const first = add('a')
    expect(first.startsSegment).toBe(true)
    expect(add('b')).toBe(first)
    expect(window.segmentUsed).toBe(first.used - 1)
    releaseBatch(window, takeBatch(window))
    const second = add('c', 600)
    expect(second.startsSegment).toBe(false)
    releaseBatch(window, takeBatch(window))
    expect(window.segmentUsed).toBeGreaterThan(1_000)
    const third = add('d')
    expect([third.startsSegment, third.first]).toEqual([true, 4])
    expect(idsOf([third])).toEqual(['log.segment', 'd'])
    expect(window.segmentUsed).toBe(third.used - 1)
  })

  test('exactly at the size given', () => {
    const { window, add } = makeWindow()
    const used = add('a').used - 1
    for (const [segmentBytes, starts] of [
      [used, true],
      [used + 1, false],
    ] as const) {
      const next = makeWindow({ segmentBytes })
      next.add('a')
      releaseBatch(next.window, takeBatch(next.window))
      expect(next.add('b').startsSegment).toBe(starts)
    }
    expect(window.records).toBe(2)
  })

  test('a batch holds no more than one segment', () => {
    const { window, add } = makeWindow({ segmentBytes: 1 })
    add('a')
    const first = takeBatch(window)
    add('b')
    expect(takeBatch(window)).toEqual(first)
    takeBatch(window)
    add('c')
    expect(window.slabs.map(({ startsSegment }) => startsSegment)).toEqual([true, true, true])
    expect(idsOf(takeBatch(window))).toEqual(['log.segment', 'a'])
    releaseBatch(window, first)
    expect(idsOf(takeBatch(window))).toEqual(['log.segment', 'b'])
    expect(idsOf(window.slabs)).toEqual(['log.segment', 'b', 'log.segment', 'c'])
  })
})

describe('a batch the disk did not take', () => {
  test('is there again, and what comes next shares its room', () => {
    const { window, add } = makeWindow()
    const slab = add('a')
    takeBatch(window)
    putBack(window)
    expect(add('b')).toBe(slab)
    expect(idsOf(takeBatch(window))).toEqual(['log.segment', 'a', 'b'])
    expect(slab.after?.size).toBe(3)
  })

  test('leaves what came meanwhile where it is', () => {
    const { window, add } = makeWindow()
    const slab = add('a')
    takeBatch(window)
    const later = add('b')
    expect(later).not.toBe(slab)
    putBack(window)
    expect(add('c')).toBe(later)
    expect(idsOf(takeBatch(window))).toEqual(['log.segment', 'a', 'b', 'c'])
  })
})

describe('limits', () => {
  test('of records', () => {
    const { window, add } = makeWindow({ limits: { records: 3, bytes: 1 << 30, ms: 50 } })
    add('a')
    expect(isFull(window)).toBe(false)
    add('b')
    expect(isFull(window)).toBe(true)
  })

  test('of bytes', () => {
    const bytes = makeWindow().add('a').used - 1
    for (const [limit, full] of [
      [bytes, true],
      [bytes + 1, false],
    ] as const) {
      const { window, add } = makeWindow({ limits: { records: 100, bytes: limit, ms: 50 } })
      add('a')
      expect(isFull(window)).toBe(full)
    }
  })

  test('of the age of the oldest', () => {
    const { window, add, pass } = makeWindow()
    expect(isStale(window)).toBe(false)
    add('a')
    pass(49)
    expect(isStale(window)).toBe(false)
    pass(1)
    expect(isStale(window)).toBe(true)
    add('b')
    expect(isStale(window)).toBe(true)
    releaseBatch(window, takeBatch(window))
    expect(isStale(window)).toBe(false)
  })
})

test('who waits is let go once', () => {
  const { window, add } = makeWindow()
  const told: string[] = []
  add('a').waiting.push(() => told.push('a'))
  takeBatch(window)
  add('b').waiting.push(() => told.push('b'))
  for (const resolve of drainWaiting(window)) resolve(false)
  expect(told).toEqual(['a', 'b'])
  expect(drainWaiting(window)).toEqual([])
})

test('somebody waits as long as there is one who waits on any slab', () => {
  const { window, add } = makeWindow()
  expect(isWaitedFor(window)).toBe(false)
  add('a')
  takeBatch(window)
  expect(isWaitedFor(window)).toBe(false)
  add('b').waiting.push(() => {})
  expect([window.slabs.length, isWaitedFor(window)]).toEqual([2, true])
  drainWaiting(window)
  expect(isWaitedFor(window)).toBe(false)
})
