import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBell } from './bell.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('tells at once, and once more for whatever was rung in the tenth of a second after', () => {
  const bell = createBell()
  const told: [number, number] = [0, 0]
  bell.onRing(() => told[0]++)
  bell.onRing(() => told[1]++)
  bell.ring()
  expect(told).toEqual([1, 1])
  for (let n = 0; n < 50; n++) bell.ring()
  expect(told).toEqual([1, 1])
  vi.advanceTimersByTime(100)
  expect(told).toEqual([2, 2])
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([2, 2])
  bell.ring()
  expect(told).toEqual([3, 3])
})

test('tells nobody once it is closed', () => {
  const bell = createBell()
  let told = 0
  bell.onRing(() => told++)
  bell.ring()
  bell.ring()
  bell.close()
  vi.advanceTimersByTime(1_000)
  bell.ring()
  expect(told).toBe(1)
})
