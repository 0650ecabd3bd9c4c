import { describe, expect, test } from 'vitest'
import { corp } from '../../../../test/support/evaluations.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { Session } from '../model/credential-ports.ts'
import { FACTS_OF_KIND, UNKNOWN } from '../model/fact.ts'
import type { ProviderImage } from '../model/policy-image.ts'
import { createScopeLattice } from '../model/scope-lattice.ts'
import type { Issuer } from './issuer.ts'
import { sessionFacts } from './session-facts.ts'

const issuer = (over: Partial<ProviderImage> = {}): Issuer => ({
  name: 'corp',
  provider: { ...corp, ...over },
  groups: new Map([['g-1', ['admins']]]),
  roles: new Map(),
  scopes: createScopeLattice([]),
})

const facts = (session: Partial<Session>, from = issuer()) =>
  sessionFacts(
    { id: 'i', provider: 'corp', subject: 'ada', claims: {}, proofs: [{ auth_time: 1 }], expiresAt: 9, ...session },
    from,
  )

const proofs = (...each: readonly JsonObject[]) => facts({ proofs: each })

describe('whoever comes with a session', () => {
  test.each<{ note: string; claims: JsonObject; subject?: string; clientKind?: ProviderImage['clientKind'] }>([
    { note: 'plainly', claims: {} },
    { note: 'whose claims name a client', claims: { client_id: 'app', azp: 'app', aud: 'app' } },
    { note: 'whose subject is the name of that client', claims: { client_id: 'ada', azp: 'ada' } },
    { note: 'whose claims speak of scopes', claims: { scope: 'charges.write admin' } },
    { note: 'whose claims name an actor', claims: { act: { sub: 'bot' } } },
    { note: 'where clients are agents', claims: { client_id: 'ada' }, clientKind: 'agent' },
  ])('is a person without client and scopes: $note', ({ claims, clientKind }) => {
    const made = facts({ claims }, issuer(clientKind === undefined ? {} : { clientKind }))
    expect(made).toMatchObject({ ...FACTS_OF_KIND.session, provider: 'corp', user: 'corp/ada' })
  })

  test('belongs to what the provider lists, as the policy binds it now', () => {
    const made = facts({ claims: { groups: ['g-1', 'other'], tenant: 'acme', level: '3' } })
    expect(made.groups).toEqual({ names: new Set(['admins']), complete: true })
    expect(made.claims).toEqual(
      new Map<string, unknown>([
        ['tenant', 'acme'],
        ['level', UNKNOWN],
        ['beta', null],
        ['regions', null],
      ]),
    )
  })
})

describe('what was proved', () => {
  test('once', () => {
    expect(proofs({ acr: 'silver', amr: ['hwk'], auth_time: 100 })).toMatchObject({
      acr: 'silver',
      factors: [
        { level: 'any', at: 100_000 },
        { level: 'hardware', at: 100_000 },
      ],
      loginAt: 100_000,
    })
  })

  test('twice: each factor keeps its time, the login is the later, the class is that of the last', () => {
    expect(proofs({ acr: 'silver', auth_time: 100 }, { amr: ['hwk'], acr: 'gold', auth_time: 200 })).toMatchObject({
      acr: 'gold',
      factors: [
        { level: 'any', at: 100_000 },
        { level: 'hardware', at: 200_000 },
      ],
      loginAt: 200_000,
    })
  })

  test('a later authentication that says nothing of factors takes none back', () => {
    expect(proofs({ amr: ['hwk'], auth_time: 100 }, { auth_time: 200 })).toMatchObject({
      factors: [{ level: 'hardware', at: 100_000 }],
      loginAt: 200_000,
    })
  })

  test('the later login, in whatever order they are kept', () => {
    expect(proofs({ auth_time: 200 }, { auth_time: 100 }).loginAt).toBe(200_000)
  })

  test.each<{ note: string; proofs: readonly JsonObject[]; complete: ProviderImage['complete']; gives: object }>([
    {
      note: 'nothing is said by who tells all',
      proofs: [{}],
      complete: ['mfa'],
      gives: { acr: null, factors: [], loginAt: null },
    },
    {
      note: 'nothing is said by who may leave it out',
      proofs: [{}],
      complete: [],
      gives: { acr: UNKNOWN, factors: UNKNOWN, loginAt: UNKNOWN },
    },
    {
      note: 'what one says is known beside what another leaves out',
      proofs: [{}, { amr: ['hwk'], auth_time: 5 }],
      complete: [],
      gives: { factors: [{ level: 'hardware', at: 5_000 }], loginAt: 5_000, acr: UNKNOWN },
    },
    {
      note: 'a value of another type is unknown',
      proofs: [{ acr: 7, auth_time: 'now' }],
      complete: ['mfa'],
      gives: { acr: UNKNOWN, factors: UNKNOWN, loginAt: UNKNOWN },
    },
    {
      note: 'no authentication was kept at all',
      proofs: [],
      complete: ['mfa'],
      gives: { acr: null, factors: null, loginAt: null },
    },
  ])('$note', ({ proofs: kept, complete, gives }) => {
    expect(facts({ proofs: kept }, issuer({ complete }))).toMatchObject(gives)
  })

  test('what userinfo says of acr and amr is no proof', () => {
    const made = facts({ claims: { acr: 'silver', amr: ['hwk'], auth_time: 900 }, proofs: [{ auth_time: 100 }] })
    expect(made).toMatchObject({ acr: null, factors: [], loginAt: 100_000 })
  })
})
