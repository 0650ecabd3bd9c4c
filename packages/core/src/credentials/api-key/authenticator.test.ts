import { describe, expect, test } from 'vitest'
import { makeTarget, manualSetup } from '../../../../../test/support/credential-target.ts'
import { sha256Base64Url } from '../../lib/digest.ts'
import type { ApiKey, KeyFound, KeyReader } from '../../model/credential-ports.ts'
import { FACTS_OF_KIND } from '../../model/fact.ts'
import type { Authentication, CredentialTarget } from '../../model/identity.ts'
import { createKeyAuthenticator } from './authenticator.ts'

const KEY: ApiKey = { id: 'k1', subject: 'reporter', scopes: ['charges.*'], expiresAt: 9_000 }
const DECLARED = ['charges.*', 'charges.read', 'notes.read']
const found = (key = KEY, unconfirmed = false): KeyFound => ({ status: 'found', key, unconfirmed })
const target = ({ scopes = DECLARED, imageDigest = 'd1', serviceName = 'api' } = {}): CredentialTarget => {
  const made = makeTarget({ providers: {}, now: 5_000, imageDigest, serviceName })
  return { ...made, image: { ...made.image, scopes } }
}

const authenticatorOf = (find: KeyReader['find']) => createKeyAuthenticator({ ...manualSetup(), keys: { find } })

const identityOf = (authentication: unknown) => {
  const { status, identity } = authentication as Extract<Authentication, { readonly status: 'verified' }>
  expect(status).toBe('verified')
  return identity
}

describe('an API key', () => {
  test('is an identity: a workload of ours, what names the key, until when', () => {
    const { verify } = authenticatorOf(() => found())
    expect(verify('balk_presented', target())).toEqual({
      status: 'verified',
      identity: {
        kind: 'api-key',
        provider: 'balustrade',
        subject: 'reporter',
        credentialHash: sha256Base64Url('balk_presented'),
        credentialId: 'k1',
        behalf: null,
        expiresAt: 9_000,
        unconfirmed: false,
        facts: {
          ...FACTS_OF_KIND['api-key'],
          workload: 'balustrade/reporter',
          scopes: new Set(['charges.*', 'charges.read']),
        },
      },
    })
  })

  test('has nothing that a person has', () => {
    const { facts } = identityOf(authenticatorOf(() => found()).verify('balk_presented', target()))
    const persons = ['user', 'groups', 'roles', 'factors', 'loginAt', 'acr', 'client', 'actingFor', 'claims'] as const
    for (const name of persons) expect(facts[name], name).toBeNull()
  })

  test('never holds itself', () => {
    expect(JSON.stringify(authenticatorOf(() => found()).verify('balk_the-secret', target()))).not.toContain('the-secret')
  })

  test('is asked for as presented, at the time and from the address of the request, as the service puts up with it', () => {
    const asked: unknown[] = []
    const { verify } = authenticatorOf((...all) => {
      asked.push(all)
      return { status: 'unavailable' }
    })
    const strict = target()
    void verify('balk_a', strict)
    void verify('balk_a', { ...strict, service: { ...strict.service, sessions: 'lenient' } })
    expect(asked).toEqual([
      ['balk_a', { now: 5_000, address: strict.address, lenient: false }],
      ['balk_a', { now: 5_000, address: strict.address, lenient: true }],
    ])
  })

  test.each<{ note: string; answer: KeyFound; gives: Authentication }>([
    ...['malformed', 'unknown', 'expired', 'revoked', 'network'].map((why) => ({
      note: `it is ${why}`,
      answer: { status: 'refused', code: `key.${why}` } as const,
      gives: { status: 'rejected', code: `key.${why}`, http: 401 } as const,
    })),
    {
      note: 'nobody could be asked, which is no verdict on the caller',
      answer: { status: 'unavailable' },
      gives: { status: 'unavailable', code: 'key.unavailable' },
    },
  ])('is refused where $note, now or later', async ({ answer, gives }) => {
    expect(authenticatorOf(() => answer).verify('balk_a', target())).toEqual(gives)
    expect(await authenticatorOf(async () => answer).verify('balk_a', target())).toEqual(gives)
  })

  test('is unavailable, never absent, where nobody keeps keys', () => {
    const { verify } = createKeyAuthenticator(manualSetup())
    expect(verify('balk_a', target())).toEqual({ status: 'unavailable', code: 'key.unavailable' })
  })
})

describe('its scopes', () => {
  test.each([
    { note: 'that are declared', scopes: ['notes.read'], declared: DECLARED, gives: ['notes.read'] },
    { note: 'none', scopes: [], declared: DECLARED, gives: [] },
    { note: 'without those nobody declares any more', scopes: ['notes.read', 'gone'], declared: DECLARED, gives: ['notes.read'] },
    { note: 'without what a wildcard covered that nobody declares any more', scopes: ['*'], declared: DECLARED, gives: [] },
    {
      note: 'with those that were declared under its wildcard since',
      scopes: ['charges.*'],
      declared: ['charges.*', 'charges.void'],
      gives: ['charges.*', 'charges.void'],
    },
  ])('are $note', ({ scopes, declared, gives }) => {
    const { verify } = authenticatorOf(() => found({ ...KEY, scopes }))
    expect(identityOf(verify('balk_a', target({ scopes: declared }))).facts.scopes).toEqual(new Set(gives))
  })
})

describe('what was made of a key', () => {
  test('is used again for as long as nothing changes', () => {
    const { verify } = authenticatorOf(() => found())
    expect(verify('balk_a', target())).toBe(verify('balk_a', target()))
  })

  test.each<{ note: string; answer?: KeyFound; at?: CredentialTarget }>([
    { note: 'the key was changed', answer: found({ ...KEY }) },
    { note: 'nobody can confirm it any more', answer: found(KEY, true) },
    { note: 'the policy is another', at: target({ imageDigest: 'd2' }) },
    { note: 'it is at another service', at: target({ serviceName: 'other' }) },
  ])('is made anew where $note', ({ answer = found(), at = target() }) => {
    const answers = [found(), answer]
    const { verify } = authenticatorOf(() => answers.shift() as KeyFound)
    const first = verify('balk_a', target())
    expect(verify('balk_a', at)).not.toBe(first)
  })

  test('is asked about each time all the same', () => {
    const answers: KeyFound[] = [found(), { status: 'refused', code: 'key.revoked' }]
    const { verify } = authenticatorOf(() => answers.shift() as KeyFound)
    identityOf(verify('balk_a', target()))
    expect(verify('balk_a', target())).toMatchObject({ status: 'rejected', code: 'key.revoked' })
  })
})
