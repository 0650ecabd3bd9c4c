import { expect, test } from 'vitest'
import { attempt } from './attempt.ts'

test('gives what came of it, or what was thrown', () => {
  const error = new Error('x')
  const failing = (): never => {
    throw error
  }
  expect(attempt(() => 7)).toStrictEqual({ ok: true, value: 7 })
  expect(attempt(() => undefined)).toStrictEqual({ ok: true, value: undefined })
  expect(attempt(failing)).toStrictEqual({ ok: false, error })
})
