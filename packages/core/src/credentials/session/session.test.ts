import { expect, test } from 'vitest'
import { requestOf } from '../../../../../test/support/evaluations.ts'
import { makeTarget, manualSetup } from '../../../../../test/support/credential-target.ts'
import { session } from './session.ts'

test('a session is found in a cookie, and counts as what a browser sends by itself', () => {
  const secret = 'a'.repeat(43)
  const { kind, about, ambient, find } = session
  expect({ kind, about, ambient }).toEqual({
    kind: 'session',
    about: 'a session of a browser that logged in, sent as a cookie of this host',
    ambient: true,
  })
  expect(find(requestOf('GET https://pay.example.com/', { cookie: `__Host-balustrade=${secret}` }))).toEqual({ value: secret })
  expect(session.create(manualSetup()).verify(secret, makeTarget({ providers: {}, now: 0 }))).toEqual({
    status: 'unavailable',
    code: 'session.unavailable',
  })
})
