import { expect, test } from 'vitest'
import { at, person, START } from '../../../../test/support/sessions.ts'
import { firstKept } from './kept-session.ts'
import { createSessionMemory } from './session-memory.ts'

const { now } = at()
const read = (id: string, version = 1) => ({
  kept: firstKept(person(), { id, epoch: 0, now, absolute: 1_000 }),
  version,
  usedAt: START,
})
const READING = { at: 1, isWatched: true }

test('forgets those that were read longest ago, and tells, so that their uses are kept', () => {
  const forgotten: string[] = []
  const memory = createSessionMemory(({ kept }) => forgotten.push(kept.session.id), 3)
  for (const id of ['a', 'b', 'c', 'a', 'd', 'e']) memory.remember(read(id), READING)
  expect([...memory.all()].map(({ kept }) => kept.session.id)).toEqual(['a', 'd', 'e'])
  expect(forgotten).toEqual(['b', 'c'])
})

test('a change of one that is not known matters only where some were forgotten', () => {
  const memory = createSessionMemory(() => {}, 2)
  memory.remember(read('a'), READING)
  expect([memory.doubt('a'), memory.doubt('other')]).toEqual([true, false])
  for (const id of ['b', 'c']) memory.remember(read(id), READING)
  expect(memory.doubt('a')).toBe(true)
})

test('keeps the session that it had while its version is the same, and the later use', () => {
  const memory = createSessionMemory(() => {})
  const first = memory.remember(read('a'), READING)
  first.usedAt = START + 5
  const second = memory.remember(read('a'), READING)
  expect([second.kept, second.found, second.usedAt]).toEqual([first.kept, first.found, START + 5])
  expect(second.kept).toBe(first.kept)
  const third = memory.remember(read('a', 2), READING)
  expect(third.kept).not.toBe(first.kept)
  expect(third.usedAt).toBe(START + 5)
})
