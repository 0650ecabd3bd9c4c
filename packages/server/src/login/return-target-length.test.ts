import { expect, test } from 'vitest'
import { LONGEST_TARGET, parseReturnTarget } from './return-target.ts'

test.each([
  { note: 'as long as may be', length: LONGEST_TARGET, comesBack: true },
  { note: 'one character longer', length: LONGEST_TARGET + 1, comesBack: false },
])('a target that is $note', ({ length, comesBack }) => {
  const target = `/${'a'.repeat(length - 1)}`
  expect(parseReturnTarget(target)).toBe(comesBack ? target : null)
})
