import { describe, expect, test } from 'vitest'
import { corp } from '../../../../../test/support/evaluations.ts'
import { makeTarget, manualSetup } from '../../../../../test/support/credential-target.ts'
import type { Session, SessionFound, SessionReader } from '../../model/credential-ports.ts'
import type { Authentication, CredentialTarget } from '../../model/identity.ts'
import { createSessionAuthenticator } from './authenticator.ts'

const SESSION: Session = {
  id: 'id-of-it',
  provider: 'corp',
  subject: 'ada',
  claims: { groups: ['admins'], tenant: 'acme' },
  proofs: [{ acr: 'silver', auth_time: 1_000 }],
  expiresAt: 9_000,
}
const found = (session = SESSION, unconfirmed = false): SessionFound => ({ status: 'found', session, unconfirmed })
const target = (changes: Partial<Parameters<typeof makeTarget>[0]> = {}): CredentialTarget =>
  makeTarget({ providers: { corp, partners: corp }, groups: { admins: { ids: {} } }, now: 5_000, ...changes })

const readerOf = (answer: () => ReturnType<SessionReader['find']>) => {
  const asked: unknown[] = []
  const find: SessionReader['find'] = (secret, options) => {
    asked.push([secret, options])
    return answer()
  }
  return { asked, reader: { find } }
}

const authenticatorOf = (answer: () => ReturnType<SessionReader['find']>) =>
  createSessionAuthenticator({ ...manualSetup(), sessions: readerOf(answer).reader })

const rejected = (code: string): Authentication => ({ status: 'rejected', code, http: 401, lapsed: true })

describe('a session', () => {
  test('is an identity: whose it is, what it is kept under, until when', () => {
    expect(authenticatorOf(() => found()).verify('secret', target())).toMatchObject({
      status: 'verified',
      identity: {
        kind: 'session',
        provider: 'corp',
        subject: 'ada',
        credentialHash: 'id-of-it',
        credentialId: null,
        behalf: null,
        expiresAt: 9_000,
        unconfirmed: false,
        facts: { credential: 'session', user: 'corp/ada', acr: 'silver', loginAt: 1_000_000 },
      },
    })
  })

  test('never holds its secret', () => {
    expect(JSON.stringify(authenticatorOf(() => found()).verify('the-secret', target()))).not.toContain('the-secret')
  })

  test('is asked for by its secret, at the time of the request, as the service puts up with it', () => {
    const { asked, reader } = readerOf(() => found())
    const { verify } = createSessionAuthenticator({ ...manualSetup(), sessions: reader })
    const strict = target()
    void verify('s', strict)
    void verify('s', { ...strict, service: { ...strict.service, sessions: 'lenient' } })
    expect(asked).toEqual([
      ['s', { now: 5_000, lenient: false }],
      ['s', { now: 5_000, lenient: true }],
    ])
  })

  test('that nobody could confirm says so', () => {
    expect(authenticatorOf(() => found(SESSION, true)).verify('s', target())).toMatchObject({ identity: { unconfirmed: true } })
  })

  test.each<{ note: string; answer: SessionFound; at?: CredentialTarget; gives: Authentication }>([
    { note: 'there is none', answer: { status: 'none', code: 'session.none' }, gives: rejected('session.none') },
    { note: 'it is over', answer: { status: 'none', code: 'session.expired' }, gives: rejected('session.expired') },
    {
      note: 'nobody could be asked, which is no verdict on the caller',
      answer: { status: 'unavailable' },
      gives: { status: 'unavailable', code: 'session.unavailable' },
    },
    {
      note: 'its provider is not accepted here',
      answer: found(),
      at: target({ accepts: ['partners'] }),
      gives: rejected('session.provider'),
    },
    {
      note: 'its provider is not declared any more',
      answer: found({ ...SESSION, provider: 'gone' }),
      at: target({ accepts: ['gone'] }),
      gives: rejected('session.provider'),
    },
    {
      note: 'its provider has a name that every object knows',
      answer: found({ ...SESSION, provider: 'constructor' }),
      at: target({ accepts: ['constructor'] }),
      gives: rejected('session.provider'),
    },
  ])('is refused where $note, now or later', async ({ answer, at = target(), gives }) => {
    expect(authenticatorOf(() => answer).verify('s', at)).toEqual(gives)
    expect(await authenticatorOf(async () => answer).verify('s', at)).toEqual(gives)
  })

  test('is unavailable, never absent, where nobody keeps sessions', () => {
    const { verify } = createSessionAuthenticator(manualSetup())
    expect(verify('s', target())).toEqual({ status: 'unavailable', code: 'session.unavailable' })
  })

  test('that is found later is the same', async () => {
    expect(await authenticatorOf(async () => found()).verify('s', target())).toEqual(
      authenticatorOf(() => found()).verify('s', target()),
    )
  })
})

describe('what was made of a session', () => {
  const verifyTwice = (first: readonly [SessionFound, CredentialTarget], second: readonly [SessionFound, CredentialTarget]) => {
    const answers = [first[0], second[0]]
    const { verify } = authenticatorOf(() => answers.shift() as SessionFound)
    return [verify('s', first[1]), verify('s', second[1])] as const
  }

  test('is used again for as long as nothing changes', () => {
    const [one, two] = verifyTwice([found(), target()], [found(), target()])
    expect(two).toBe(one)
  })

  test.each<{
    note: string
    first?: readonly [SessionFound, CredentialTarget]
    second: readonly [SessionFound, CredentialTarget]
  }>([
    { note: 'the session was elevated', second: [found({ ...SESSION, proofs: [{ acr: 'gold' }] }), target()] },
    { note: 'the policy is another', second: [found(), target({ imageDigest: 'd2', groups: {} })] },
    { note: 'nobody can confirm it any more', second: [found(SESSION, true), target()] },
    {
      note: 'it is at another service, which does not accept its provider',
      second: [found(), target({ serviceName: 'other', accepts: [] })],
    },
  ])('is made anew where $note', ({ second }) => {
    const [one, two] = verifyTwice([found(), target()], second)
    expect(two).not.toEqual(one)
  })

  test('a policy in which a group is bound otherwise holds for whoever is logged in', () => {
    const session = found()
    const [one, two] = verifyTwice(
      [session, target()],
      [session, target({ imageDigest: 'd2', groups: { staff: { ids: { corp: ['admins'] } } } })],
    )
    const groupsOf = (authentication: unknown) =>
      (authentication as { identity: { facts: { groups: { names: Set<string> } } } }).identity.facts.groups.names
    expect([groupsOf(one), groupsOf(two)]).toEqual([new Set(['admins']), new Set(['staff'])])
  })

  test('a session that ended is refused, whatever was made of it', () => {
    const [, two] = verifyTwice([found(), target()], [{ status: 'none', code: 'session.none' }, target()])
    expect(two).toEqual(rejected('session.none'))
  })

  test('goes when the authenticator is closed', () => {
    const authenticator = authenticatorOf(() => found())
    const one = authenticator.verify('s', target())
    authenticator.close()
    expect(authenticator.verify('s', target())).not.toBe(one)
  })
})
