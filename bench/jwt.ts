// What a token costs through the public `find` and `verify`: warm (verified before), cold (keys in memory, the token new) by algorithm,
// refused; beside jose, which verifies every time. Alternating rounds of one process. `--quick` for short
// rounds, `--write` to keep the figures in docs/reports/jwt.json.
import { hash } from 'node:crypto'
import { importJWK, jwtVerify } from 'jose'
import { createJwtAuthenticator } from '../packages/core/src/credentials/jwt/authenticator.ts'
import { findToken } from '../packages/core/src/identity/bearer.ts'
import { makeTarget } from '../test/support/credential-target.ts'
import { makeIssuer, makeSigningKey, signParts } from '../test/support/issuer.ts'
import { keepReport, median, type Ratios, round as tidy } from './keep-report.ts'

const QUICK = process.argv.includes('--quick')
const ROUNDS = QUICK ? 5 : 31
/** Calls of a round: of what costs about a microsecond, and of what costs a signature. */
const MANY = QUICK ? 5_000 : 20_000
const TOKENS = QUICK ? 100 : 300
const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() }

const issuer = await makeIssuer()
const keys = (['ES256', 'RS256', 'PS256', 'Ed25519'] as const).map((alg) => makeSigningKey(alg, alg))
issuer.publish(keys.map(({ jwk }) => jwk))

const groups = ['customers', 'staff', 'payment-admins', 'auditors']
const provider = issuer.provider({
  groupsClaim: 'groups',
  claims: { tenant: 'string' },
  complete: ['groups', 'claims', 'mfa'],
  mfa: { acr: {}, amr: { hwk: 'phishing-resistant' }, provedAt: 'auth_time' },
})
const authenticator = createJwtAuthenticator({
  clock: CLOCK,
  sessions: null,
  keys: null,
  onTrouble: (trouble) => console.error(trouble),
})
const targetOf = (imageDigest: string) =>
  makeTarget({
    providers: { corp: provider },
    groups: Object.fromEntries(groups.map((name) => [name, { ids: {} }])),
    imageDigest,
  })
const target = targetOf('warm')

const now = Math.floor(Date.now() / 1_000)
const claimsOf = (at: number) =>
  issuer.claims({
    sub: `user-${at}`,
    jti: `t-${at}`,
    groups,
    tenant: 't7',
    scope: 'read write',
    amr: ['hwk'],
    auth_time: now,
    exp: now + 3_600,
  })
const tokensOf = (key: (typeof keys)[number], count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => signParts({ alg: key.alg, typ: 'at+jwt', kid: key.kid }, claimsOf(at), key))

const tokens = new Map(keys.map((key) => [key.alg, tokensOf(key, TOKENS)]))
const es256 = tokens.get('ES256') as readonly string[]
for (const token of es256) {
  if ((await authenticator.verify(token, target)).status !== 'verified') throw new Error('a token of the bench is not good')
}
/** As a socket gives them: a new string each time, whose hash nobody has computed yet. */
const lines = es256.map((token) => Buffer.from(`Bearer ${token}`))
const bare = es256.map((token) => Buffer.from(token))
const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T
const fields = { get: (_name: string): readonly string[] => [at(lines, turn++).toString('latin1')] }
let turn = 0

interface Path {
  readonly name: string
  readonly calls: number
  readonly run: (round: number) => void | Promise<void>
}

const repeat = (name: string, call: (index: number) => unknown): Path => ({
  name,
  calls: MANY,
  run: () => {
    for (let index = 0; index < MANY; index++) call(index)
  },
})

const cold = (alg: (typeof keys)[number]['alg']): Path => ({
  name: `cold ${alg}`,
  calls: TOKENS,
  run: (round) => {
    const fresh = targetOf(`cold-${alg}-${round}`)
    for (const token of tokens.get(alg) as readonly string[]) void authenticator.verify(token, fresh)
  },
})

const joseKeys = new Map(await Promise.all(keys.map(async ({ jwk, alg }) => [alg, await importJWK(jwk, alg)] as const)))
const jose = (alg: (typeof keys)[number]['alg']): Path => ({
  name: `jose ${alg}`,
  calls: TOKENS,
  run: async () => {
    const key = joseKeys.get(alg)
    if (key === undefined) return
    for (const token of tokens.get(alg) as readonly string[]) {
      await jwtVerify(token, key, { issuer: issuer.url, audience: 'https://api.example', typ: 'at+jwt', algorithms: [alg] })
    }
  },
})

const stranger = makeSigningKey('ES256', 'nobody')
const unknownKid = tokensOf(stranger, 50)
const paths: readonly Path[] = [
  repeat('a string off the socket', (index) => at(bare, index).toString('latin1')),
  repeat('sha256 of it', (index) => hash('sha256', at(bare, index).toString('latin1'), 'base64url')),
  repeat('find', () => findToken({ fields: fields as unknown as ReadonlyMap<string, readonly string[]>, query: null })),
  repeat('warm verify', (index) => authenticator.verify(at(bare, index).toString('latin1'), target)),
  repeat('refused: no token', () => authenticator.verify('null', target)),
  repeat('refused: unknown kid', (index) => authenticator.verify(at(unknownKid, index), target)),
  ...keys.flatMap(({ alg }) => [cold(alg), jose(alg)]),
]

const times = new Map<string, number[]>(paths.map(({ name }) => [name, []]))
await authenticator.verify(at(unknownKid, 0), target)
for (let round = 0; round < ROUNDS; round++) {
  for (const { name, calls, run } of paths) {
    const started = performance.now()
    await run(round)
    times.get(name)?.push(((performance.now() - started) / calls) * 1_000)
  }
}

const figures = new Map(
  [...times].map(([name, values]) => [name, { median: tidy(median(values)), min: tidy(Math.min(...values)) }]),
)
const least = (name: string): number => figures.get(name)?.min ?? Number.NaN
keepReport('jwt', {
  what: 'A bearer token through find and verify: warm (verified before), cold (keys in memory, the token new), refused; beside jose, which verifies every time.',
  unit: `µs a call, of ${ROUNDS} rounds by turns`,
  tokenCharacters: at(es256, 0).length,
  figures: Object.fromEntries(figures),
  ratios: {
    'warm verify to a hash of the token': tidy(least('warm verify') / least('sha256 of it')),
    'cold ES256 to jose': tidy(least('cold ES256') / least('jose ES256')),
    'refused, unknown kid, to jose ES256': tidy(least('refused: unknown kid') / least('jose ES256')),
  } satisfies Ratios,
  targets: { warmMicroseconds: 2 },
})
authenticator.close()
await issuer.close()
