import { expect, test } from 'vitest'
import { at, person, START } from '../../../../test/support/sessions.ts'
import { type SessionParts, sessionParts } from '../../../../test/support/session-parts.ts'
import type { Seen } from './session-memory.ts'

const used = async (parts: SessionParts, now: number): Promise<Seen> => {
  const made = await parts.begin(person(), { ...at(), replaces: null })
  if (!made.ok) throw new Error('the store does not answer')
  await parts.word(made.value.secret, now)
  return parts.known.remembered(made.value.session.id) as Seen
}
const kept = async ({ real }: SessionParts, { kept: { session } }: Seen) => {
  const entry = await real.get('used', `session:${session.id}`)
  return entry.ok ? entry.value?.value : 'the store does not answer'
}

test('a use is kept once, until there is a later one', async () => {
  const parts = sessionParts()
  const seen = await used(parts, START + 5)
  await parts.uses.keep(seen)
  expect(await kept(parts, seen)).toBe(START + 5)
  const { length } = parts.asked
  await parts.uses.keep(seen)
  await parts.uses.keepAll()
  expect(parts.asked).toHaveLength(length)
  seen.usedAt = START + 6
  await parts.uses.keepAll()
  expect(await kept(parts, seen)).toBe(START + 6)
})

test.each([
  { note: 'is over', change: (seen: Seen) => void (seen.isOver = true) },
  { note: 'was not used since it was read', change: (seen: Seen) => void (seen.usedAt = seen.usedInStore) },
])('no use is kept of one that $note', async ({ change }) => {
  const parts = sessionParts()
  const seen = await used(parts, START + 5)
  change(seen)
  await parts.uses.keep(seen)
  expect(await kept(parts, seen)).toBeUndefined()
})

test('a use that could not be kept is kept the next time', async () => {
  const parts = sessionParts()
  const seen = await used(parts, START + 5)
  parts.silence(['add'])
  await parts.uses.keepAll()
  expect(seen.usedInStore).toBe(START)
  parts.answerAll()
  await parts.uses.keepAll()
  expect([seen.usedInStore, await kept(parts, seen)]).toEqual([START + 5, START + 5])
})

test('uses of all are kept, fifty at a time, and of none that was not used', async () => {
  const parts = sessionParts()
  const all: Seen[] = []
  for (let n = 0; n < 101; n++) all.push(await used(parts, n === 7 ? START : START + n + 1))
  const before = parts.asked.length
  const keeping = parts.uses.keepAll()
  expect(parts.asked).toHaveLength(before + 50)
  await keeping
  const uses = await Promise.all(all.map((seen) => kept(parts, seen)))
  expect(uses).toEqual(all.map((_, n) => (n === 7 ? undefined : START + n + 1)))
})
