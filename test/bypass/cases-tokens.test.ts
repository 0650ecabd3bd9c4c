// Recorded attacks of the class token-validation and its neighbours, by their ids in the corpus: forged tokens through a gateway.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePart, makeIssuer, makeSigningKey, signParts, type Claims, type TestIssuer } from '../support/issuer.ts'
import { foldedValues, type Served } from '../support/upstream.ts'
import { playAll, step, type Step } from './play.ts'
import { nouns, serviceFile, type Stage, startStage } from './stage.ts'

const OTHER = (issuer: string): string => `  other:
    issuer: ${issuer}
    loopback: true
    profile: rfc9068
    algorithms: [RS256]
    lifetime: 1h
    groups-claim: groups
    claims: { level: number, admin: boolean }
    complete: [groups, claims]
`
const TYPED = `grants:
  typed-level:
    who: { all: [{ group: users }, { claim: { level: 10 } }] }
    what: { path: /level }
  typed-admin:
    who: { all: [{ group: users }, { claim: { admin: true } }] }
    what: { path: /admin }
`
const EXACT = `grants:
  exact-admins:
    who: { group: admins }
    what: { path: /** }
`

let other: TestIssuer
let stage: Stage
const rsa = makeSigningKey('RS256', 'r1')
const small = makeSigningKey('RS256', 'r0', 1_024)
const stranger = makeSigningKey('ES256', 'k1')

beforeAll(async () => {
  other = await makeIssuer({ alg: 'RS256', kid: 'r1' })
  other.publish([rsa.jwk, small.jwk, { ...makeSigningKey('RS256', 'enc').jwk, use: 'enc' }])
  stage = await startStage({
    policy: (issuer, upstream) => ({
      'nouns.yaml': nouns(issuer).replace('groups: [', `${OTHER(other.url)}groups: [`),
      'app.yaml': serviceFile({ name: 'app', upstream }),
      'exact.yaml': serviceFile({ name: 'exact', upstream, rules: EXACT }),
      'typed.yaml': serviceFile({ name: 'typed', upstream, rules: TYPED }).replace('providers: corp', 'providers: other'),
    }),
  })
})
afterAll(async () => {
  await stage.close()
  await other.close()
})

const USER: Claims = { groups: ['users'] }
const claims = (over: Claims = {}): Claims => stage.issuer.claims({ ...USER, ...over })
const header = (over: object = {}) => ({ alg: 'ES256', typ: 'at+jwt', kid: stage.issuer.key.kid, ...over })
const signed = (over: Claims = {}, head: object = {}): string => signParts(header(head), claims(over), stage.issuer.key)
const otherToken = (over: Claims = {}, key = rsa, head: object = {}): string =>
  signParts({ alg: 'RS256', typ: 'at+jwt', kid: key.kid, ...head }, other.claims({ ...USER, ...over }), key)

/** A genuine token of somebody without groups, with one more member written as it stands. */
const withMember = (member: string): string =>
  signParts(header(), JSON.stringify(claims({ groups: [] })).replace('{', `{${member},`), stage.issuer.key)

const asked = (status: Step['status'], token: string, more: Partial<Step> = {}): Step =>
  step(status, '/api/x', { token, ...more })
const typed = (status: Step['status'], token: string, target = '/level'): Step =>
  step(status, target, { token, host: 'typed.example.com' })
const REFUSED = [401, 403, 503] as const
const userOf = (served: Served) => foldedValues(served, 'x-balustrade-user')[0]

/** Made when played: tokens depend on the clock and on keys. */
const ATTACKS: Readonly<Record<string, () => readonly Step[]>> = {
  'JWT-none': () => {
    const payload = encodePart(claims())
    const forged = ['none', 'None', 'nOnE', '', undefined, null, ['none'], 0].flatMap((alg) => {
      const head = encodePart({ ...header(), alg })
      return [`${head}.${payload}.`, `${head}.${payload}`, `${head}.${payload}.AAAA`]
    })
    const json = JSON.stringify({ payload, protected: encodePart(header()), signature: 'AAAA' })
    const [h = '', , s = ''] = signed().split('.')
    return [
      asked(200, signed()),
      ...[...forged, Buffer.from(json).toString('base64url'), `${h}..${s}`, signed({}, { b64: false, crit: ['b64'] })].map(
        (token) => asked(401, token),
      ),
      step(401, '/api/x', { fields: [`Authorization: Bearer ${json}`] }),
    ]
  },
  'JWT-keytype': () => [
    typed(200, otherToken({ level: 10 })),
    typed(401, signParts({ alg: 'ES256', typ: 'at+jwt', kid: 'r1' }, other.claims({ ...USER, level: 10 }), stranger)),
    typed(401, otherToken({ level: 10 }, small)),
    typed(401, otherToken({ level: 10 }, rsa, { kid: 'enc' })),
    typed(
      401,
      signParts({ alg: 'PS256', typ: 'at+jwt', kid: 'r1' }, other.claims({ ...USER, level: 10 }), { ...rsa, alg: 'PS256' }),
    ),
    asked(401, signParts(header(), claims(), stranger)),
    asked(401, signed({}, { jwk: stranger.jwk })),
  ],
  'HONO-scheme': () => {
    const jwt = signed()
    const line = (value: string) => ({ fields: [`Authorization: ${value}`] })
    return [
      ...['bEaReR ', 'Bearer ', 'BEARER '].map((scheme) => step(200, '/api/x', line(`${scheme}${jwt}`))),
      ...[`Basic ${jwt}`, `Token ${jwt}`, jwt, `Bearer,${jwt}`, `Bearer ${jwt} ${jwt}`, `Bearer\t${jwt}`, `Bearer${jwt}`].map(
        (value) => step([400, 401], '/api/x', line(value)),
      ),
      step([400, 401], '/api/x', { fields: [`Authorization: Bearer ${jwt}`, `Authorization: Bearer ${jwt}`] }),
      step([400, 401], `/api/x?access_token=${jwt}`, line(`Bearer ${jwt}`)),
    ]
  },
  'KC-2026-18214': () => [
    // The one channel there is; the subject's own words in other claims do not count.
    asked(403, signed({ groups: [], email: 'x@allowed.example', preferred_username: 'users' })),
    asked(403, signed({ groups: ['strangers'], roles: ['users'], scope: 'users' })),
    asked([401, 403], signed({ groups: [], client_id: 'users', act: { sub: 'users' } })),
  ],
  'OK-2026-33496': () => [
    asked(200, signed()),
    typed(401, signed()),
    typed(200, otherToken({ level: 10 })),
    asked(401, otherToken({ level: 10 })),
    asked(200, signed()),
  ],
  'FJ-2026-35039': () => {
    const token = signed()
    const [h = '', p = '', s = ''] = token.split('.')
    const flipped = `${s.startsWith('A') ? 'B' : 'A'}${s.slice(1)}`
    const raised = encodePart(claims({ groups: ['users', 'admins'] }))
    return [
      asked(200, token),
      asked(401, `${h}.${p}.${flipped}`),
      asked(401, `${h}.${raised}.${s}`),
      asked(401, `${h}.${p}.${'A'.repeat(s.length)}`),
      asked(401, token.slice(0, -1)),
      asked(200, token),
    ]
  },
  'O2P-2021-21411': () => {
    const exact = (groups: unknown, more: Claims = {}): Step =>
      asked(REFUSED, signed({ groups, ...more }), { host: 'exact.example.com' })
    const many = Array.from({ length: 201 }, (_, at) => `g${at}`)
    return [
      ...[
        undefined,
        [],
        null,
        'admins',
        ['Admins'],
        [{ name: 'admins' }],
        ['admins '],
        ['admins', 1],
        { admins: true },
        many,
      ].map((groups) => exact(groups)),
      exact(undefined, { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } }),
      asked(200, signed({ groups: ['admins', 'unheard-of'] }), {
        host: 'exact.example.com',
        served: (served) => expect(foldedValues(served, 'x-balustrade-groups')).toEqual(['admins']),
      }),
    ]
  },
  'JWE-bomb': () => {
    const jwe = (head: object) => `${encodePart(head)}.AAAA.AAAA.AAAA.AAAA`
    return [
      asked(401, jwe({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })),
      asked(401, jwe({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 })),
      asked(401, signed({}, { zip: 'DEF' })),
      asked(401, signed({}, { x5c: Array.from({ length: 100 }, () => 'AAAA') })),
      asked([401, 431], signed({ filler: 'x'.repeat(20_000) })),
      asked(431, 'x'.repeat(100_000)),
    ]
  },
  'KC-2026-18572': () => [
    asked(403, signed({ groups: [], time: '2020-01-01T10:00:00Z', ip: '10.0.0.1', risk: 0, mfa: true, env: { group: 'users' } })),
    ...['__proto__', 'constructor', 'prototype'].map((name) => asked([401, 403], withMember(`"${name}":{"groups":["users"]}`))),
    asked(
      401,
      signParts(header(), JSON.stringify(claims({ groups: [] })).replace(/}$/, ',"groups":["users"]}'), stage.issuer.key),
    ),
  ],
  'FY-root-coerce': () => [
    typed(200, otherToken({ level: 10 })),
    ...['10', '1e1', '0x0a', ' 10', ['10'], [10], true, 10.5, null].map((level) => typed(REFUSED, otherToken({ level }))),
    typed(200, otherToken({ admin: true }), '/admin'),
    ...['true', 1, [true], 'yes', {}].map((admin) => typed(REFUSED, otherToken({ admin }), '/admin')),
  ],
  'EN-2023-27493': () => [
    ...['x\r\nX-Admin: 1', 'a\u0000b', 'a\nb', 'a\u2028b'].map((sub) => asked(401, signed({ sub }))),
    ...['J\u00f6rg', '\u{1f600}', '\u05d0\u05d1', 'a,b', 'a%2Cb', ' edge'].map((sub) =>
      asked(200, signed({ sub }), { served: (served) => expect(decodeURIComponent(userOf(served) ?? '')).toBe(`corp/${sub}`) }),
    ),
    asked([200, 401], signParts(header(), JSON.stringify(claims()).replace('"alice"', '"a\\ud800b"'), stage.issuer.key)),
    asked(200, signed({ groups: ['users', 'users,admins'] }), {
      served: (served) => expect(foldedValues(served, 'x-balustrade-groups')).toEqual(['users']),
    }),
    asked([401, 431], signed({ sub: 'x'.repeat(16_000) })),
    asked(400, signed(), { target: '/api/%0d%0aX-Admin:%201' }),
  ],
  'RF-cachekey': () => [
    // The same key id under two issuers, one a prefix of the other's name: each answers for its own tokens alone.
    asked(401, signParts(header(), { ...claims(), iss: `${stage.issuer.url}/` }, stage.issuer.key)),
    asked(401, signParts(header({ kid: 'r1' }), { ...claims(), iss: other.url }, rsa)),
    asked(401, signParts({ ...header(), alg: 'RS256', kid: 'k1' }, claims(), rsa)),
    asked(401, signParts(header({ kid: `${stage.issuer.key.kid}|r1` }), claims(), stage.issuer.key)),
    asked(200, signed()),
  ],
  'NODE-2026-21717': () => {
    const keys = Array.from({ length: 1_500 }, (_, at) => `"${at * 4_294_967}":0`).join(',')
    const deep = `${'['.repeat(3_000)}${']'.repeat(3_000)}`
    const raw = (member: string) => signParts(header(), JSON.stringify(claims()).replace('{', `{${member},`), stage.issuer.key)
    return [asked([401, 431], raw(keys)), asked([401, 431], raw(`"deep":${deep}`)), asked(200, signed())]
  },
}

describe('recorded attacks on tokens', () => {
  test.each(Object.keys(ATTACKS))('%s', (id) => playAll(stage, ATTACKS[id]?.() ?? []))
})
