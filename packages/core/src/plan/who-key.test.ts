import { describe, expect, test } from 'vitest'
import { all, any, EDITOR, factsWith, is, never, not } from '../../../../test/support/small-policy.ts'
import { type Facts, UNKNOWN } from '../model/fact.ts'
import type { Formula } from '../model/policy-image.ts'
import { type Keyed, valuesOf, whoKeyOf } from './who-key.ts'

const ADMINS = is('who.group', 'admins')

describe('who a formula is for', () => {
  test.each<{ note: string; who: Formula | null; key: ReturnType<typeof whoKeyOf> }>([
    { note: 'anybody', who: null, key: null },
    { note: 'a role', who: EDITOR, key: { fact: 'roles', values: ['editor'] } },
    { note: 'one of several groups', who: is('who.group', ['a', 'b']), key: { fact: 'groups', values: ['a', 'b'] } },
    { note: 'a user', who: is('who.user', 'corp/ada'), key: { fact: 'user', values: ['corp/ada'] } },
    { note: 'a condition over something else', who: is('who.kind', 'human'), key: null },
    { note: 'a value the request says', who: is('who.group', '$tenant'), key: null },
    { note: 'a user of which the request says a part', who: is('who.user', ['corp/ada', 'corp/$tenant']), key: null },
    { note: 'a value that is no text', who: is('who.role', 7), key: null },
    {
      note: 'the first part of all that is for somebody',
      who: all(is('who.kind', 'human'), EDITOR, ADMINS),
      key: { fact: 'roles', values: ['editor'] },
    },
    { note: 'all of which nothing is for somebody', who: all(is('who.kind', 'human')), key: null },
    { note: 'all of nothing', who: all(), key: null },
    {
      note: 'any over one fact',
      who: any(EDITOR, is('who.role', ['auditor', 'editor'])),
      key: { fact: 'roles', values: ['editor', 'auditor'] },
    },
    { note: 'any over several facts', who: any(EDITOR, ADMINS), key: null },
    { note: 'any with a part that is for everybody', who: any(EDITOR, is('who.kind', 'human')), key: null },
    { note: 'any that begins with a part that is for everybody', who: any(is('who.kind', 'human'), EDITOR), key: null },
    { note: 'any of nothing', who: any(), key: null },
    { note: 'not', who: not(EDITOR), key: null },
    { note: 'never', who: never, key: null },
    {
      note: 'nested',
      who: all(any(ADMINS, all(is('who.group', 'b'), EDITOR))),
      key: { fact: 'groups', values: ['admins', 'b'] },
    },
  ])('$note', ({ who, key }) => expect(whoKeyOf(who)).toEqual(key))
})

describe('the values a caller has', () => {
  const members = (complete: boolean) => ({ names: new Set(['a', 'b']), complete })
  test.each<{ note: string; fact: Keyed; facts: Partial<Facts>; values: readonly string[] | null }>([
    { note: 'groups', fact: 'groups', facts: { groups: members(true) }, values: ['a', 'b'] },
    { note: 'roles', fact: 'roles', facts: { roles: members(true) }, values: ['a', 'b'] },
    { note: 'groups that may be more', fact: 'groups', facts: { groups: members(false) }, values: null },
    { note: 'roles that may be more', fact: 'roles', facts: { roles: members(false) }, values: null },
    { note: 'no groups', fact: 'groups', facts: { groups: null }, values: [] },
    { note: 'unknown roles', fact: 'roles', facts: { roles: UNKNOWN }, values: null },
    { note: 'the user', fact: 'user', facts: { user: 'corp/ada' }, values: ['corp/ada'] },
    { note: 'no user', fact: 'user', facts: { user: null }, values: [] },
    { note: 'an unknown user', fact: 'user', facts: { user: UNKNOWN }, values: null },
  ])('$note', ({ fact, facts, values }) => {
    const found = valuesOf(fact, factsWith(facts))
    expect(found === null ? null : [...found]).toEqual(values)
  })
})
