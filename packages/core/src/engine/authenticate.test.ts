import { describe, expect, test } from 'vitest'
import { ada, payments, requestOf } from '../../../../test/support/evaluations.ts'
import type { Authentication, CredentialDefinition, CredentialTarget } from '../model/identity.ts'
import { EXAMPLE_NOW, exampleImage } from '../testing/example-facts.ts'
import { authenticate, type CredentialPoint } from './authenticate.ts'

const VERIFIED: Authentication = { status: 'verified', identity: ada }
const REQUEST = requestOf('GET https://acme.pay.example.com/')
const target = (accepted: readonly 'jwt'[] = ['jwt']): CredentialTarget => ({
  serviceName: 'payments',
  service: { ...payments, credentials: accepted },
  image: exampleImage,
  imageDigest: 'sha256:x',
  now: EXAMPLE_NOW,
  address: REQUEST.transport.client,
})

const pointThat = (found: ReturnType<CredentialDefinition['find']>, verified: string[] = []): CredentialPoint => ({
  definition: { kind: 'jwt', about: 'as told', ambient: false, find: () => found, create: () => expect.fail('made twice') },
  authenticator: {
    verify: (artefact, at) => {
      verified.push(`${artefact} at ${at.serviceName}`)
      return VERIFIED
    },
    close: () => {},
  },
})

const NOTHING = pointThat(null)
const ONE = pointThat({ value: 'a' })
const rejected = (code: string, http: 400 | 401): Authentication => ({ status: 'rejected', code, http })

describe('one credential of a kind the service accepts', () => {
  test.each<{ note: string; points: readonly CredentialPoint[]; accepted?: readonly 'jwt'[]; gives: Authentication }>([
    { note: 'no kind is known', points: [], gives: { status: 'absent' } },
    { note: 'none was sent', points: [NOTHING, NOTHING], gives: { status: 'absent' } },
    { note: 'none was sent where none is accepted', points: [NOTHING], accepted: [], gives: { status: 'absent' } },
    { note: 'one was', points: [NOTHING, ONE, NOTHING], gives: VERIFIED },
    { note: 'two were (RFC 6750 section 2)', points: [ONE, ONE], gives: rejected('credential.several', 400) },
    {
      note: 'two were, one of them malformed',
      points: [ONE, pointThat({ malformed: 'credential.malformed' })],
      gives: rejected('credential.several', 400),
    },
    {
      note: 'one is malformed',
      points: [pointThat({ malformed: 'credential.malformed' })],
      gives: rejected('credential.malformed', 401),
    },
    {
      note: 'one kind finds several',
      points: [pointThat({ malformed: 'credential.several' })],
      gives: rejected('credential.several', 400),
    },
    {
      note: 'one that the service does not accept',
      points: [ONE],
      accepted: [],
      gives: rejected('credential.not_accepted', 401),
    },
    { note: 'an empty one is for its kind to judge', points: [pointThat({ value: '' })], gives: VERIFIED },
  ])('$note', ({ points, accepted, gives }) => expect(authenticate(points, REQUEST, target(accepted))).toEqual(gives))

  test('is verified as it was sent, for where it was presented', () => {
    const verified: string[] = []
    void authenticate([pointThat({ value: 'abc' }, verified)], REQUEST, target())
    expect(verified).toEqual(['abc at payments'])
  })

  test('what is refused beforehand is not verified', () => {
    const verified: string[] = []
    void authenticate([pointThat({ value: 'abc' }, verified)], REQUEST, target([]))
    void authenticate([pointThat({ malformed: 'credential.malformed' }, verified)], REQUEST, target())
    expect(verified).toEqual([])
  })
})
