// When a watch looks for changes, and what it makes of looks that are cut short.
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Changes, Stored, Watcher } from './state-store.ts'
import { watchChanges } from './watch-changes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const page = (upTo: number, ...keys: readonly string[]): Stored<Changes> => ({
  ok: true,
  value: { upTo, complete: true, changed: keys.map((key) => ({ collection: 'session', key })) },
})

/** A watch of which the test answers the looks, one after the other. */
const watch = () => {
  const looks: { since: number | null; answer: (answer: Stored<Changes>) => Promise<unknown> }[] = []
  const told: unknown[] = []
  const watcher: Watcher = { onChange: (changed) => told.push(changed), onAnswering: (answers) => told.push(answers) }
  const store = { generation: 1 }
  const changes = (since: number | null) => {
    const { promise, resolve } = Promise.withResolvers<Stored<Changes>>()
    const answer = (answered: Stored<Changes>) => {
      resolve(answered)
      return vi.advanceTimersByTimeAsync(0)
    }
    looks.push({ since, answer })
    return promise
  }
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const watching = watchChanges({ changes, generation: () => store.generation, clock, watcher })
  onTestFinished(() => watching.close())
  const answer = async (answered: Stored<Changes>) => looks.at(-1)?.answer(answered)
  return { looks, told, store, watching, answer }
}

test('looks at once, and a quarter of a second after each answer, from where it was', async () => {
  const { looks, told, answer } = watch()
  await answer(page(7))
  await vi.advanceTimersByTimeAsync(249)
  expect(looks.map(({ since }) => since)).toEqual([null])
  await vi.advanceTimersByTimeAsync(1)
  await answer(page(9, 'a', 'b'))
  await answer(page(9))
  await vi.advanceTimersByTimeAsync(250)
  expect(looks.map(({ since }) => since)).toEqual([null, 7, 9, 9])
  expect(told).toEqual([[expect.objectContaining({ key: 'a' }), expect.objectContaining({ key: 'b' })]])
})

test('what was read while the threads were let go says nothing, and anything may have changed', async () => {
  const { looks, told, store, answer, watching } = watch()
  await answer(page(7))
  const before = watching.lastLook()
  await vi.advanceTimersByTimeAsync(250)
  store.generation = 2
  await answer(page(7))
  expect([told, watching.lastLook()]).toEqual([[false], before])
  await vi.advanceTimersByTimeAsync(250)
  await answer(page(3))
  expect(looks.map(({ since }) => since)).toEqual([null, 7, null])
  expect(told).toEqual([false, null, true])
  expect(watching.lastLook()).toBeGreaterThan(before)
})

test('a look that is under way when it is closed tells nothing, and is the last', async () => {
  for (const answered of [{ ok: false } as const, { ok: true, value: { upTo: 9, complete: false, changed: [] } } as const]) {
    const { looks, told, answer, watching } = watch()
    watching.close()
    await answer(answered)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([told, looks.length, watching.lastLook()]).toEqual([[], 1, Number.NEGATIVE_INFINITY])
  }
})

test('looks no more once it is closed between two looks', async () => {
  const { looks, answer, watching } = watch()
  await answer(page(7))
  watching.close()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(looks).toHaveLength(1)
})
