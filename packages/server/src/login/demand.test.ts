import { describe, expect, test } from 'vitest'
import { corp } from '../../../../test/support/evaluations.ts'
import type { JsonObject, ProviderImage, Remedy } from '@balustrade/core/kit'
import { askedOf, canGive, type Demand, demandDigest, demandOf, isProved, readDemand } from './demand.ts'

const MINUTE = 60_000
const NOW = 1_795_514_400_000
const seconds = (ms: number): number => ms / 1_000
const provider: ProviderImage = {
  ...corp,
  mfa: {
    acr: { key: 'hardware', otp: 'any', passkey: 'phishing-resistant', code: 'any' },
    amr: { hwk: 'hardware' },
    provedAt: 'auth_time',
  },
}
const NOTHING: Demand = { loginAge: null, level: null, factorAge: null, acr: null }
const demand = (differing: Partial<Demand>): Demand => ({ ...NOTHING, ...differing })

describe('what a remedy asks of a login', () => {
  const cases: readonly { note: string; remedy: Remedy; asks: Demand | null }[] = [
    { note: 'to log in', remedy: { login: { maxAge: null } }, asks: NOTHING },
    { note: 'a recent login', remedy: { login: { maxAge: MINUTE } }, asks: demand({ loginAge: MINUTE }) },
    {
      note: 'a recent factor and a class',
      remedy: { stepUp: { level: 'hardware', maxAge: MINUTE }, acr: ['gold'] },
      asks: demand({ level: 'hardware', factorAge: MINUTE, acr: ['gold'] }),
    },
    { note: 'scopes, which no login gives', remedy: { login: { maxAge: null }, scopes: ['a'] }, asks: null },
  ]
  test.each(cases)('$note', ({ remedy, asks }) => expect(demandOf(remedy)).toEqual(asks))

  test('is kept and read back as it was', () => {
    const whole = demand({ loginAge: 0, level: 'any', factorAge: MINUTE, acr: ['a'] })
    for (const each of [NOTHING, whole]) expect(readDemand(JSON.parse(JSON.stringify(each)))).toEqual(each)
    const ages = [-1, 'x', [], Number.NaN, Number.POSITIVE_INFINITY].map((loginAge) => ({ ...whole, loginAge }))
    for (const bad of [null, 'x', {}, ...ages, { ...whole, level: 'some' }, { ...whole, acr: [1] }, { ...whole, acr: ['a', 1] }])
      expect(readDemand(bad as never)).toBeNull()
    expect(demandDigest(whole)).toBe(demandDigest({ ...whole }))
    expect(demandDigest(whole)).not.toBe(demandDigest({ ...whole, loginAge: 1 }))
  })
})

describe('what the provider is asked for', () => {
  test.each([
    { note: 'nothing', asks: {}, asked: { maxAge: null, acrValues: [] } },
    {
      note: 'values that reach the level, weakest first',
      asks: { level: 'any' },
      asked: { maxAge: null, acrValues: ['code', 'otp', 'passkey', 'key'] },
    },
    {
      note: 'not the weaker ones',
      asks: { level: 'phishing-resistant' },
      asked: { maxAge: null, acrValues: ['passkey', 'key'] },
    },
    {
      note: 'the shorter age less half a minute, in whole seconds',
      asks: { loginAge: 90_500, factorAge: 2 * MINUTE },
      asked: { maxAge: 61, acrValues: [] },
    },
    { note: 'half of a short age', asks: { loginAge: 10_000 }, asked: { maxAge: 5, acrValues: [] } },
    { note: 'a second, which is not an age of nothing', asks: { loginAge: 1_000 }, asked: { maxAge: 1, acrValues: [] } },
    { note: 'an age of nothing', asks: { loginAge: 0 }, asked: { maxAge: 0, acrValues: [] } },
    { note: 'classes in the order of preference', asks: { acr: ['z', 'a'] }, asked: { maxAge: null, acrValues: ['z', 'a'] } },
    {
      note: 'classes that reach the level',
      asks: { acr: ['otp', 'key'], level: 'hardware' },
      asked: { maxAge: null, acrValues: ['key'] },
    },
  ] as const)('$note', ({ asks, asked }) => expect(askedOf(provider, demand(asks))).toEqual(asked))

  test.each([
    { note: 'a level of its map', entry: provider, asks: { level: 'hardware' }, can: true },
    {
      note: 'a level of amr alone',
      entry: { ...provider, mfa: { ...provider.mfa, acr: {} } },
      asks: { level: 'hardware' },
      can: true,
    },
    {
      note: 'no level at all',
      entry: { ...provider, mfa: { ...provider.mfa, acr: {}, amr: {} } },
      asks: { level: 'any' },
      can: false,
    },
    {
      note: 'a weaker level only',
      entry: { ...provider, mfa: { ...provider.mfa, acr: { otp: 'any' }, amr: {} } },
      asks: { level: 'hardware' },
      can: false,
    },
    {
      note: 'an age of a factor it does not date',
      entry: { ...provider, mfa: { ...provider.mfa, provedAt: null } },
      asks: { level: 'any', factorAge: 1 },
      can: false,
    },
    { note: 'to log in', entry: { ...provider, mfa: { acr: {}, amr: {}, provedAt: null } }, asks: { loginAge: 1 }, can: true },
  ] as const)('$note: can give it is $can', ({ entry, asks, can }) =>
    expect(canGive(entry as ProviderImage, demand(asks))).toBe(can),
  )
})

describe('what was asked for is proved', () => {
  const begunAt = NOW - 5 * MINUTE
  const proved = (claims: JsonObject, asks: Partial<Demand>, entry = provider) =>
    isProved(claims, entry, { demand: demand(asks), begunAt, now: NOW })
  const at = (ms: number): number => seconds(ms)

  test.each([
    { note: 'nothing asked', claims: {}, asks: {} },
    { note: 'now', claims: { auth_time: at(NOW) }, asks: { loginAge: 0 } },
    { note: 'when the login was begun, though that took minutes', claims: { auth_time: at(begunAt) }, asks: { loginAge: 0 } },
    { note: 'within the age then', claims: { auth_time: at(begunAt - MINUTE) }, asks: { loginAge: MINUTE } },
    { note: 'a clock that is a little ahead', claims: { auth_time: at(NOW + 20_000) }, asks: { loginAge: 0 } },
    { note: 'more than the level', claims: { acr: 'key' }, asks: { level: 'any' } },
    { note: 'by amr', claims: { acr: 'otp', amr: ['pwd', 'hwk'] }, asks: { level: 'hardware' } },
    { note: 'level and age', claims: { acr: 'key', auth_time: at(NOW) }, asks: { level: 'hardware', factorAge: MINUTE } },
    { note: 'a class of several', claims: { acr: 'b' }, asks: { acr: ['a', 'b'] } },
  ] as const)('must pass: $note', ({ claims, asks }) => expect(proved(claims as JsonObject, asks as Partial<Demand>)).toBe(true))

  test.each([
    { note: 'no auth_time', claims: {}, asks: { loginAge: MINUTE } },
    { note: 'auth_time in quotes', claims: { auth_time: String(at(NOW)) }, asks: { loginAge: MINUTE } },
    { note: 'an older login', claims: { auth_time: at(begunAt - 2 * MINUTE) }, asks: { loginAge: MINUTE } },
    { note: 'a login of the future', claims: { auth_time: at(NOW + MINUTE) }, asks: { loginAge: MINUTE } },
    { note: 'no class', claims: {}, asks: { level: 'any' } },
    { note: 'a class that stands for nothing', claims: { acr: 'gold' }, asks: { level: 'any' } },
    { note: 'a weaker class', claims: { acr: 'otp' }, asks: { level: 'phishing-resistant' } },
    { note: 'an inherited name', claims: { acr: 'constructor' }, asks: { level: 'any' } },
    {
      note: 'a strong factor of long ago',
      claims: { acr: 'key', auth_time: at(begunAt - 2 * MINUTE) },
      asks: { level: 'hardware', factorAge: MINUTE },
    },
    { note: 'a strong factor of no date', claims: { acr: 'key' }, asks: { level: 'hardware', factorAge: MINUTE } },
    { note: 'another class', claims: { acr: 'c' }, asks: { acr: ['a', 'b'] } },
    { note: 'classes as a list', claims: { acr: ['a'] }, asks: { acr: ['a', 'b'] } },
    { note: 'the class but not the level', claims: { acr: 'otp' }, asks: { acr: ['otp'], level: 'hardware' } },
  ] as const)('refused: $note', ({ claims, asks }) =>
    expect(proved(claims as unknown as JsonObject, asks as unknown as Partial<Demand>)).toBe(false),
  )
})

describe('edges', () => {
  const dated = { ...provider, complete: ['mfa'] as const, mfa: { ...provider.mfa, provedAt: 'mfa_time' } }
  const begunAt = NOW - MINUTE
  const proved = (claims: JsonObject, asks: Partial<Demand>) =>
    isProved(claims, dated, { demand: demand(asks), begunAt, now: NOW })
  const SKEW = 30_000

  test.each([
    { note: 'as far ahead as clocks may differ', claims: { auth_time: seconds(NOW + SKEW) }, asks: { loginAge: 0 }, is: true },
    { note: 'a second further', claims: { auth_time: seconds(NOW + SKEW) + 1 }, asks: { loginAge: 0 }, is: false },
    { note: 'as old as may be', claims: { auth_time: seconds(begunAt - MINUTE - SKEW) }, asks: { loginAge: MINUTE }, is: true },
    {
      note: 'a second older',
      claims: { auth_time: seconds(begunAt - MINUTE - SKEW) - 1 },
      asks: { loginAge: MINUTE },
      is: false,
    },
    {
      note: 'a factor of its own date',
      claims: { acr: 'key', auth_time: seconds(NOW - 60 * MINUTE), mfa_time: seconds(NOW) },
      asks: { level: 'hardware', factorAge: 0 },
      is: true,
    },
    {
      note: 'a factor without its date, at a login that has one',
      claims: { acr: 'key', auth_time: seconds(NOW) },
      asks: { level: 'hardware', factorAge: 0 },
      is: false,
    },
    {
      note: 'a factor with its date, at a login without',
      claims: { acr: 'key', mfa_time: seconds(NOW) },
      asks: { level: 'hardware', factorAge: 0 },
      is: false,
    },
    { note: 'a factor of no date, where none is asked', claims: { acr: 'key' }, asks: { level: 'hardware' }, is: true },
    { note: 'no factor at all', claims: {}, asks: { level: 'any' }, is: false },
    { note: 'a factor in another form', claims: { acr: 7 }, asks: { level: 'any' }, is: false },
    { note: 'a class in another form', claims: { acr: 7 }, asks: { acr: ['7'] }, is: false },
    { note: 'a factor where none is asked', claims: { acr: 'key', auth_time: seconds(NOW) }, asks: { loginAge: 0 }, is: true },
  ] as const)('$note: $is', ({ claims, asks, is }) =>
    expect(proved(claims as JsonObject, asks as unknown as Partial<Demand>)).toBe(is),
  )

  test('the shorter age is asked for, whichever it is', () => {
    const ages = (loginAge: number | null, factorAge: number | null) => askedOf(provider, demand({ loginAge, factorAge })).maxAge
    expect([ages(120_000, 60_000), ages(60_000, 120_000), ages(60_000, null), ages(null, 60_000)]).toEqual([30, 30, 30, 30])
  })

  test('values of one level come in the order of their names, whichever way they are written', () => {
    const values = (...names: readonly string[]) => {
      const acr = Object.fromEntries(names.map((name) => [name, 'any' as const]))
      return askedOf({ ...provider, mfa: { ...provider.mfa, acr } }, demand({ level: 'any' })).acrValues
    }
    expect(values('a', 'b', 'c')).toEqual(['a', 'b', 'c'])
    expect(values('c', 'b', 'a')).toEqual(['a', 'b', 'c'])
  })

  test('a class that reaches no level by name is asked for by name', () => {
    expect(askedOf(provider, demand({ acr: ['gold'], level: 'hardware' })).acrValues).toEqual(['gold'])
  })

  test('a level is enough of a provider that dates no factor, where no age is asked', () => {
    const undated = { ...provider, mfa: { ...provider.mfa, provedAt: null } }
    expect([canGive(undated, demand({ level: 'any' })), canGive(provider, demand({ level: 'any', factorAge: 1 }))]).toEqual([
      true,
      true,
    ])
  })
})
