import { afterEach, expect, test } from 'vitest'
import { createOffenders, type Offenders } from './offenders.ts'

let now = 0
let offenders: Offenders
afterEach(() => offenders.close())

test('four offences, each within ten seconds of the last, are held against an address until it was quiet for as long', () => {
  now = 0
  offenders = createOffenders(() => now)
  for (let n = 0; n < 3; n++) {
    offenders.note('a')
    now += 10_000
  }
  expect(offenders.include('a')).toBe(false)
  offenders.note('a')
  now += 10_000
  expect([offenders.include('a'), offenders.include('b')]).toEqual([true, false])
  now += 1
  expect(offenders.include('a')).toBe(false)
  offenders.note('a')
  expect(offenders.include('a')).toBe(false)
})
