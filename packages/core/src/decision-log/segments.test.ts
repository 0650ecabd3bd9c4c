import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import type { LogRecord } from '../model/log-record.ts'
import { createCompactRange, EMPTY_RANGE, type RangeState } from './compact-range.ts'
import { checkpointsPath, leavesPath, listSegments, readSegmentHead, segmentHead, segmentPath, tornPath } from './segments.ts'

const stateOf = (size: number): RangeState => {
  const range = createCompactRange()
  for (let i = 0; i < size; i++) range.append(String(i).padStart(32, '0'))
  return range.state()
}

describe('files of a log', () => {
  test('are named by the number of their first record', () => {
    expect(segmentPath('log', 0)).toBe(join('log', '000000000000.log'))
    expect(leavesPath('log', 4_711)).toBe(join('log', '000000004711.leaves'))
    expect(tornPath('log', 4_711, 4_720)).toBe(join('log', '000000004711.torn-4720'))
    expect(segmentPath('log', 1_234_567_890_123_456)).toBe(join('log', '1234567890123456.log'))
    expect(checkpointsPath('log')).toBe(join('log', 'checkpoints'))
  })

  test('segments are listed by number, and nothing else is one', async () => {
    const folder = makeFolder()
    for (const first of [1e12, 5, 0, 100, 99]) writeFileSync(segmentPath(folder, first), '')
    const others = ['checkpoints', 'lock', '000000000007.leaves', '000000000008.log.tmp', '00000000009.log', 'x000000000010.log']
    for (const name of [...others, '00000000000000011.log', '00000000001x.log', '000000000012xlog'])
      writeFileSync(join(folder, name), '')
    mkdirSync(join(folder, 'images'))
    expect(await listSegments(folder)).toEqual([0, 5, 99, 100, 1e12])
    expect(await listSegments(join(folder, 'none'))).toEqual([])
  })
})

describe('the head of a segment', () => {
  test.each([0, 1, 5, 64, 100])('tells the tree of %d records before it', (size) => {
    const head = segmentHead('log.example/x', stateOf(size), 17)
    expect(head).toMatchObject({
      kind: 'administration',
      at: 17,
      action: 'log.segment',
      detail: { origin: 'log.example/x', size },
    })
    expect(readSegmentHead({ seq: size, record: head })).toEqual(stateOf(size))
  })

  const head = segmentHead('log.example/x', stateOf(5), 17)
  const rows: readonly { note: string; seq: number; record: object }[] = [
    { note: 'the state of a smaller tree', seq: 6, record: head },
    { note: 'the state of a larger tree', seq: 4, record: head },
    { note: 'no state', seq: 5, record: { ...head, detail: null } },
    { note: 'too few hashes', seq: 5, record: { ...head, detail: { size: 5, hashes: [] } } },
    { note: 'another action', seq: 5, record: { ...head, action: 'log.opened' } },
    { note: 'another kind of record', seq: 5, record: { ...head, kind: 'gap' } },
  ]
  test.each(rows)('is not one with $note', ({ seq, record }) => {
    expect(readSegmentHead({ seq, record: record as LogRecord })).toBeNull()
  })

  test('of an empty tree is that of the first segment', () => {
    expect(readSegmentHead({ seq: 0, record: segmentHead('x', EMPTY_RANGE, 0) })).toEqual(EMPTY_RANGE)
  })
})
