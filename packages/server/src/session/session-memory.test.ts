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

test('what is in doubt is not fresh, and was never good; what all are in doubt of was good before', () => {
  const memory = createSessionMemory(() => {})
  const [a, b] = [memory.remember(read('a'), READING), memory.remember(read('b'), READING)]
  memory.doubt('a')
  expect([a.isFresh, a.confirmedAt]).toEqual([false, -Infinity])
  expect([b.isFresh, b.confirmedAt]).toEqual([true, 1])
  memory.doubtAll()
  expect([b.isFresh, b.confirmedAt]).toEqual([false, 1])
})

test('a look confirms what is not in doubt, and never earlier than before', () => {
  const memory = createSessionMemory(() => {})
  const [fresh, doubted] = [memory.remember(read('a'), READING), memory.remember(read('b'), READING)]
  memory.doubt('b')
  memory.confirm(5)
  expect([fresh.confirmedAt, doubted.confirmedAt]).toEqual([5, -Infinity])
  memory.confirm(3)
  expect(fresh.confirmedAt).toBe(5)
})

test('what is dropped is over for whoever holds it, and known no more', () => {
  const memory = createSessionMemory(() => {})
  const seen = memory.remember(read('a'), { at: 7, isWatched: false })
  expect(seen).toMatchObject({
    found: { status: 'found', session: seen.kept.session, unconfirmed: false },
    usedInStore: START,
    confirmedAt: 7,
    isFresh: false,
    isOver: false,
  })
  memory.drop('a')
  memory.drop('never known')
  expect(seen.isOver).toBe(true)
  expect(memory.get('a')).toBeUndefined()
})

test('twenty thousand are remembered', () => {
  const forgotten: string[] = []
  const memory = createSessionMemory(({ kept }) => forgotten.push(kept.session.id))
  for (let n = 0; n < 20_001; n++) memory.remember(read(`${n}`), READING)
  expect(forgotten).toEqual(['0'])
})
