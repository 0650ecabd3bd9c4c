// What a logout token has to say beside whose it is.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exampleImage } from '../../../core/src/testing/example-facts.ts'
import { type Claims, makeSigningKey } from '../../../../test/support/issuer.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { clientNamed } from '../../../../test/support/login-stage.ts'
import { checkLogoutToken } from './logout-token.ts'
import { createProviders, type LoginProvider } from './providers.ts'

const NOW = 1_795_514_400_000
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
let provider: ScriptedProvider
beforeAll(async () => {
  provider = await startLoginProvider(() => NOW)
})
afterAll(() => provider.close())

const known = (): readonly LoginProvider[] =>
  createProviders({
    settings: { clients: { corp: clientNamed('corp') } },
    clock: { now: () => NOW, monotonic: () => 0 },
    onTrouble: () => {},
  }).all({ ...exampleImage, providers: { corp: provider.entry() } })
const check = (claims: Claims, header: Claims = {}) => checkLogoutToken(provider.logoutToken(claims, header), known(), NOW)

describe('a logout token', () => {
  test.each([
    { note: 'whose event says nothing', claims: { events: { [EVENT]: {} } } },
    { note: 'with claims nobody knows', claims: { trace: 1 } },
  ])('must pass: $note', async ({ claims }) => expect(await check(claims)).toMatchObject({ providers: ['corp'] }))

  test.each<{ note: string; claims: Claims; code: string }>([
    { note: 'without events', claims: { events: undefined }, code: 'event' },
    { note: 'with the event as a text', claims: { events: EVENT }, code: 'event' },
    { note: 'with the event in a list', claims: { events: [EVENT] }, code: 'event' },
    { note: 'with an event that is no object', claims: { events: { [EVENT]: true } }, code: 'event' },
    { note: 'with an event that is a list', claims: { events: { [EVENT]: [] } }, code: 'event' },
    { note: 'with another event', claims: { events: { 'http://schemas.openid.net/event/login': {} } }, code: 'event' },
    { note: 'with a nonce, as an ID token has', claims: { nonce: 'n' }, code: 'event' },
    { note: 'with a nonce that is nothing', claims: { nonce: null }, code: 'event' },
    { note: 'that names nobody', claims: { sub: undefined, sid: undefined }, code: 'subject' },
  ])('is refused $note', async ({ claims, code }) => expect(await check(claims)).toEqual({ code: `logout.token_${code}` }))

  test.each<{ note: string; header: Claims; code: string }>([
    { note: 'an ID token', header: { typ: 'JWT' }, code: 'type' },
    { note: 'an access token', header: { typ: 'at+jwt' }, code: 'type' },
    { note: 'by none', header: { alg: 'none' }, code: 'algorithm' },
    { note: 'by an HMAC', header: { alg: 'HS256' }, code: 'algorithm' },
    { note: 'by a key that is not published', header: { kid: 'k9' }, code: 'signature' },
  ])('is refused: $note', async ({ header, code }) => expect(await check({}, header)).toEqual({ code: `logout.token_${code}` }))

  test.each([
    { note: 'a list', payload: '[]' },
    { note: 'nothing', payload: 'null' },
    { note: 'a name twice', payload: '{"iss":1,"iss":1}' },
    { note: 'deeper than anything it has to say', payload: `{"iss":${'['.repeat(16)}${']'.repeat(16)}}` },
  ])('has no form whose payload is $note', async ({ payload }) => {
    const [head = '', , tail = ''] = provider.logoutToken().split('.')
    const token = `${head}.${Buffer.from(payload).toString('base64url')}.${tail}`
    expect(await checkLogoutToken(token, known(), NOW)).toEqual({ code: 'logout.token_malformed' })
  })

  test('of a provider that is declared twice is checked as the entry of its audience says', async () => {
    const [corp] = known()
    if (corp === undefined) throw new Error('there is no such provider')
    const other = {
      ...corp,
      name: 'other',
      client: clientNamed('other', { id: 'other' }),
      entry: provider.entry({ algorithms: ['RS256'] }),
    }
    expect(await checkLogoutToken(provider.logoutToken(), [other, corp], NOW)).toMatchObject({ providers: ['corp'] })
    expect(await checkLogoutToken(provider.logoutToken({ aud: 'other' }), [other, corp], NOW)).toEqual({
      code: 'logout.token_algorithm',
    })
  })

  test('is refused by an algorithm that is not declared', async () => {
    provider.script.signedBy = makeSigningKey('RS256', 'k1')
    expect(await check({})).toEqual({ code: 'logout.token_algorithm' })
    provider.script.signedBy = null
  })
})
