import type { JsonObject, JsonValue } from '@balustrade/core/kit'
import { describe, expect, test } from 'vitest'
import { person, START } from '../../../../test/support/sessions.ts'
import { elevatedKept, firstKept, keptJson, type KeptSession, readKept, renewedKept } from './kept-session.ts'
import type { Authenticated } from './sessions.ts'

const LIFE = { id: 'a', epoch: 3, now: START, absolute: 1_000 }
const first = (given: Partial<Authenticated> = {}): KeptSession => firstKept(person(given), LIFE)
const TOKENS = { idToken: 'i1', refreshToken: 'r1' }

describe('a session at its beginning', () => {
  test('is what the provider vouched for, until its absolute end', () => {
    expect(first({ sid: 's1', tokens: TOKENS, answered: 'd' })).toEqual({
      session: {
        id: 'a',
        provider: 'corp',
        subject: 'ada',
        claims: { email: 'ada@example.com' },
        proofs: [{ acr: 'gold', auth_time: 1 }],
        expiresAt: START + 1_000,
      },
      sids: ['s1'],
      tokens: TOKENS,
      answered: { digest: 'd', at: START },
      begunAt: START,
      usedAt: START,
      epoch: 3,
    })
  })

  test('names no session at the provider, and no demand, where there was none', () => {
    expect(first()).toMatchObject({ sids: [], answered: null })
  })
})

describe('one more authentication', () => {
  const elevated = (kept: KeptSession, given: Partial<Authenticated> = {}) =>
    elevatedKept(kept, person({ proof: { n: 2 }, claims: { a: 1 }, ...given }), { id: 'b', now: START + 5 })

  test('adds its proof under another id, and changes neither end, beginning nor epoch', () => {
    const kept = first({ sid: 's1', tokens: TOKENS, answered: 'd' })
    expect(elevated(kept)).toEqual({
      ...kept,
      session: { ...kept.session, id: 'b', claims: { a: 1 }, proofs: [{ acr: 'gold', auth_time: 1 }, { n: 2 }] },
      answered: null,
      usedAt: START + 5,
    })
    expect(elevated(kept, { answered: 'e' }).answered).toEqual({ digest: 'e', at: START + 5 })
  })

  test.each([
    { note: 'none', tokens: { idToken: null, refreshToken: null }, gives: TOKENS },
    { note: 'an ID token', tokens: { idToken: 'i2', refreshToken: null }, gives: { idToken: 'i2', refreshToken: 'r1' } },
    { note: 'a refresh token', tokens: { idToken: null, refreshToken: 'r2' }, gives: { idToken: 'i1', refreshToken: 'r2' } },
  ])('takes the tokens that came, and keeps the others: $note', ({ tokens, gives }) => {
    expect(elevated(first({ tokens: TOKENS }), { tokens }).tokens).toEqual(gives)
  })

  test.each([
    { note: 'another', sid: 's2', gives: ['s1', 's2'] },
    { note: 'the same', sid: 's1', gives: ['s1'] },
    { note: 'none', sid: null, gives: ['s1'] },
  ])('belongs to the sessions at the provider of all of them: $note', ({ sid, gives }) => {
    expect(elevated(first({ sid: 's1' }), { sid }).sids).toEqual(gives)
  })

  test('keeps eight proofs and eight sessions at the provider, the latest', () => {
    let kept = first({ sid: 's0', proof: { n: 0 } })
    for (let n = 1; n <= 9; n++) kept = elevated(kept, { sid: `s${n}`, proof: { n } })
    expect(kept.session.proofs).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ n })))
    expect(kept.sids).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((n) => `s${n}`))
  })
})

test('a refresh changes claims and tokens alone', () => {
  const kept = first({ sid: 's1', answered: 'd' })
  expect(renewedKept(kept, { claims: { b: 2 }, tokens: TOKENS })).toEqual({
    ...kept,
    session: { ...kept.session, claims: { b: 2 } },
    tokens: TOKENS,
  })
})

describe('as it is written', () => {
  test.each([
    { note: 'with all there may be', given: { sid: 's1', tokens: TOKENS, answered: 'd' } },
    { note: 'with as little as may be', given: { claims: {}, proof: {} } },
  ])('is read back as it was: $note', ({ given }) => {
    const kept = first(given)
    const written = keptJson(kept)
    expect(readKept('a', JSON.parse(JSON.stringify(written)) as JsonValue)).toEqual(kept)
    expect(written).not.toHaveProperty('id')
    expect(written).not.toHaveProperty('session')
  })

  const written = () => keptJson(first({ sid: 's1', tokens: TOKENS, answered: 'd' }))
  const without = (name: string): JsonObject => {
    const { [name]: _left, ...rest } = written()
    return rest as JsonObject
  }
  const NAMES = ['provider', 'subject', 'claims', 'proofs', 'expiresAt', 'sids', 'tokens', 'begunAt', 'usedAt', 'epoch']

  test('has these members', () => expect(Object.keys(written()).toSorted()).toEqual([...NAMES, 'answered'].toSorted()))

  test.each<{ note: string; value: () => JsonValue }>([
    { note: 'a mark in place of one', value: () => null },
    { note: 'a list', value: () => [] },
    { note: 'a text', value: () => 'session' },
    ...NAMES.map((name) => ({ note: `without ${name}`, value: () => without(name) })),
    ...(
      [
        ['provider', 7],
        ['subject', null],
        ['claims', []],
        ['proofs', {}],
        ['proofs', [{}, 'gold']],
        ['expiresAt', '1'],
        ['sids', 's1'],
        ['sids', ['s1', 7]],
        ['tokens', 'i1'],
        ['begunAt', null],
        ['usedAt', '1'],
        ['epoch', false],
      ] as const
    ).map(([name, value]) => ({
      note: `${name}: ${JSON.stringify(value)}`,
      value: () => ({ ...written(), [name]: value }) as JsonObject,
    })),
  ])('is none: $note', ({ value }) => expect(readKept('a', value())).toBeNull())

  test.each<{ note: string; answered: JsonValue }>([
    { note: 'nothing', answered: null },
    { note: 'a text', answered: 'd' },
    { note: 'no digest', answered: { at: START } },
    { note: 'no time', answered: { digest: 'd' } },
    { note: 'a time that is a text', answered: { digest: 'd', at: '1' } },
  ])('answered nothing where that cannot be read: $note', ({ answered }) => {
    expect(readKept('a', { ...written(), answered })?.answered).toBeNull()
  })

  test('has no token where one cannot be read', () => {
    expect(readKept('a', { ...written(), tokens: { idToken: 7, refreshToken: {} } })?.tokens).toEqual({
      idToken: null,
      refreshToken: null,
    })
  })
})
