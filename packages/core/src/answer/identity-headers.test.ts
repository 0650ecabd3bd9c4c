import { describe, expect, test } from 'vitest'
import { ada, evaluationWith, payments } from '../../../../test/support/evaluations.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import { agentFacts, exampleFacts, workloadFacts } from '../testing/example-facts.ts'
import { identityHeaders } from './identity-headers.ts'

const headersOf = (facts: Partial<Facts>, assertion = '') =>
  Object.fromEntries(identityHeaders(evaluationWith({ identity: { ...ada, facts: { ...exampleFacts, ...facts } } }), assertion))

const NONE = { 'x-user': '', 'x-kind': '', 'x-groups': '', 'x-roles': '', 'x-assertion': '' }
const members = (...names: readonly string[]) => ({ names: new Set(names), complete: true })

describe('identity headers', () => {
  test.each<{ note: string; facts: Partial<Facts>; headers: Partial<typeof NONE> }>([
    {
      note: 'a person',
      facts: {},
      headers: { 'x-user': 'corp/ada', 'x-kind': 'human', 'x-groups': 'customers', 'x-roles': 'editor' },
    },
    { note: 'software for itself', facts: workloadFacts, headers: { 'x-user': 'corp/b41d', 'x-kind': 'workload' } },
    { note: 'an agent without a name of its own', facts: agentFacts, headers: { 'x-kind': 'agent' } },
    {
      note: 'what is unknown is said of nobody',
      facts: { user: UNKNOWN, workload: 'corp/w', kind: UNKNOWN, groups: UNKNOWN, roles: UNKNOWN },
      headers: {},
    },
    {
      note: 'nothing of what is absent',
      facts: { user: null, workload: null, kind: null, groups: null, roles: null },
      headers: {},
    },
    {
      note: 'several names, sorted',
      facts: { groups: members('b', 'a'), roles: members('d', 'c') },
      headers: { 'x-user': 'corp/ada', 'x-kind': 'human', 'x-groups': 'a,b', 'x-roles': 'c,d' },
    },
  ])('$note', ({ facts, headers }) => expect(headersOf(facts)).toStrictEqual({ ...NONE, ...headers }))

  test('nobody: all of them, empty', () => {
    expect(Object.fromEntries(identityHeaders(evaluationWith(), ''))).toStrictEqual(NONE)
  })

  test('the assertion is passed on', () => {
    expect(headersOf({}, 'a.b.c')).toMatchObject({ 'x-assertion': 'a.b.c', 'x-user': 'corp/ada' })
    expect(Object.fromEntries(identityHeaders(evaluationWith(), 'a.b.c'))).toStrictEqual({ ...NONE, 'x-assertion': 'a.b.c' })
  })

  test('in the order of what they carry', () => {
    expect(identityHeaders(evaluationWith(), '').map(([name]) => name)).toEqual([
      'x-user',
      'x-kind',
      'x-groups',
      'x-roles',
      'x-assertion',
    ])
  })

  test('no service: none', () => expect(identityHeaders(evaluationWith({ service: null }), 'a')).toEqual([]))

  test('under the names of the service', () => {
    const service = { ...payments, identityHeaders: { ...payments.identityHeaders, user: 'X-Auth-User' } }
    expect(identityHeaders(evaluationWith({ service, identity: ada }), '')[0]).toEqual(['X-Auth-User', 'corp/ada'])
  })
})

describe('what could be read two ways is encoded', () => {
  test.each([
    { note: 'what ends a field', text: 'a\r\nX: y', encoded: 'a%0D%0AX:%20y' },
    { note: 'what splits a list', text: 'a,b', encoded: 'a%2Cb' },
    { note: 'what looks encoded', text: '%41', encoded: '%2541' },
    { note: 'spaces at the edge', text: ' a ', encoded: '%20a%20' },
    { note: 'what is not ASCII, by whole characters', text: 'é😀', encoded: '%C3%A9%F0%9F%98%80' },
    { note: 'the edges of what is left', text: '!$&+-~', encoded: '!$&+-~' },
    { note: 'just beyond them', text: ' %,\u007f', encoded: '%20%25%2C%7F' },
  ])('$note', ({ text, encoded }) => {
    expect(headersOf({ user: text, groups: members(text), roles: members(text) })).toMatchObject({
      'x-user': encoded,
      'x-groups': encoded,
      'x-roles': encoded,
    })
  })
})
