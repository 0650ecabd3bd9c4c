import { expect, test } from 'vitest'
import { createThrottle } from './throttle.ts'

const build = () => {
  let time = 0
  return { throttle: createThrottle(() => time), pass: (ms: number) => (time += ms) }
}
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index))

test('five attempts for a name, then none until a minute is over', () => {
  const { throttle, pass } = build()
  expect(times(7, () => throttle.attempt('mia'))).toEqual([true, true, true, true, true, false, false])
  expect(throttle.attempt('ada')).toBe(true)
  pass(59_999)
  expect(throttle.attempt('mia')).toBe(false)
  pass(1)
  expect(throttle.attempt('mia')).toBe(true)
})

test('a right answer gives the attempts back', () => {
  const { throttle } = build()
  times(4, () => throttle.attempt('mia'))
  throttle.forgive('mia')
  expect(times(6, () => throttle.attempt('mia'))).toEqual([true, true, true, true, true, false])
})

test('many names are slowed down together', () => {
  const { throttle, pass } = build()
  expect(times(60, (index) => throttle.attempt(`guess-${index}`)).filter(Boolean)).toHaveLength(50)
  expect(throttle.attempt('mia')).toBe(false)
  pass(60_000)
  expect(throttle.attempt('mia')).toBe(true)
})
