import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeTarget, manualSetup, type ManualSetup, type TargetOptions } from '../../../../../test/support/credential-target.ts'
import { encodePart, makeIssuer, makeSigningKey, signParts, type TestIssuer } from '../../../../../test/support/issuer.ts'
import type { Authentication, Authenticator } from '../../model/identity.ts'
import { jwt } from './jwt.ts'

let issuer: TestIssuer
let setup: ManualSetup
let authenticator: Authenticator

const at = (over: Partial<TargetOptions> = {}) =>
  makeTarget({ providers: { corp: issuer.provider() }, now: setup.now(), ...over })
const verify = async (token: string, over: Partial<TargetOptions> = {}): Promise<Authentication> =>
  authenticator.verify(token, at(over))
const outcome = async (token: string, over: Partial<TargetOptions> = {}): Promise<string> => {
  const found = await verify(token, over)
  return 'code' in found ? found.code : found.status
}
const user = (found: Authentication): unknown => (found.status === 'verified' ? found.identity.facts.user : found)

beforeAll(async () => {
  issuer = await makeIssuer({ now: () => setup.now() })
})
afterAll(() => issuer.close())
beforeEach(() => {
  setup = manualSetup()
  authenticator = jwt.create(setup)
})

describe('must pass', () => {
  const algs = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const
  test.each(algs)('%s', async (alg) => {
    const key = makeSigningKey(alg, `k-${alg}`)
    const other = await makeIssuer({ now: setup.now })
    other.publish([key.jwk])
    const providers = { corp: other.provider({ algorithms: [alg] }) }
    expect(await outcome(await other.token({}, { key }), { providers })).toBe('verified')
    expect(await outcome(signParts({ alg, typ: 'at+jwt', kid: key.kid }, other.claims(), key), { providers })).toBe('verified')
    await other.close()
  })

  test('what the identity says', async () => {
    const token = await issuer.token()
    expect(await verify(token)).toMatchObject({
      status: 'verified',
      identity: {
        kind: 'jwt',
        provider: 'corp',
        subject: 'alice',
        credentialId: 't1',
        credentialHash: createHash('sha256').update(token).digest('base64url'),
        expiresAt: (Math.floor(setup.now() / 1_000) + 300) * 1_000,
        facts: { user: 'corp/alice', client: 'web' },
        behalf: null,
      },
    })
  })

  test('an agent is the subject, the person its behalf', async () => {
    const found = await verify(await issuer.token({ act: { sub: 'bot' }, jti: 't2' }))
    expect(found).toMatchObject({
      identity: { subject: 'bot', facts: { kind: 'agent', actingFor: 'corp/alice' }, behalf: { user: 'corp/alice' } },
    })
  })

  test('the plain profile, keys found by discovery, no kid', async () => {
    const providers = { corp: issuer.provider({ profile: 'plain', jwksUri: null }) }
    const token = await issuer.token({ client_id: undefined, jti: undefined }, { header: { typ: undefined, kid: undefined } })
    const found = await verify(token, { providers })
    expect(found).toMatchObject({ status: 'verified', identity: { credentialId: null } })
  })

  test('groups and roles under their declared names', async () => {
    const providers = { corp: issuer.provider({ groupsClaim: 'g', rolesClaim: 'r', complete: ['groups', 'roles'] }) }
    const found = await verify(await issuer.token({ g: ['0f3c'], r: ['admin'] }), {
      providers,
      groups: { staff: { ids: { corp: ['0f3c'] } } },
      roles: { admin: { ids: {} } },
    })
    expect(found).toMatchObject({
      identity: { facts: { groups: { names: new Set(['staff']) }, roles: { names: new Set(['admin']) } } },
    })
  })
})

test('cold it waits for keys; warm it answers at once, the very same object', async () => {
  const token = await issuer.token()
  const cold = authenticator.verify(token, at())
  expect(cold).toBeInstanceOf(Promise)
  const warm = authenticator.verify(token, at())
  expect(await warm).toEqual(await cold)
  const [one, two] = [authenticator.verify(token, at()), authenticator.verify(token, at())]
  expect(one).not.toBeInstanceOf(Promise)
  expect(one).toBe(two)
  const other = await issuer.token({ sub: 'bob' })
  expect(user(await authenticator.verify(other, at()))).toBe('corp/bob')
})

test('every refusal is 401', async () => {
  for (const token of ['x', 'a.b.c', await issuer.token({ aud: 'x' }), await issuer.token({ iss: 'x' })]) {
    expect(await verify(token)).toMatchObject({ status: 'rejected', http: 401 })
  }
})

describe('refused', () => {
  test('before any key is fetched', async () => {
    const before = issuer.jwksHits()
    const token = await issuer.token()
    const [head = '', payload = '', signature = ''] = token.split('.')
    const cases: readonly (readonly [string, string])[] = [
      ['', 'credential.malformed'],
      ['null', 'credential.malformed'],
      [`${head}.${payload}`, 'credential.malformed'],
      [`${head}.${payload}.`, 'credential.malformed'],
      [`${head}.${encodePart('[]')}.${signature}`, 'credential.malformed'],
      [`${head}.${encodePart('{"iss":"a","iss":"b"}')}.${signature}`, 'credential.malformed'],
      [`${token}${'A'.repeat(8_192)}`, 'credential.malformed'],
      [`${head}.${encodePart({ ...issuer.claims(), iss: undefined })}.${signature}`, 'credential.issuer_unknown'],
      [await issuer.token({ iss: `${issuer.url}/` }), 'credential.issuer_unknown'],
      [await issuer.token({ iss: [issuer.url] }), 'credential.issuer_unknown'],
      [signParts({ alg: 'ES256', kid: 'k1' }, issuer.claims(), issuer.key), 'credential.invalid'],
    ]
    for (const [text, code] of cases) expect(await outcome(text), text.slice(0, 80)).toBe(code)
    expect(issuer.jwksHits()).toBe(before)
  })

  test('JWT-none', async () => {
    const payload = encodePart(issuer.claims())
    const signature = (await issuer.token()).split('.')[2] ?? ''
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', undefined, null, ['none'], 0, false]) {
      const head = encodePart({ alg, typ: 'at+jwt', kid: 'k1' })
      for (const token of [
        `${head}.${payload}.`,
        `${head}.${payload}`,
        `${head}.${payload}.AAAA`,
        `${head}.${payload}.${signature}`,
      ]) {
        expect(
          await outcome(token, { providers: { corp: issuer.provider({ algorithms: ['ES256', 'none', 'None', ''] }) } }),
        ).toMatch(/^credential\.(?:malformed|invalid)$/)
      }
    }
    for (const token of [
      `${encodePart({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', b64: false, crit: ['b64'] })}.${payload}.${signature}`,
      `{"payload":"${payload}"}`,
    ]) {
      expect(await outcome(token)).toMatch(/^credential\.(?:malformed|invalid)$/)
    }
  })

  test('JWT-keytype', async () => {
    const rsa = makeSigningKey('RS256', 'r1')
    const small = makeSigningKey('RS256', 'r0', 1_024)
    const wrapping = makeSigningKey('RS256', 'w1')
    const twice = [makeSigningKey('RS256', 'd1'), makeSigningKey('RS256', 'd1')] as const
    const other = await makeIssuer({ now: setup.now })
    other.publish([
      rsa.jwk,
      small.jwk,
      { ...wrapping.jwk, use: 'enc' },
      { kty: 'oct', k: 'AAAA', kid: 'o1' },
      twice[0].jwk,
      twice[1].jwk,
    ])
    const providers = { corp: other.provider({ algorithms: ['RS256', 'ES256', 'PS256', 'HS256'] }) }
    const sign = (header: object, key = rsa) =>
      signParts({ alg: 'RS256', typ: 'at+jwt', kid: key.kid, ...header }, other.claims(), key)
    expect(await outcome(sign({}), { providers })).toBe('verified')
    const forged = [
      sign({ alg: 'ES256' }, { ...makeSigningKey('ES256', 'r1') }),
      sign({ alg: 'PS256' }, { ...rsa, alg: 'PS256' }),
      sign({}, small),
      sign({}, wrapping),
      sign({}, twice[0]),
      sign({}, twice[1]),
      sign({ alg: 'HS256', kid: 'o1' }),
      sign({ jwk: rsa.jwk }),
    ]
    for (const token of forged) expect(await outcome(token, { providers })).toBe('credential.invalid')
    await other.close()
  })

  test('JWE-bomb', async () => {
    const bombs = [
      `${encodePart({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}.AAAA.AAAA.AAAA.AAAA`,
      `${encodePart({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 })}.AAAA.AAAA.AAAA.AAAA`,
      'A'.repeat(8_000_000),
    ]
    for (const token of bombs) expect(await outcome(token)).toBe('credential.malformed')
    for (const header of [{ zip: 'DEF' }, { enc: 'A256GCM' }, { x5c: Array.from({ length: 500 }, () => 'AAAA') }]) {
      expect(await outcome(signParts({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...header }, issuer.claims(), issuer.key))).toBe(
        'credential.invalid',
      )
    }
  })

  test('genuine tokens, each with its reason', async () => {
    const now = Math.floor(setup.now() / 1_000)
    const cases: readonly (readonly [object, string])[] = [
      [{ aud: 'https://other.example' }, 'credential.audience'],
      [{ exp: now - 1 }, 'credential.expired'],
      [{ iat: now + 120 }, 'credential.not_yet_valid'],
      [{ exp: now + 7_200 }, 'credential.too_long_lived'],
      [{ sub: '' }, 'credential.invalid'],
    ]
    for (const [claims, code] of cases) expect(await outcome(await issuer.token({ ...claims }))).toBe(code)
  })

  test('a forged one never learns more than that it is not valid', async () => {
    const stranger = makeSigningKey('ES256', 'k1')
    for (const claims of [{}, { exp: 1 }, { aud: 'x' }]) {
      expect(await outcome(await issuer.token(claims, { key: stranger }))).toBe('credential.invalid')
    }
  })
})
