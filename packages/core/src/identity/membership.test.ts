import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../lib/strict-json.ts'
import { UNKNOWN } from '../model/fact.ts'
import { bindingsOf, isElsewhere, readMembership } from './membership.ts'

const declared = {
  admins: { ids: {} },
  staff: { ids: { corp: ['0f3c', '77aa'] } },
  crew: { ids: { corp: ['0f3c'], partner: ['crew-id'] } },
  guests: { ids: { partner: ['admins', 'guest'] } },
}

describe('bindings', () => {
  test('a name stands for itself unless ids are bound somewhere', () => {
    expect([...bindingsOf(declared, 'corp')]).toEqual([
      ['admins', ['admins']],
      ['0f3c', ['staff', 'crew']],
      ['77aa', ['staff']],
    ])
  })

  test('ids of one provider mean nothing at another', () => {
    expect([...bindingsOf(declared, 'partner')]).toEqual([
      ['admins', ['admins', 'guests']],
      ['crew-id', ['crew']],
      ['guest', ['guests']],
    ])
    expect([...bindingsOf(declared, 'toString')]).toEqual([['admins', ['admins']]])
  })
})

const read = (claims: object, complete = true, name: string | null = 'groups') =>
  readMembership(claims as JsonObject, { name, bindings: bindingsOf(declared, 'corp'), complete })

describe('must pass', () => {
  test('whole elements that are bound', () => {
    expect(read({ groups: ['0f3c', 'admins', 'nobody', 'staff'] })).toEqual({
      names: new Set(['staff', 'crew', 'admins']),
      complete: true,
    })
    expect(read({ groups: ['77aa'] }, false)).toEqual({ names: new Set(['staff']), complete: false })
    expect(read({ groups: [] })).toEqual({ names: new Set(), complete: true })
  })

  test('another claim', () => {
    expect(read({ 'cognito:groups': ['admins'] }, true, 'cognito:groups')).toEqual({ names: new Set(['admins']), complete: true })
  })
})

describe('O2P-2021-21411', () => {
  test('absent only when the provider promises to tell all', () => {
    expect(read({})).toBeNull()
    expect(read({}, false)).toBe(UNKNOWN)
    expect(read({ groups: ['admins'] }, true, null)).toBeNull()
    expect(read({ groups: ['admins'] }, false, null)).toBe(UNKNOWN)
    expect(read({ null: ['admins'], _claim_names: { null: 'src1' } }, true, null)).toBeNull()
  })

  test.each([
    null,
    'admins',
    '["admins"]',
    true,
    0,
    {},
    { admins: true },
    [{ name: 'admins' }],
    ['admins', null],
    ['admins', 7],
    [['admins']],
  ])('%j is unknown, whatever is promised', (groups) => {
    expect(read({ groups })).toBe(UNKNOWN)
    expect(read({ groups }, false)).toBe(UNKNOWN)
  })

  test.each(['Admins', 'admin', 'admins ', ' admins', 'admins,staff', 'ADMINS', 'adminss'])('%j is not admins', (group) => {
    expect(read({ groups: [group] })).toEqual({ names: new Set(), complete: true })
  })

  test.each([
    { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } },
    { _claim_names: { groups: 'src1' }, groups: ['admins'] },
    { _claim_names: 'groups' },
    { _claim_names: null },
    { _claim_names: ['groups'] },
    { hasgroups: true },
    { hasgroups: 'true', groups: ['admins'] },
  ])('too many to list: %j', (claims) => {
    expect(read(claims)).toBe(UNKNOWN)
  })

  test('markers for other claims leave groups alone', () => {
    expect(read({ groups: ['admins'], _claim_names: { roles: 'src1' } })).toEqual({ names: new Set(['admins']), complete: true })
    expect(read({ roles: ['admins'], hasgroups: true }, true, 'roles')).toEqual({ names: new Set(['admins']), complete: true })
    expect(isElsewhere({}, 'groups')).toBe(false)
  })
})
