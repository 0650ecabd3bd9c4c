import { expect, test } from 'vitest'
import { CodedError } from './coded-error.ts'

test('carries its code, message and cause', () => {
  const cause = new Error('underneath')
  const error = new CodedError('store.down', 'the store does not answer', { cause })
  expect(error).toBeInstanceOf(Error)
  expect({ name: error.name, code: error.code, message: error.message, cause: error.cause }).toEqual({
    name: 'CodedError',
    code: 'store.down',
    message: 'the store does not answer',
    cause,
  })
})

test('has no cause when none was given', () => {
  expect('cause' in new CodedError('a.b', 'c')).toBe(false)
})
