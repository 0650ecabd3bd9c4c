import { expect, test } from 'vitest'
import { attempt, attemptAsync } from './attempt.ts'

const thrown = [new Error('no'), 'text', undefined, null, 0]

test('a value comes back, a falsy one too', async () => {
  for (const value of [1, 0, '', null, undefined, false]) {
    expect(attempt(() => value)).toEqual({ ok: true, value })
    expect(await attemptAsync(async () => value)).toEqual({ ok: true, value })
  }
})

test.each(thrown.map((error) => ({ error })))('whatever is thrown comes back: $error', async ({ error }) => {
  const fail = (): never => {
    throw error
  }
  expect(attempt(fail)).toEqual({ ok: false, error })
  expect(await attemptAsync(fail)).toEqual({ ok: false, error })
  expect(await attemptAsync(() => Promise.reject(error as Error))).toEqual({ ok: false, error })
})
