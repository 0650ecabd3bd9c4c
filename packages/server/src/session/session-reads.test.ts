import { expect, test } from 'vitest'
import { at, person, START } from '../../../../test/support/sessions.ts'
import type { Stored } from '../state/state-store.ts'
import { firstKept } from './kept-session.ts'
import type { ReadSession, SessionLedger } from './session-ledger.ts'
import { createSessionMemory } from './session-memory.ts'
import { createSessionReads } from './session-reads.ts'

const readOf = (version: number): Stored<ReadSession> => ({
  ok: true,
  value: { kept: firstKept(person(), { id: 'a', epoch: 0, now: at().now, absolute: 1_000 }), version, usedAt: START },
})
const NONE: Stored<ReadSession | null> = { ok: true, value: null }

/** Reads that are answered when the test says so, in order. */
const reads = ({ isWatched = (): boolean => true } = {}) => {
  const open: ((answer: Stored<ReadSession | null>) => void)[] = []
  let monotonic = 0
  let changes = 0
  let begun = 0
  const ledger: Pick<SessionLedger, 'read'> = {
    read: () => {
      begun++
      return new Promise((resolve) => void open.push(resolve))
    },
  }
  const memory = createSessionMemory(() => {})
  const made = createSessionReads({
    ledger,
    memory,
    reading: () => ({ at: monotonic++, isWatched: isWatched() }),
    onChange: () => changes++,
  })
  const answer = async (given: Stored<ReadSession | null>) => {
    open.shift()?.(given)
    await new Promise((resolve) => void setImmediate(resolve))
  }
  return { ...made, memory, answer, begun: () => begun, changes: () => changes }
}

test('whoever asks while a session is read waits for the same answer; later it is read anew', async () => {
  const { read, answer, begun } = reads()
  const [first, second] = [read('a'), read('a')]
  expect(second).toBe(first)
  expect(begun()).toBe(1)
  void read('b')
  expect(begun()).toBe(2)
  await answer(readOf(1))
  expect(await first).toMatchObject({ ok: true, value: { version: 1, confirmedAt: 0, isFresh: true } })
  void read('a')
  expect(begun()).toBe(3)
})

test('what is read before changes are told is not fresh', async () => {
  const { read, answer } = reads({ isWatched: () => false })
  const reading = read('a')
  await answer(readOf(1))
  expect(await reading).toMatchObject({ value: { isFresh: false } })
})

test('what the store does not answer says nothing of what is remembered', async () => {
  const { read, answer, memory, changes } = reads()
  void read('a')
  await answer(readOf(1))
  const reading = read('a')
  await answer({ ok: false })
  expect(await reading).toEqual({ ok: false })
  expect(memory.get('a')?.version).toBe(1)
  expect(changes()).toBe(0)
})

test.each<{ note: string; before: Stored<ReadSession | null> | null; after: Stored<ReadSession | null>; changes: number }>([
  { note: 'one that was not known', before: null, after: readOf(1), changes: 0 },
  { note: 'none, as before', before: null, after: NONE, changes: 0 },
  { note: 'the same', before: readOf(1), after: readOf(1), changes: 0 },
  { note: 'another', before: readOf(1), after: readOf(2), changes: 1 },
  { note: 'none any more', before: readOf(1), after: NONE, changes: 1 },
])('is told where somebody may rest on it: $note', async ({ before, after, changes }) => {
  const made = reads()
  if (before !== null) {
    void made.read('a')
    await made.answer(before)
  }
  const reading = made.read('a')
  await made.answer(after)
  expect(made.changes()).toBe(changes)
  const found = await reading
  expect(found.ok && found.value).toBe(made.memory.get('a') ?? null)
})

test.each(['overtake', 'overtakeAll'] as const)(
  'what was overtaken is read again, and the later answer counts (%s)',
  async (how) => {
    const made = reads()
    const reading = made.read('a')
    made[how]('a')
    await made.answer(readOf(1))
    expect(made.begun()).toBe(2)
    expect(made.memory.get('a')).toBeUndefined()
    await made.answer(readOf(2))
    expect(await reading).toMatchObject({ value: { version: 2, confirmedAt: 1 } })
  },
)

test('a change of another session overtakes nothing', async () => {
  const made = reads()
  const reading = made.read('a')
  made.overtake('b')
  await made.answer(readOf(1))
  expect(await reading).toMatchObject({ value: { version: 1 } })
})

test('after twenty changes it counts as not found out', async () => {
  const made = reads()
  const reading = made.read('a')
  for (let times = 0; times < 20; times++) {
    made.overtake('a')
    await made.answer(readOf(times))
  }
  expect(await reading).toEqual({ ok: false })
  expect(made.begun()).toBe(20)
  const again = made.read('a')
  for (let times = 0; times < 19; times++) {
    made.overtake('a')
    await made.answer(readOf(times))
  }
  await made.answer(readOf(99))
  expect(await again).toMatchObject({ value: { version: 99 } })
})
