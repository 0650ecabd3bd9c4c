import fc from 'fast-check'
import { importJWK, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTarget, manualSetup } from '../../../../../test/support/credential-target.ts'
import { encodePart, makeIssuer, makeSigningKey, signParts, type TestIssuer } from '../../../../../test/support/issuer.ts'
import type { Authentication, Authenticator, CredentialTarget } from '../../model/identity.ts'
import { createJwtAuthenticator } from './authenticator.ts'

const setup = manualSetup()
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.='.split('')
let issuer: TestIssuer
let authenticator: Authenticator
let target: CredentialTarget
const keys = (['ES256', 'RS256', 'PS256', 'Ed25519'] as const).map((alg) => makeSigningKey(alg, alg))

beforeAll(async () => {
  issuer = await makeIssuer({ now: setup.now })
  issuer.publish(keys.map(({ jwk }) => jwk))
  const provider = issuer.provider({ groupsClaim: 'groups', claims: { tenant: 'string' }, complete: ['groups', 'claims', 'mfa'] })
  target = makeTarget({ providers: { corp: provider }, now: setup.now(), groups: { admins: { ids: {} } } })
  authenticator = createJwtAuthenticator(setup)
  for (const key of keys) expect((await authenticator.verify(await issuer.token({}, { key }), target)).status).toBe('verified')
})
afterAll(() => issuer.close())

/** Never a promise for a kid the set holds: whatever the token says, it is answered at once. */
const verify = (token: string): Authentication => {
  const found = authenticator.verify(token, target)
  if (found instanceof Promise) throw new Error('not at once')
  return found
}

const base = fc.constantFrom(...keys)
const place = fc.nat(4_000)
const change = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), place, character: fc.constantFrom(...CHARACTERS) }),
  fc.record({ kind: fc.constant('insert' as const), place, character: fc.constantFrom(...CHARACTERS, ' ', '\n', 'ä') }),
  fc.record({ kind: fc.constant('delete' as const), place, character: fc.constant('') }),
)

test('no mutation of a valid token is accepted', async () => {
  await fc.assert(
    fc.asyncProperty(base, fc.array(change, { minLength: 1, maxLength: 3 }), async (key, changes) => {
      const token = signParts({ alg: key.alg, typ: 'at+jwt', kid: key.kid }, issuer.claims(), key)
      let mutated = token
      for (const { kind, place: at, character } of changes) {
        const where = at % mutated.length
        mutated = mutated.slice(0, where) + character + mutated.slice(kind === 'insert' ? where : where + 1)
      }
      fc.pre(mutated !== token)
      // A changed kid may be one nobody knows, which is worth one look at the issuer.
      expect((await authenticator.verify(mutated, target)).status).not.toBe('verified')
      expect(verify(token).status).toBe('verified')
    }),
    { numRuns: 600 },
  )
})

test('nor is a payload under another token’s signature, or another key’s', () => {
  fc.assert(
    fc.property(base, base, fc.string({ minLength: 1 }), (key, other, sub) => {
      const header = { alg: key.alg, typ: 'at+jwt', kid: key.kid }
      const [head = '', , signature = ''] = signParts(header, issuer.claims(), key).split('.')
      const payload = encodePart(issuer.claims({ sub: `x${sub}` }))
      expect(verify(`${head}.${payload}.${signature}`).status).not.toBe('verified')
      if (key !== other) expect(verify(signParts(header, issuer.claims(), other)).status).not.toBe('verified')
    }),
    { numRuns: 200 },
  )
})

test('total: random header and payload under a genuine signature', () => {
  const json = fc.jsonValue({ maxDepth: 3 })
  const names = [
    'iss',
    'sub',
    'aud',
    'exp',
    'iat',
    'nbf',
    'jti',
    'client_id',
    'act',
    'scope',
    'acr',
    'amr',
    'auth_time',
    'groups',
    'tenant',
  ]
  const claims = fc.dictionary(fc.constantFrom(...names, '__proto__', 'constructor', '_claim_names'), json)
  const header = fc.dictionary(fc.constantFrom('typ', 'crit', 'jwk', 'b64', 'x'), json, { maxKeys: 1 })
  fc.assert(
    fc.property(base, header, claims, (key, headerOver, over) => {
      const full = { alg: key.alg, typ: 'at+jwt', kid: key.kid, ...headerOver }
      const found = verify(signParts(full, { ...issuer.claims(), ...over }, key))
      expect(['verified', 'rejected']).toContain(found.status)
      if (found.status === 'verified') expect(found.identity.expiresAt).toBeGreaterThan(target.now)
    }),
    { numRuns: 600 },
  )
})

test('total: any text', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.array(fc.base64String(), { minLength: 3, maxLength: 3 }).map((parts) => parts.join('.')),
  )
  await fc.assert(
    fc.asyncProperty(text, async (token) => {
      expect((await authenticator.verify(token, target)).status).toBe('rejected')
    }),
  )
})

test('what is accepted here, jose accepts too', async () => {
  const options = {
    issuer: issuer.url,
    audience: 'https://api.example',
    typ: 'at+jwt',
    currentDate: new Date(target.now),
    clockTolerance: 60,
  }
  const names = ['exp', 'iat', 'nbf', 'aud', 'iss', 'sub', 'jti']
  const near = fc.integer({ min: -200, max: 400 }).map((by) => Math.floor(target.now / 1_000) + by)
  const value = fc.oneof(near, fc.constantFrom('https://api.example', 'x', null, true, ['https://api.example'], ['x', 7]))
  const seen = { verified: 0, rejected: 0 }
  await fc.assert(
    fc.asyncProperty(base, fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 2 }), async (key, over) => {
      const token = signParts({ alg: key.alg, typ: 'at+jwt', kid: key.kid }, issuer.claims(over), key)
      const { status } = verify(token)
      seen[status === 'verified' ? 'verified' : 'rejected'] += 1
      if (status !== 'verified') return
      const { payload } = await jwtVerify(token, await importJWK(key.jwk, key.alg), options)
      expect(payload.iss).toBe(issuer.url)
    }),
    { numRuns: 300 },
  )
  expect(seen.verified).toBeGreaterThan(20)
  expect(seen.rejected).toBeGreaterThan(20)
})
