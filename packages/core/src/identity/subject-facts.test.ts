import { expect, test } from 'vitest'
import { corp } from '../../../../test/support/evaluations.ts'
import type { JsonValue } from '../lib/strict-json.ts'
import { UNKNOWN } from '../model/fact.ts'
import type { ProviderImage } from '../model/policy-image.ts'
import { createScopeLattice } from '../model/scope-lattice.ts'
import { subjectFacts, type Told } from './subject-facts.ts'

const facts = (told: Partial<Told>, over: Partial<ProviderImage> = {}) =>
  subjectFacts(
    { credential: 'jwt', subject: 'ada', client: null, all: {}, ...told },
    {
      name: 'corp',
      provider: { ...corp, ...over },
      groups: new Map([['g-1', ['admins']]]),
      roles: new Map([['r-1', ['auditor']]]),
      scopes: createScopeLattice(['charges.read', 'charges.write', 'charges.*']),
    },
  )

test.each<{ note: string; told: Partial<Told>; over?: Partial<ProviderImage>; gives: object }>([
  { note: 'a person', told: {}, gives: { kind: 'human', user: 'corp/ada', workload: null } },
  { note: 'a person by a client', told: { client: 'app' }, gives: { kind: 'human', user: 'corp/ada', client: 'app' } },
  {
    note: 'a client for itself',
    told: { subject: 'app', client: 'app' },
    gives: { kind: 'workload', user: null, workload: 'corp/app' },
  },
  {
    note: 'a client for itself, where clients are agents',
    told: { subject: 'app', client: 'app' },
    over: { clientKind: 'agent' },
    gives: { kind: 'agent', user: null, workload: 'corp/app' },
  },
  { note: 'the kind of credential it came by', told: { credential: 'session' }, gives: { credential: 'session' } },
  { note: 'no client, by who tells all', told: {}, gives: { client: null } },
  { note: 'no client, by who may leave it out', told: {}, over: { complete: [] }, gives: { client: UNKNOWN } },
  {
    note: 'scopes, and those that a declared wildcard among them covers',
    told: { all: { scope: 'openid charges.*' } },
    gives: { scopes: new Set(['openid', 'charges.*', 'charges.read', 'charges.write']) },
  },
  { note: 'scopes, and a wildcard nobody declared', told: { all: { scope: '*' } }, gives: { scopes: new Set(['*']) } },
  {
    note: 'memberships, as they are bound',
    told: { all: { groups: ['g-1'], roles: ['r-1', 'x'] } },
    gives: { groups: { names: new Set(['admins']), complete: true }, roles: { names: new Set(['auditor']), complete: true } },
  },
  {
    note: 'software has proved no factor and has not logged in, whatever its token says',
    told: { subject: 'app', client: 'app', all: { acr: 'silver', amr: ['hwk'], auth_time: 5 } },
    gives: { acr: null, factors: null, loginAt: null },
  },
  {
    note: 'a person has proved what the provider says',
    told: { all: { acr: 'silver', auth_time: 5 } },
    gives: { acr: 'silver', loginAt: 5_000 },
  },
  { note: 'nobody acts for anybody by claims alone', told: { all: { act: { sub: 'bot' } } }, gives: { actingFor: null } },
])('$note', ({ told, over, gives }) => expect(facts(told, over)).toMatchObject(gives))

test.each<{ note: string; scope: JsonValue | undefined; gives: unknown }>([
  { note: 'several', scope: 'a b:c', gives: new Set(['a', 'b:c']) },
  { note: 'none are told: there are none', scope: undefined, gives: null },
  { note: 'an empty text', scope: '', gives: UNKNOWN },
  { note: 'two spaces', scope: 'a  b', gives: UNKNOWN },
  { note: 'a quote', scope: 'a"b', gives: UNKNOWN },
  { note: 'a list', scope: ['a'], gives: UNKNOWN },
])('scopes: $note', ({ scope, gives }) => {
  expect(facts({ all: scope === undefined ? {} : { scope } }).scopes).toEqual(gives)
})

test.each<{ note: string; name: string; value: JsonValue; gives: unknown }>([
  { note: 'a text', name: 'tenant', value: 'acme', gives: 'acme' },
  { note: 'a number for a text', name: 'tenant', value: 7, gives: UNKNOWN },
  { note: 'a text that would move a cursor', name: 'tenant', value: 'a\u001b[2K', gives: UNKNOWN },
  { note: 'a number', name: 'level', value: 3, gives: 3 },
  { note: 'a text for a number', name: 'level', value: '3', gives: UNKNOWN },
  { note: 'a flag', name: 'beta', value: false, gives: false },
  { note: 'a text for a flag', name: 'beta', value: 'true', gives: UNKNOWN },
  { note: 'texts', name: 'regions', value: ['eu'], gives: ['eu'] },
  { note: 'texts, and one that would move a cursor', name: 'regions', value: ['eu', 'a\u001b[2K'], gives: UNKNOWN },
  { note: 'one text for several', name: 'regions', value: 'eu', gives: UNKNOWN },
])('claims: $note', ({ name, value, gives }) => {
  const { claims } = facts({ all: { [name]: value } })
  expect(claims instanceof Map && claims.get(name)).toEqual(gives)
})

test.each<{ note: string; all: Told['all']; complete?: ProviderImage['complete']; gives: unknown }>([
  { note: 'not said by who says all', all: {}, gives: null },
  { note: 'not said by who may leave them out', all: {}, complete: [], gives: UNKNOWN },
  { note: 'said to be elsewhere', all: { _claim_names: { tenant: 'src1' } }, gives: UNKNOWN },
  { note: 'said to be elsewhere, and here too', all: { _claim_names: { tenant: 'src1' }, tenant: 'acme' }, gives: UNKNOWN },
  { note: 'another one is elsewhere', all: { _claim_names: { level: 'src1' }, tenant: 'acme' }, gives: 'acme' },
])('a claim: $note', ({ all, complete = ['claims'], gives }) => {
  const { claims } = facts({ all }, { complete })
  expect(claims instanceof Map && claims.get('tenant')).toEqual(gives)
})

test('claims that are not declared are not read', () => {
  const { claims } = facts({ all: { secret: 'x' } })
  expect(claims instanceof Map && claims.has('secret')).toBe(false)
})
