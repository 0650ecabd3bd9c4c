// Recorded attacks of the classes header-spoofing and ip-spoofing, by their ids in the corpus.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foldedValues, type Served } from '../support/upstream.ts'
import { type Attacks, playAll, step, type Step } from './play.ts'
import { nouns, publicRule, serviceFile, type Stage, standardRules, startStage } from './stage.ts'

const IDENTITY =
  '    identity-headers: { user: x-auth-USER, kind: X-Auth-Kind, groups: X-Auth-Groups, roles: X-Auth-Roles, assertion: X-Auth-Proof }\n'
const NETWORKS = `networks:
  lan: [10.0.0.0/8, 192.168.1.0/24, '2001:db8::1']
  loopback6: ['::1']
  peers: [127.0.0.0/8]
  bad: [203.0.113.0/24]
`
const from = (name: string, network: string): string =>
  publicRule(name, `{ path: /${network}/** }`).replace('    owner:', `    how: { network: ${network} }\n    owner:`)
const never = (name: string, network: string): string =>
  `  ${name}:\n    what: { path: /not-${network}/** }\n    when: { network: ${network} }\n    how: never\n`

const policy = (issuer: string, upstream: string): Readonly<Record<string, string>> => ({
  'nouns.yaml': `${nouns(issuer)}${NETWORKS}`,
  'app.yaml': serviceFile({
    name: 'app',
    upstream,
    more: IDENTITY,
    rules: `guardrails:\n${never('blocks-peers', 'peers')}${never('blocks-bad', 'bad')}${standardRules('app')}${from('from-lan', 'lan')}${from('from-loopback6', 'loopback6')}${publicRule('not-listed', '{ path: [/not-peers/**, /not-bad/**, /anywhere] }')}`,
  }),
  'forwarded.yaml': serviceFile({ name: 'forwarded', upstream, more: '    forward-credential: true\n' }),
  'role.yaml': serviceFile({
    name: 'role',
    upstream,
    rules: 'grants:\n  role-user:\n    who: { group: users }\n    what: { path: /**, header: { x-role: user } }\n',
  }),
})

/** Bob is told to the upstream, once, and nothing the client made up. */
const bobAlone = (served: Served): void => {
  expect(foldedValues(served, 'x-auth-user')).toEqual(['corp/bob'])
  expect(foldedValues(served, 'x-auth-groups')).toEqual(['users'])
  expect(JSON.stringify(served.rawHeaders)).not.toMatch(/admin|attacker|evil/)
}
const asBob = (fields: readonly string[]): Step => step(200, '/api/x', { as: 'bob', fields, served: bobAlone })
const REFUSED = [401, 403] as const
const absent = (names: readonly string[]) => (served: Served) =>
  expect(names.flatMap((name) => foldedValues(served, name))).toEqual([])

const SUBREQUEST = ['middleware:middleware:middleware:middleware:middleware', 'src/middleware:src/middleware:src/middleware']
const TCHARS = ".~!+'#$%&*^`|_".split('')
const INTERNAL = [
  'x-policy-internal: 1',
  'x-skip-auth: true',
  'balustrade-decision: allow',
  'x-balustrade-user: admin',
  'x-auth-user: admin',
  'x-auth-proof: admin',
]
const ENVOY = [
  'x-envoy-original-path: /public',
  'x-envoy-internal: true',
  'x-envoy-external-address: 10.0.0.1',
  'x-forwarded-client-cert: By=a;URI=spiffe://td/ns/admin',
  'x-original-url: /public/x',
  'x-rewrite-url: /public/x',
]

const SPOOFED: Attacks = {
  'NEXT-2025-29927': [
    ...SUBREQUEST.map((value) => step(401, '/api/x', { fields: [`x-middleware-subrequest: ${value}`] })),
    ...INTERNAL.map((field) => step(401, '/api/x', { fields: [field] })),
    step(200, '/public/x', {
      fields: [`x-middleware-subrequest: ${SUBREQUEST[0]}`],
      served: absent(['x-middleware-subrequest']),
    }),
  ],
  'O2P-2025-64484': ['X_Forwarded_User', 'X-Forwarded_User', 'x_auth_request_user', 'X.Forwarded.User', 'X_Auth_User'].map(
    (name) => asBob([`${name}: admin`]),
  ),
  'TR-2026-88011': [
    ...['Remote.User', 'X.Auth.User', 'X.Auth_User', 'Remote_user'].map((name) => asBob([`${name}: admin`])),
    ...TCHARS.flatMap((c) => [asBob([`X${c}Auth${c}User: admin`]), asBob([`X-Auth${c}Groups: admins`])]),
  ],
  'TR-2026-33433': ['X-Auth-User', 'x-auth-user', 'X-AUTH-USER', 'x-auth-USER'].map((name) => asBob([`${name}: admin`])),
  'CADDY-2026-52845': [
    step(200, '/public/x', {
      fields: ['X_Auth_User: attacker'],
      served: (served) => {
        for (const name of ['user', 'kind', 'groups', 'roles', 'proof'])
          expect(foldedValues(served, `x-auth-${name}`)).toEqual([''])
      },
    }),
    asBob(['Remote_user: attacker', 'X-Other: 1']),
    asBob(['Remote.user: attacker']),
    asBob(['REMOTE-USER: attacker']),
  ],
  'TR-2024-45410': [
    ...['close, X-Forwarded-For, X-Auth-User', 'close, x-forwarded-host', 'close,X-Real-Ip', 'close, TE, Keep-Alive'].map(
      (value) =>
        step(200, '/api/x', {
          as: 'bob',
          fields: [`Connection: ${value}`, 'X-Auth-User: admin', 'X-Forwarded-For: 6.6.6.6'],
          served: (served) => {
            bobAlone(served)
            for (const name of ['x-forwarded-for', 'x-real-ip']) expect(foldedValues(served, name)).toEqual(['127.0.0.1'])
            expect(foldedValues(served, 'x-forwarded-host')).toEqual(['app.example.com'])
            expect(foldedValues(served, 'connection').join()).not.toMatch(/x-/i)
          },
        }),
    ),
    step(200, '/api/x', { as: 'bob', fields: ['Connection: close', 'Connection: X-Auth-User'], served: bobAlone }),
  ],
  'O2P-2026-34457': ['GoogleHC/1.0', 'hc/1.0', 'kube-probe/1.29'].flatMap((agent) => [
    step(401, '/admin', { fields: [`User-Agent: ${agent}`] }),
    step(401, '/oauth2/auth', { fields: [`User-Agent: ${agent}`] }),
  ]),
  'EN-2023-27487': [
    ...ENVOY.map((field) => step(401, '/admin/x', { fields: [field] })),
    step(200, '/public/x', { fields: ENVOY, served: absent(ENVOY.map((field) => field.split(':')[0] ?? '')) }),
  ],
  'EN-2021-32777': [
    step(200, '/x', { host: 'role.example.com', as: 'bob', fields: ['x-role: user'] }),
    ...[['x-role: user', 'x-role: admin'], ['x-role: admin', 'x-role: user'], ['x-role: user, admin'], ['x-role: USER']].map(
      (fields) => step([400, 403, 503], '/x', { host: 'role.example.com', as: 'bob', fields }),
    ),
  ],
  'CADDY-httpoxy': ['Proxy: http://evil.example:8080', 'proxy: x', 'PROXY: x'].map((field) =>
    step(200, '/public/x', { fields: [field], served: absent(['proxy']) }),
  ),
  'HAP-2021-39242': [
    step(400, 'http://admin.test/x', { fields: [] }),
    step(400, '/public/x', { fields: ['Host: admin.test'] }),
    step(400, '/public/x', { host: '' }),
    step(400, '/public/x', { host: 'app.example.com, admin.test' }),
    step(200, 'http://app.example.com/public/x', { served: ({ target }) => expect(target).toBe('/public/x') }),
  ],
  'TR-2024-52003': ['//evil.test', '/\\evil.test'].map((value) =>
    step(200, '/public/x', {
      fields: [`X-Forwarded-Prefix: ${value}`],
      served: absent(['x-forwarded-prefix']),
      answered: ({ head }) => expect(head).not.toContain('evil'),
    }),
  ),
  'POM-cookie': [
    // No session cookie of this product exists; the bearer token is what must not reach an upstream.
    step(200, '/api/x', {
      as: 'bob',
      fields: ['Cookie: a=1; __Host-b=2; other=3'],
      served: (served) => {
        expect(foldedValues(served, 'authorization')).toEqual([])
        expect(foldedValues(served, 'cookie')).toEqual(['a=1; __Host-b=2; other=3'])
      },
    }),
    step(400, '/api/x', { as: 'bob', fields: ['Cookie: a=1', 'Cookie: b=2'] }),
    step(200, '/api/x', {
      host: 'forwarded.example.com',
      as: 'bob',
      served: (served) => expect(foldedValues(served, 'authorization').length).toBe(1),
    }),
  ],
  'AU-trust': [
    step(200, '/api/x', {
      as: 'bob',
      served: (served) => {
        const [header = '', payload = ''] = (foldedValues(served, 'x-auth-proof')[0] ?? '')
          .split('.')
          .map((part) => Buffer.from(part, 'base64url').toString())
        expect(JSON.parse(header)).toMatchObject({ alg: 'EdDSA' })
        expect(JSON.parse(payload)).toMatchObject({ iss: 'https://gateway.example.com' })
      },
    }),
  ],
  'LB-XRI': [
    step(200, '/public/x', {
      fields: ['X-Real-IP: 127.0.0.9', 'X-Forwarded-For: 127.0.0.9'],
      served: (served) => {
        for (const name of ['x-real-ip', 'x-forwarded-for']) expect(foldedValues(served, name)).toEqual(['127.0.0.1'])
      },
    }),
  ],
  'FIBER-2023-41338': ['::1', '127.0.0.1, ::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'].map((value) =>
    step(REFUSED, '/loopback6/x', { fields: [`X-Forwarded-For: ${value}`, `X-Real-IP: ${value}`] }),
  ),
  'CDEF-2026-46415': ['8.8.8.8', '203.0.113.9, 8.8.8.8'].map((value) =>
    step(403, '/not-peers/x', { fields: [`X-Forwarded-For: ${value}`] }),
  ),
  'TR-2024-39321': [
    ...['GET', 'POST'].map((method) => step(425, '/admin/x', { as: 'alice', method, fields: ['Early-Data: 1'] })),
    step(425, '/public/x', { fields: ['Early-Data: 0'] }),
  ],
}

const through = (value: string): Partial<Step> => ({ fields: [`X-Forwarded-For: ${value}`] })
const seenAs = (client: string) => ({ served: (served: Served) => expect(foldedValues(served, 'x-real-ip')).toEqual([client]) })

const BEHIND_PROXY: Attacks = {
  'HONO-alb-xff': [
    step(200, '/lan/x', { ...through('127.0.0.1, 192.168.1.100'), ...seenAs('192.168.1.100') }),
    step(200, '/anywhere', { ...through('10.0.0.1, 203.0.113.9'), ...seenAs('203.0.113.9') }),
    step(REFUSED, '/lan/x', through('10.0.0.1, 203.0.113.9')),
    step(403, '/not-bad/x', through('8.8.8.8, 203.0.113.9')),
  ],
  'HONO-mapped-v6': [
    ...['::ffff:10.0.0.1', '::ffff:a00:1', '0:0:0:0:0:ffff:c0a8:101', '2001:db8:0:0:0:0:0:1'].map((value) =>
      step(200, '/lan/x', through(value)),
    ),
    ...['::1', '::abcd:1', '::a00:1', '2001:db8::2'].map((value) => step(REFUSED, '/lan/x', through(value))),
    ...['::ffff:203.0.113.9', '::ffff:cb00:7109'].map((value) => step(403, '/not-bad/x', through(value))),
  ],
  'HONO-octets': [
    ...[
      '1.2.3.256',
      '999.999.999.999',
      '256.0.0.1',
      '2001:db8::1%eth0',
      '1234:::5678',
      '127.0.0.01',
      '0177.0.0.1',
      '2130706433',
      'unknown',
    ].map((value) => step(400, '/anywhere', through(value))),
    step(200, '/anywhere', { ...through('203.0.113.9'), ...seenAs('203.0.113.9') }),
  ],
}

describe.each([
  { note: 'nobody in front', config: '', attacks: SPOOFED },
  {
    note: 'behind a trusted proxy',
    config: 'trusted-proxies: { networks: [127.0.0.1], field: x-forwarded-for }',
    attacks: BEHIND_PROXY,
  },
])('recorded attacks on headers and addresses: $note', ({ config, attacks }) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage({ policy, config })
  })
  afterAll(() => stage.close())

  test.each(Object.keys(attacks))('%s', (id) => playAll(stage, attacks[id] ?? []))
})
