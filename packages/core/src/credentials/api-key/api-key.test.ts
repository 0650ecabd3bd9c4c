import { expect, test } from 'vitest'
import { requestOf } from '../../../../../test/support/evaluations.ts'
import { makeTarget, manualSetup } from '../../../../../test/support/credential-target.ts'
import { apiKey } from './api-key.ts'

test('a key is found in the Authorization field, and nothing sends it but who means to', () => {
  const { kind, about, ambient, find } = apiKey
  expect({ kind, about, ambient }).toEqual({
    kind: 'api-key',
    about: 'a key that Balustrade gave out to a workload, sent as a bearer token',
    ambient: false,
  })
  expect(find(requestOf('GET https://pay.example.com/', { authorization: 'Bearer balk_a' }))).toEqual({ value: 'balk_a' })
  expect(apiKey.create(manualSetup()).verify('balk_a', makeTarget({ providers: {}, now: 0 }))).toEqual({
    status: 'unavailable',
    code: 'key.unavailable',
  })
})
