// Recorded attacks of the classes path-normalisation, case/encoding and method-override, by their ids in the corpus.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foldedValues } from '../support/upstream.ts'
import { type Attacks, playAll, step, steps } from './play.ts'
import { nouns, publicRule, serviceFile, type Stage, standardRules, startStage } from './stage.ts'

const users = (name: string, path: string, more = ''): string =>
  `  ${name}:\n    who: { group: users }\n    what: { path: ${path}${more} }\n`
const closed = (name: string, path: string): string => `  ${name}:\n    what: { path: ${path} }\n    how: never\n`

const SAME = 'case: sensitive, trailing-slash: same'
const FOLDED = 'case: insensitive, trailing-slash: distinct'
const OPAQUE = 'case: sensitive, trailing-slash: distinct, accepts: [encoded-slash]'

const policy = (issuer: string, upstream: string): Readonly<Record<string, string>> => {
  const file = (name: string, rules: string, routing?: string) =>
    serviceFile({ name, upstream, rules, ...(routing === undefined ? {} : { routing }) })
  const hosts = (name: string, host: string, rules: string) =>
    file(name, rules).replace(`hosts: [${name}.example.com]`, `hosts: ['${host}']`)
  return {
    'nouns.yaml': nouns(issuer),
    'app.yaml': file('app', standardRules('app')),
    'info.yaml': file('info', `grants:\n${users('info-use', '/info/**')}`),
    'opaque.yaml': file(
      'opaque',
      `grants:\n${users('opaque-use', '/**')}guardrails:\n${closed('opaque-admin', '/admin/**')}`,
      OPAQUE,
    ),
    'foo.yaml': file(
      'foo',
      `public:\n${publicRule('foo-bar', '{ method: read, path: /foo/*/bar }')}${publicRule('foo-end', '{ method: read, path: /public/*/endpoint }')}`,
    ),
    'page.yaml': file('page', `grants:\n${users('page-use', '/dashboard')}`),
    'exact.yaml': file(
      'exact',
      `grants:\n${users('exact-use', '/api/**')}guardrails:\n  exact-admin:\n    what: { path: /api/admin }\n    how: { mfa: { level: phishing-resistant, max-age: 15m } }\n`,
      SAME,
    ),
    'folded.yaml': file(
      'folded',
      `grants:\n${users('folded-use', '/**')}guardrails:\n${closed('folded-admin', '/admin/panel')}`,
      FOLDED,
    ),
    'java.yaml': file(
      'java',
      `public:\n${publicRule('java-open', '{ path: /** }')}guardrails:\n${closed('java-admin', '/admin/**')}`,
    ),
    'secure.yaml': hosts(
      'secure',
      '*.admin.example5.com',
      `grants:\n  secure-use:\n    who: { group: users }\n    what: { path: /** }\n    how: { mfa: { level: phishing-resistant, max-age: 5m } }\n`,
    ),
    'loose.yaml': hosts('loose', '*.example5.com', `public:\n${publicRule('loose-open', '{ path: /** }')}`),
    'report.yaml': file(
      'report',
      `grants:\n${users('report-read', '/report', ', method: GET')}${users('report-post', '/items/*', ', method: POST')}`,
    ),
  }
}

const host = (name: string) => ({ host: `${name}.example.com` })
const bob = (name: string) => ({ ...host(name), as: 'bob' }) as const

const ATTACKS: Attacks = {
  'TR-2026-40912': steps(
    400,
    ['/api%2e/admin/secret', '/api%20/admin/secret', '/api%2e%2e/admin/secret', '/%61pi/admin/secret', '/./admin/secret'],
    { as: 'alice' },
  ),
  'TR-2025-66490': [
    ...steps(400, ['/admin%2F', '/admin%5C', '/admin%00', '/admin%3B', '/admin%3F', '/admin%23', '/admin%2fsecret'], {
      as: 'alice',
    }),
    ...steps(400, ['/admin%5C', '/admin%00', '/admin%3B', '/admin%3F', '/admin%23'], bob('opaque')),
    // Where the service keeps it, it stays one opaque segment, which is not the closed area.
    step(200, '/admin%2Fsecret', { ...bob('opaque'), served: ({ target }) => expect(target).toBe('/admin%2Fsecret') }),
    step(403, '/admin/secret', bob('opaque')),
  ],
  'EN-2019-9901': [
    ...steps(400, ['/info/../private', '/info/%2e%2e/private'], bob('info')),
    step(403, '/private', bob('info')),
    step(200, '/info/x', bob('info')),
  ],
  'O2P-2025-54576': [
    ...steps(
      [401, 403],
      ['/foo/critical_endpoint?param=/bar', '/foo/critical_endpoint?/x/bar', '/api/private/sensitive?path=/status'],
      host('foo'),
    ),
    step(200, '/foo/x/bar', host('foo')),
  ],
  'O2P-2026-41059': [
    ...steps(
      400,
      ['/foo/secret%23/bar', '/public/secret%23/endpoint', '/foo/secret#/bar', '/foo/secret%23/bar?query=param'],
      host('foo'),
    ),
    step(200, '/public/x/endpoint', host('foo')),
  ],
  'RF-2025-66415': [
    ...steps(400, ['/info/%2e%2e/bar', '/info/bar/%2E%2E/', '/info/bar/..'], bob('info')),
    ...steps(200, ['/info/bar.../x', '/info/.../x', '/info/..x'], bob('info')),
  ],
  'NEXT-2026-44575': [
    ...steps(
      401,
      [
        '/dashboard',
        '/dashboard.rsc',
        '/dashboard.segments/a.rsc',
        '/_next/data/BUILD/dashboard.json',
        '/_next/data/BUILD/en/dashboard.json',
      ],
      host('page'),
    ),
    step(401, '/dashboard', { ...host('page'), fields: ['RSC: 1', 'Next-Router-Prefetch: 1'] }),
    ...steps(403, ['/dashboard.rsc', '/dashboard.segments/a.rsc', '/_next/data/BUILD/dashboard.json'], bob('page')),
    step(200, '/dashboard', bob('page')),
  ],
  'KC-2026-15573': [
    ...steps(401, ['/api/admin', '/api/admin/'], bob('exact')),
    ...steps(400, ['/api/admin;x=1', '/api;v=1/admin', '/api/admin%3bx'], bob('exact')),
    step(200, '/api/other', bob('exact')),
  ],
  'CADDY-2026-27587': [
    ...steps(403, ['/admin/panel', '/AdMiN/panel', '/ADMIN/PANEL'], bob('folded')),
    ...steps(400, ['/ADMIN%2Fpanel', '/admin%2fpanel', '/%41dmin/panel'], bob('folded')),
    step(200, '/AdMiN/other', bob('folded')),
  ],
  'CADDY-2026-52844': steps(
    400,
    ['/private%5Csecret.txt', '/public%5C..%5Cprivate%5Csecret.txt', '/public\\..\\private\\secret.txt'],
    { as: 'alice' },
  ),
  'HAP-2023-45539': [
    ...steps(400, ['/admin/index.html#.png', '/admin/index.html%23.png', '/admin/index.html;.png', '/admin/index.html%00.png']),
    ...steps(401, ['/admin/index.html?.png', '/admin/index.html/x.png']),
  ],
  'SHIRO-2020-1957': [
    ...steps(
      400,
      ['/xxx/..;/admin/', '/./admin', '/;/admin', '/admin;jsessionid=1', '/public/..;x=1/admin', '/admin%3b', '/a//admin'],
      host('java'),
    ),
    step(403, '/admin/', host('java')),
    step(200, '/public', host('java')),
  ],
  'POM-2023-33189': [
    ...steps(
      400,
      ['/.balustrade/../admin', '/.balustrade%2f..%2fadmin', '/.balustrade/callback/../../admin', '//.balustrade/x'],
      { as: 'alice' },
    ),
    ...steps(404, ['/.balustrade', '/.balustrade/x', '/.balustrade/keys/x'], { ...host('java') }),
    ...steps(404, ['/.balustrade%2Fx', '/.balustrade/x'].slice(1), bob('opaque')),
  ],
  'HD-2026-42273': [
    ...[
      'secure.ADMIN.example5.com',
      'SECURE.ADMIN.EXAMPLE5.COM',
      'secure.admin.example5.com.',
      'secure.admin.example5.com:443',
      'Secure.Admin.Example5.com:80',
    ].map((name) => step(401, '/x', { host: name })),
    step(200, '/x', { host: 'Httpbin.Example5.com' }),
    step(400, '/x', { host: 's\u00ebcure.admin.example5.com' }),
    step(401, '/x', { host: 'xn--scure-gra.admin.example5.com' }),
  ],
  'NEST-2026-33011': [
    step([401, 403], '/report', { ...bob('report'), method: 'OPTIONS' }),
    ...['QUERY', 'TRACE', 'PROPFIND'].map((method) => step(501, '/report', { ...bob('report'), method })),
    ...['get', 'CONNECT'].map((method) => step([400, 501], '/report', { ...bob('report'), method })),
    ...['GET', 'HEAD'].map((method) => step(200, '/report', { ...bob('report'), method })),
  ],
  'GEN-method-override': [
    step(200, '/items/1?_method=DELETE', {
      ...bob('report'),
      method: 'POST',
      body: '_method=DELETE',
      fields: ['X-HTTP-Method-Override: DELETE', 'X_HTTP_Method: DELETE', 'X-Method-Override: DELETE', 'X-Forwarded-Method: GET'],
      served: (served) => {
        expect(served.method).toBe('POST')
        const names = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-forwarded-method']
        expect(names.flatMap((name) => foldedValues(served, name))).toEqual([])
      },
    }),
    step(403, '/items/1', {
      ...bob('report'),
      method: 'DELETE',
      fields: ['X-HTTP-Method-Override: POST', 'X-Forwarded-Method: POST'],
    }),
  ],
}

describe('recorded attacks on paths, hosts and methods', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage({ policy })
  })
  afterAll(() => stage.close())

  test.each(Object.keys(ATTACKS))('%s', (id) => playAll(stage, ATTACKS[id] ?? []))
})
