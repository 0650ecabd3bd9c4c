import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../lib/strict-json.ts'
import { UNKNOWN } from '../model/fact.ts'
import type { ProviderImage } from '../model/policy-image.ts'
import { readAssurance } from './assurance.ts'

const read = (claims: object, over: { provedAt?: string | null; complete?: boolean } = {}) => {
  const { provedAt = 'auth_time', complete = true } = over
  const mfa = {
    acr: { silver: 'any', gold: 'hardware' },
    amr: { otp: 'any', hwk: 'phishing-resistant', sc: 'phishing-resistant' },
    provedAt,
  }
  return readAssurance(claims as JsonObject, { complete: complete ? ['mfa'] : [], mfa } as unknown as ProviderImage)
}

describe('must pass', () => {
  test('levels from acr and amr, dated by the claim the provider names', () => {
    expect(read({ acr: 'gold', amr: ['pwd', 'hwk', 'sc'], auth_time: 1_000 })).toEqual({
      acr: 'gold',
      factors: [
        { level: 'hardware', at: 1_000_000 },
        { level: 'phishing-resistant', at: 1_000_000 },
      ],
      loginAt: 1_000_000,
    })
  })

  test('another claim dates the factor', () => {
    expect(read({ amr: ['otp'], auth_time: 1_000, mfa_time: 2_000 }, { provedAt: 'mfa_time' })).toEqual({
      acr: null,
      factors: [{ level: 'any', at: 2_000_000 }],
      loginAt: 1_000_000,
    })
  })

  test('a level shown twice is one factor', () => {
    expect(read({ acr: 'silver', amr: ['otp'] }).factors).toEqual([{ level: 'any', at: UNKNOWN }])
  })
})

describe('when a factor was proved is known only from the claim', () => {
  test.each([
    { note: 'never said', claims: { amr: ['otp'], auth_time: 1_000 }, provedAt: null },
    { note: 'never said, beside a claim of that name', claims: { amr: ['otp'], null: 1_000 }, provedAt: null },
    { note: 'not in the token', claims: { amr: ['otp'] }, provedAt: 'auth_time' },
    { note: 'of another type', claims: { amr: ['otp'], auth_time: '1000' }, provedAt: 'auth_time' },
  ])('$note', ({ claims, provedAt }) => {
    expect(read(claims, { provedAt }).factors).toEqual([{ level: 'any', at: UNKNOWN }])
  })
})

test('what is not said is absent only when all is promised', () => {
  expect(read({})).toEqual({ acr: null, factors: [], loginAt: null })
  expect(read({ amr: ['pwd'] })).toEqual({ acr: null, factors: [], loginAt: null })
  expect(read({}, { complete: false })).toEqual({ acr: UNKNOWN, factors: UNKNOWN, loginAt: UNKNOWN })
  expect(read({ amr: ['pwd'] }, { complete: false }).factors).toBe(UNKNOWN)
  expect(read({ amr: ['otp'] }, { complete: false }).factors).toEqual([{ level: 'any', at: UNKNOWN }])
})

test.each([
  { acr: null },
  { acr: 1 },
  { acr: '' },
  { acr: 'go\nld' },
  { acr: ['gold'] },
  { amr: null },
  { amr: 'otp' },
  { amr: ['otp', 1] },
  { amr: { otp: 1 } },
])('%j makes both unknown', (fault) => {
  expect(read({ acr: 'gold', amr: ['otp'], auth_time: 1_000, ...fault })).toEqual({
    acr: UNKNOWN,
    factors: UNKNOWN,
    loginAt: 1_000_000,
  })
})

test.each([null, '1000', true, 1e300])('auth_time %j is unknown', (auth_time) => {
  expect(read({ auth_time }).loginAt).toBe(UNKNOWN)
})

test('names that objects inherit are no levels', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    expect(read({ acr: name, amr: [name] })).toEqual({ acr: name, factors: [], loginAt: null })
  }
})

test('a provider that gives a level to the word for nothing gives it to nobody who said nothing', () => {
  const mfa = { acr: { undefined: 'any' }, amr: { undefined: 'hardware' }, provedAt: null }
  const provider = { complete: ['mfa'], mfa } as unknown as ProviderImage
  expect(readAssurance({}, provider)).toEqual({ acr: null, factors: [], loginAt: null })
})
