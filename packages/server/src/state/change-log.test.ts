import { describe, expect, test } from 'vitest'
import { NOW, stateParts } from '../../../../test/support/state-parts.ts'
import type { Changed } from './state-store.ts'

const session = (key: string): Changed => ({ collection: 'session', key })
const noted = (keys: readonly string[]) => {
  const parts = stateParts()
  for (const key of keys) parts.changes.note(session(key), NOW)
  return parts
}
const many = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${n}`)

describe('what changed', () => {
  test('is told from where one begins, each once at its last place', () => {
    const { changes } = stateParts()
    expect(changes.since(null)).toEqual({ upTo: 0, complete: true, changed: [] })
    expect(['a', 'b', 'a'].map((key) => changes.note(session(key), NOW))).toEqual([1, 2, 3])
    changes.note({ collection: 'form', key: 'a' }, NOW)
    expect(changes.since(null)).toEqual({ upTo: 4, complete: true, changed: [] })
    expect(changes.since(4)).toEqual({ upTo: 4, complete: true, changed: [] })
    expect(changes.since(0)).toEqual({
      upTo: 4,
      complete: true,
      changed: [session('a'), session('b'), { collection: 'form', key: 'a' }],
    })
    expect(changes.since(2)).toMatchObject({ changed: [session('a'), { collection: 'form', key: 'a' }] })
  })

  test('is told a thousand at a time', () => {
    const { changes } = noted(many(1_001))
    const first = changes.since(0)
    expect([first.upTo, first.complete, first.changed.length]).toEqual([1_000, true, 1_000])
    expect(changes.since(first.upTo)).toEqual({ upTo: 1_001, complete: true, changed: [session('1000')] })
  })

  test.each([
    { note: 'one was taken out', sql: 'DELETE FROM change WHERE seq = 2', since: 0 },
    { note: 'the first was taken out', sql: 'DELETE FROM change WHERE seq = 1', since: 0 },
    { note: 'the last was taken out', sql: 'DELETE FROM change WHERE seq = 3', since: 0 },
    { note: 'all were taken out', sql: 'DELETE FROM change', since: 0 },
    { note: 'one was altered', sql: 'UPDATE change SET box = zeroblob(60) WHERE seq = 2', since: 0 },
    { note: 'one was moved in time', sql: 'UPDATE change SET at = at + 1 WHERE seq = 2', since: 0 },
    { note: 'one is of another collection now', sql: `UPDATE change SET collection = 'form' WHERE seq = 2`, since: 0 },
    { note: 'the file is an earlier copy', sql: 'SELECT 1', since: 9 },
  ])('is not known where $note', ({ sql, since }) => {
    const { changes, database } = noted(['a', 'b', 'c'])
    database.exec(sql)
    expect(changes.since(since)).toEqual({ upTo: 3, complete: false, changed: [] })
  })

  test('what was taken out before the place where one goes on does not matter', () => {
    const { changes, database } = noted(['a', 'b', 'c'])
    database.exec('DELETE FROM change WHERE seq <= 2')
    expect(changes.since(2)).toEqual({ upTo: 3, complete: true, changed: [session('c')] })
  })
})

describe('sweeping', () => {
  test('nothing removes nothing', () => expect(stateParts().changes.sweep(NOW)).toBe(0))

  test.each([
    { note: 'ten minutes after', ms: 600_000, swept: 3 },
    { note: 'a moment before', ms: 599_999, swept: 0 },
  ])('$note: $swept', ({ ms, swept }) => {
    const { changes } = noted(['a', 'b', 'c'])
    expect(changes.sweep(NOW + ms)).toBe(swept)
    expect(changes.since(0).complete).toBe(swept === 0)
    expect(changes.since(3)).toEqual({ upTo: 3, complete: true, changed: [] })
  })

  test('stops at the first that is young enough', () => {
    const { changes } = noted(['a', 'b'])
    changes.note(session('c'), NOW + 1)
    changes.note(session('d'), NOW)
    expect(changes.sweep(NOW + 600_000)).toBe(2)
    expect(changes.since(2)).toMatchObject({ complete: true, changed: [session('c'), session('d')] })
  })

  test('takes five hundred at a time', () => {
    const { changes } = noted(many(501))
    expect([1, 2, 3].map(() => changes.sweep(NOW + 600_000))).toEqual([500, 1, 0])
  })

  test('takes what a hundred thousand came after, however young', () => {
    const { changes, database } = noted(['a', 'b', 'c'])
    database.exec(`UPDATE sqlite_sequence SET seq = 100002 WHERE name = 'change'`)
    expect(changes.sweep(NOW)).toBe(2)
    expect(changes.sweep(NOW)).toBe(0)
  })
})
