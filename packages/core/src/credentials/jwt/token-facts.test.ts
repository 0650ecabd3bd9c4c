import { describe, expect, test } from 'vitest'
import type { Issuer } from '../../identity/issuer.ts'
import type { JsonObject } from '../../lib/strict-json.ts'
import { UNKNOWN } from '../../model/fact.ts'
import type { ProviderImage } from '../../model/policy-image.ts'
import { createScopeLattice } from '../../model/scope-lattice.ts'
import type { TokenClaims } from './token-claims.ts'
import { readTokenFacts } from './token-facts.ts'

const provider: ProviderImage = {
  issuer: 'https://idp.example',
  profile: 'rfc9068',
  algorithms: ['RS256'],
  jwksUri: null,
  lifetime: 3_600_000,
  loopback: false,
  claims: { tenant: 'string', level: 'number', staff: 'boolean', regions: 'strings' },
  groupsClaim: 'groups',
  rolesClaim: 'roles',
  complete: ['groups', 'roles', 'claims', 'mfa'],
  mfa: { acr: { gold: 'hardware' }, amr: {}, provedAt: 'auth_time' },
  clientKind: 'workload',
}
const issuer = (over: Partial<ProviderImage> = {}): Issuer => ({
  name: 'corp',
  provider: { ...provider, ...over },
  groups: new Map([['admins', ['admins']]]),
  roles: new Map([['r-1', ['auditor']]]),
  scopes: createScopeLattice([]),
})

const read = (all: object, over: Partial<TokenClaims> = {}, from = issuer()) =>
  readTokenFacts(
    { subject: 'alice', client: 'web', actor: null, id: 't1', expiresAt: 2, goodFrom: 1, all: all as JsonObject, ...over },
    from,
  )

const told = { groups: ['admins'], roles: ['r-1'], scope: 'read write', acr: 'gold', auth_time: 1_000, tenant: 't7' }

const human = {
  credential: 'jwt',
  kind: 'human',
  provider: 'corp',
  user: 'corp/alice',
  client: 'web',
  workload: null,
  actingFor: null,
  groups: { names: new Set(['admins']), complete: true },
  roles: { names: new Set(['auditor']), complete: true },
  claims: new Map<string, unknown>([
    ['tenant', 't7'],
    ['level', null],
    ['staff', null],
    ['regions', null],
  ]),
  scopes: new Set(['read', 'write']),
  acr: 'gold',
  factors: [{ level: 'hardware', at: 1_000_000 }],
  loginAt: 1_000_000,
}

test('a person', () => {
  expect(read(told)).toEqual({ facts: human, behalf: null })
})

test('software acting for itself has proved no factor and is no user', () => {
  const software = { ...human, user: null, client: 'batch', workload: 'corp/batch', acr: null, factors: null, loginAt: null }
  expect(read(told, { subject: 'batch', client: 'batch' }).facts).toEqual({ ...software, kind: 'workload' })
  expect(read(told, { subject: 'batch', client: 'batch' }, issuer({ clientKind: 'agent' })).facts).toEqual({
    ...software,
    kind: 'agent',
  })
  expect(read(told, { subject: 'batch', client: 'batch' }, issuer({ clientKind: 'human' })).facts).toMatchObject({
    kind: 'human',
    user: 'corp/batch',
    workload: null,
  })
})

test('an agent inherits nothing of the person but the scopes and client of the token', () => {
  expect(read(told, { actor: 'bot' })).toEqual({
    facts: {
      credential: 'jwt',
      kind: 'agent',
      provider: 'corp',
      user: null,
      client: 'web',
      workload: null,
      actingFor: 'corp/alice',
      groups: null,
      roles: null,
      claims: null,
      scopes: new Set(['read', 'write']),
      acr: null,
      factors: null,
      loginAt: null,
    },
    behalf: human,
  })
})

test('what is not said is unknown unless promised', () => {
  expect(read({}, { client: null }, issuer({ complete: [] })).facts).toMatchObject({
    client: UNKNOWN,
    groups: UNKNOWN,
    roles: UNKNOWN,
    claims: new Map([
      ['tenant', UNKNOWN],
      ['level', UNKNOWN],
      ['staff', UNKNOWN],
      ['regions', UNKNOWN],
    ]),
    scopes: null,
    acr: UNKNOWN,
    factors: UNKNOWN,
    loginAt: UNKNOWN,
  })
  expect(read({}, { client: null }).facts).toMatchObject({
    client: null,
    groups: null,
    roles: null,
    scopes: null,
    acr: null,
    factors: [],
    loginAt: null,
  })
})

test('each promise is for itself', () => {
  expect(read({}, {}, issuer({ complete: ['groups'] })).facts).toMatchObject({ groups: null, roles: UNKNOWN })
  expect(read({}, {}, issuer({ complete: ['roles'] })).facts).toMatchObject({ groups: UNKNOWN, roles: null })
})

describe('declared claims', () => {
  const claim = (name: string, value: unknown) => (read({ [name]: value }).facts.claims as ReadonlyMap<string, unknown>).get(name)
  test.each([
    ['tenant', ''],
    ['tenant', 'a b'],
    ['level', 0],
    ['level', -1.5],
    ['staff', false],
    ['staff', true],
    ['regions', []],
    ['regions', ['eu', '']],
  ])('%s %j', (name, value) => {
    expect(claim(name, value)).toEqual(value)
  })

  test.each([
    ['tenant', 7],
    ['tenant', null],
    ['tenant', ['t7']],
    ['tenant', 't\u00007'],
    ['level', '7'],
    ['level', true],
    ['staff', 'true'],
    ['staff', 1],
    ['regions', 'eu'],
    ['regions', ['eu', 7]],
    ['regions', ['e\nu']],
    ['regions', { eu: true }],
  ])('%s %j is unknown', (name, value) => {
    expect(claim(name, value)).toBe(UNKNOWN)
  })

  test('one that stands elsewhere is unknown, and undeclared ones are not kept', () => {
    const facts = read({ _claim_names: { tenant: 'src1' }, tenant: 't7', other: 1 }).facts
    expect(facts.claims).toEqual(
      new Map<string, unknown>([
        ['tenant', UNKNOWN],
        ['level', null],
        ['staff', null],
        ['regions', null],
      ]),
    )
  })
})

describe('scopes', () => {
  test.each([
    ['read', ['read']],
    ['a:b c/d ! # [ ] ~', ['a:b', 'c/d', '!', '#', '[', ']', '~']],
    ['a a', ['a']],
  ])('%j', (scope, names) => {
    expect(read({ scope }).facts.scopes).toEqual(new Set(names))
  })

  test.each(['', ' ', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', 'a"b', 'a\\b', 'ä', null, true, 7, ['read'], {}])(
    '%j is unknown',
    (scope) => {
      expect(read({ scope }).facts.scopes).toBe(UNKNOWN)
    },
  )
})
