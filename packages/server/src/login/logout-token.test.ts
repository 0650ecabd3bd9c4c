import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exampleImage } from '../../../core/src/testing/example-facts.ts'
import { type Claims, makeSigningKey } from '../../../../test/support/issuer.ts'
import { CLIENT_ID, type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { clientNamed } from '../../../../test/support/login-stage.ts'
import { checkLogoutToken } from './logout-token.ts'
import { createProviders, type LoginProvider } from './providers.ts'

const NOW = 1_795_514_400_000
const SECOND = NOW / 1_000
let provider: ScriptedProvider
let stranger: ScriptedProvider
beforeAll(async () => {
  provider = await startLoginProvider(() => NOW)
  stranger = await startLoginProvider(() => NOW)
})
afterAll(async () => {
  await provider.close()
  await stranger.close()
})

/** Two clients at the provider, and one at another. */
const known = (): readonly LoginProvider[] => {
  const clients = {
    other: clientNamed('other', { id: 'other' }),
    corp: clientNamed('corp'),
    elsewhere: clientNamed('elsewhere'),
  }
  const providers = { other: provider.entry(), corp: provider.entry(), elsewhere: stranger.entry() }
  const clock = { now: () => NOW, monotonic: () => 0 }
  return createProviders({ settings: { clients }, clock, onTrouble: () => {} }).all({ ...exampleImage, providers })
}

const check = (claims: Claims = {}, header: Claims = {}) => checkLogoutToken(provider.logoutToken(claims, header), known(), NOW)

describe('must pass', () => {
  test.each([
    { note: 'as usual', claims: {}, says: { sid: 's1', subject: 'ada' } },
    { note: 'for a session alone', claims: { sub: undefined }, says: { sid: 's1', subject: null } },
    { note: 'for a person alone', claims: { sid: undefined }, says: { sid: null, subject: 'ada' } },
    { note: 'an audience of one', claims: { aud: [CLIENT_ID] }, says: {} },
    { note: 'until a second from now', claims: { exp: SECOND + 1 }, says: { expiresAt: NOW + 1_000 } },
    { note: 'for an hour', claims: { exp: SECOND + 3_600 }, says: { expiresAt: NOW + 3_600_000 } },
    { note: 'as far ahead as clocks may differ', claims: { iat: SECOND + 30 }, says: {} },
    {
      note: 'with an event that says more',
      claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': { a: 1 }, b: {} } },
      says: {},
    },
  ])('$note', async ({ claims, says }) => {
    expect(await check({ jti: 'j1', ...claims })).toMatchObject({ providers: ['corp'], id: 'j1', ...says })
  })

  test('of two clients at one provider the audience says which', async () => {
    expect(await check({ aud: 'other' })).toMatchObject({ providers: ['other'] })
  })
})

test('a provider that is declared twice is meant twice', async () => {
  const [, corp] = known()
  if (corp === undefined) throw new Error('there is no such provider')
  expect(await checkLogoutToken(provider.logoutToken(), [corp, { ...corp, name: 'again' }], NOW)).toMatchObject({
    issuer: provider.issuer,
    providers: ['corp', 'again'],
  })
})

describe('refused', () => {
  test.each([
    { note: 'at its end', claims: { exp: SECOND }, code: 'time' },
    { note: 'for more than an hour', claims: { exp: SECOND + 3_601 }, code: 'time' },
    { note: 'further ahead than clocks may differ', claims: { iat: SECOND + 31 }, code: 'time' },
    { note: 'an end in quotes', claims: { exp: String(SECOND + 60) }, code: 'time' },
    { note: 'a beginning in quotes', claims: { iat: String(SECOND) }, code: 'time' },
    { note: 'an end that is nothing', claims: { exp: null }, code: 'time' },
    { note: 'a beginning that is nothing', claims: { iat: null }, code: 'time' },
    { note: 'both clients', claims: { aud: [CLIENT_ID, 'other'] }, code: 'audience' },
    { note: 'an id of nothing', claims: { jti: '' }, code: 'subject' },
    { note: 'an id that is a number', claims: { jti: 7 }, code: 'subject' },
    { note: 'a person that is a list', claims: { sub: ['ada'] }, code: 'subject' },
    { note: 'a session of nothing', claims: { sid: '' }, code: 'subject' },
    { note: 'signed by one provider, in the name of another', claims: () => ({ iss: stranger.issuer }), code: 'signature' },
    { note: 'of nobody known', claims: { iss: 'https://evil.example' }, code: 'issuer' },
    { note: 'of nobody', claims: { iss: undefined }, code: 'issuer' },
    { note: 'of an issuer in a list', claims: () => ({ iss: [provider.issuer] }), code: 'issuer' },
  ])('$note', async ({ claims, code }) => {
    expect(await check(typeof claims === 'function' ? claims() : claims)).toEqual({ code: `logout.token_${code}` })
  })

  test('by another key, or in no form', async () => {
    provider.script.signedBy = makeSigningKey('ES256', 'k1')
    expect(await check()).toEqual({ code: 'logout.token_signature' })
    provider.script.signedBy = null
    const good = provider.logoutToken()
    const [head = '', , tail = ''] = good.split('.')
    const payload = (text: string) => `${head}.${Buffer.from(text).toString('base64url')}.${tail}`
    const iss = JSON.stringify(provider.issuer)
    for (const token of [
      '',
      'a',
      '..',
      payload('[]'),
      payload('null'),
      payload('{"iss":1,"iss":2}'),
      payload(`{"iss":${iss}} `),
      `${good}=`,
    ]) {
      const checked = await checkLogoutToken(token, known(), NOW)
      expect('code' in checked, token).toBe(true)
    }
    expect(await checkLogoutToken('a', known(), NOW)).toEqual({ code: 'logout.token_malformed' })
    expect(await checkLogoutToken(`${good}=`, known(), NOW)).toEqual({ code: 'logout.token_malformed' })
  })

  test('while its keys cannot be had', async () => {
    provider.script.broken.set('/jwks', 'hang up')
    expect(await check()).toEqual({ code: 'logout.unavailable' })
    provider.script.broken.clear()
  })
})
