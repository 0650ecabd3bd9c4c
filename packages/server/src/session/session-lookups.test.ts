import { expect, test } from 'vitest'
import type { ReadSession } from './session-ledger.ts'
import { createSessionMemory } from './session-memory.ts'
import { createSessionReads } from './session-reads.ts'

const MOST = 300

test('secrets made up by the thousand keep neither known sessions nor each other waiting', async () => {
  const asked: string[] = []
  const answers: (() => void)[] = []
  const memory = createSessionMemory(() => {})
  const read: ReadSession = { kept: { session: { id: 'known' } }, version: 1, usedAt: 0 } as never
  memory.remember(read, { at: 0, isWatched: true })
  const reads = createSessionReads({
    ledger: {
      read: (id) => {
        asked.push(id)
        return new Promise((resolve) => answers.push(() => resolve({ ok: true, value: id === 'known' ? read : null })))
      },
    },
    memory,
    reading: () => ({ at: 0, isWatched: true }),
    onChange: () => {},
  })
  const madeUp = Array.from({ length: MOST + 5 }, (_none, index) => reads.read(`made-up ${index}`))
  const known = reads.read('known')
  expect(asked).toHaveLength(MOST + 1)
  expect(await Promise.all(madeUp.slice(MOST))).toEqual(Array.from({ length: 5 }, () => ({ ok: false })))
  for (const answer of answers) answer()
  expect((await known).ok).toBe(true)
  expect(await Promise.all(madeUp.slice(0, MOST))).toEqual(Array.from({ length: MOST }, () => ({ ok: true, value: null })))
  void reads.read('made-up again')
  expect(asked.at(-1)).toBe('made-up again')
})
