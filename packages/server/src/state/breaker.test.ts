import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBreaker } from './breaker.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A breaker whose probes answer what the test says. */
const open = () => {
  const told: string[] = []
  let works = false
  let probes = 0
  const breaker = createBreaker({
    probe: async () => {
      probes++
      return works
    },
    onOpened: (why) => told.push(why),
    onClosed: () => told.push('closed'),
  })
  return {
    ...breaker,
    told,
    probes: () => probes,
    mend: () => {
      works = true
    },
    failTimes: (times: number) => {
      for (let n = 0; n < times; n++) breaker.failed(`failure ${n}`)
    },
  }
}

test('opens at the fifth failure in a row, and tells once', () => {
  const { failTimes, succeeded, allows, told } = open()
  failTimes(4)
  succeeded()
  failTimes(4)
  expect([allows(), told]).toEqual([true, []])
  failTimes(3)
  expect([allows(), told]).toEqual([false, ['failure 0']])
})

test('opens at once where it is told to, and once', () => {
  const { trip, allows, told } = open()
  trip('gone')
  trip('gone again')
  expect([allows(), told]).toEqual([false, ['gone']])
})

test('probes after a tenth of a second, then twice as late each time, at most after two seconds', async () => {
  const { trip, probes, allows, mend, told } = open()
  trip('gone')
  let expected = 0
  for (const pause of [100, 200, 400, 800, 1_600, 2_000, 2_000]) {
    await vi.advanceTimersByTimeAsync(pause - 1)
    expect(probes()).toBe(expected)
    await vi.advanceTimersByTimeAsync(1)
    expect([probes(), allows()]).toEqual([++expected, false])
  }
  mend()
  await vi.advanceTimersByTimeAsync(2_000)
  expect([allows(), told]).toEqual([true, ['gone', 'closed']])
})

test('goes on more slowly where a probe was all that worked, and as at first where something else did', async () => {
  const { trip, probes, mend, succeeded } = open()
  mend()
  trip('gone')
  await vi.advanceTimersByTimeAsync(100)
  expect(probes()).toBe(1)
  trip('gone')
  await vi.advanceTimersByTimeAsync(100)
  expect(probes()).toBe(1)
  await vi.advanceTimersByTimeAsync(100)
  expect(probes()).toBe(2)
  succeeded()
  trip('gone')
  await vi.advanceTimersByTimeAsync(100)
  expect(probes()).toBe(3)
})

test('five failures are needed again after it closed', async () => {
  const { failTimes, mend, allows } = open()
  failTimes(5)
  mend()
  await vi.advanceTimersByTimeAsync(100)
  failTimes(4)
  expect(allows()).toBe(true)
  failTimes(1)
  expect(allows()).toBe(false)
})

test('probes no more and opens no more once it is closed for good', async () => {
  const { trip, close, probes, told, allows } = open()
  trip('gone')
  close()
  await vi.advanceTimersByTimeAsync(10_000)
  expect([probes(), allows()]).toEqual([0, false])
  const other = open()
  other.close()
  other.trip('gone')
  expect([other.allows(), other.told, told]).toEqual([true, [], ['gone']])
})

test('a probe that is under way when it is closed for good is the last', async () => {
  const { trip, close, probes } = open()
  trip('gone')
  vi.advanceTimersByTime(100)
  close()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(probes()).toBe(1)
})
