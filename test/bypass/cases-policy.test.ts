// Recorded attacks on policies and their evaluation, by their ids in the corpus: documents are compiled, requests decided.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CONDITIONS } from '../../packages/core/src/catalogue.ts'
import { decide } from '../../packages/core/src/decision/decide.ts'
import type { Facts } from '../../packages/core/src/model/fact.ts'
import { buildPlan } from '../../packages/core/src/plan/build.ts'
import type { Plan } from '../../packages/core/src/plan/plan.ts'
import { type CallerWords, type CompiledPolicy, compilePolicy, factsFromWords } from '../../packages/core/src/policy/index.ts'
import { fromDescription } from '../../packages/core/src/request/from-description.ts'
import { corpus } from '../support/corpora.ts'
import { nouns, publicRule } from './stage.ts'

const NOW = Date.UTC(2026, 10, 24, 10)
const ISSUER = 'https://login.example.com'
const NOUNS = nouns(ISSUER)
  .replace('    loopback: true\n', '')
  .replace('complete: [groups, mfa]', 'claims: { plan: string }\n    complete: [groups, claims, mfa]')

const service = (name: string, host: string): string =>
  `  ${name}:\n    hosts: ['${host}']\n    upstream: http://127.0.0.1:9000\n    audience: a\n    providers: corp\n    routing: { case: sensitive, trailing-slash: distinct }\n`
const APP = `services:\n${service('app', 'app.example.com')}`

const compile = (rules: string, head = NOUNS): CompiledPolicy =>
  compilePolicy([{ path: 'policy.yaml', text: `${head}${rules}` }], { conditions: CONDITIONS, now: NOW })

const planOf = (rules: string, head?: string): Plan => {
  const { image, diagnostics } = compile(rules, head)
  if (image === null) throw new Error(JSON.stringify(diagnostics))
  return buildPlan(image, { conditions: CONDITIONS, digest: { policy: 'sha256:test', data: 'sha256:test' } })
}

const refusesToCompile = (rules: string, head?: string): void => {
  const { image, diagnostics } = compile(rules, head)
  expect([image, diagnostics.length > 0], rules).toEqual([null, true])
}

/** Outcome of a request in words; `refused` where the bytes are no request, `nobody` where no service claims the host. */
const judge = (plan: Plan, request: string, as: CallerWords = {}): string => {
  const made = fromDescription({ request, at: NOW })
  if (!made.ok) return 'refused'
  const { path, host, method, fields, upgrade, transport, at } = made.request
  const found = plan.serviceFor(host, path.segments)
  if (found === null) return 'nobody'
  const about = { now: at, service: found.name, host, method, path, headers: fields, upgrade, address: transport.client }
  const operation = plan.operationFor(found.name, method, path.segments)
  const { facts } = factsFromWords(as, { image: plan.image, now: at })
  return decide(plan, [{ ...about, operation, ...facts } as Facts]).outcome
}

const grant = (name: string, who: string, what: string): string => `  ${name}:\n    who: ${who}\n    what: ${what}\n`
const ON = 'service: app'
const get = (target: string): string => `GET https://app.example.com${target}`
const USER: CallerWords = { user: 'corp/bob', group: ['users'] }

const hostsOf = (count: number): Plan => {
  const others = Array.from({ length: count - 1 }, (_, at) => service(`s${at}`, `h${at}.example.com`)).join('')
  const open = Array.from({ length: count - 1 }, (_, at) => publicRule(`open-s${at}`, `{ service: s${at}, path: /** }`)).join('')
  const rules = `services:\n${service('admin', 'admin.example.com')}${others}grants:\n${grant('admins', '{ group: admins }', '{ service: admin, path: /** }')}public:\n${open}`
  return planOf(rules)
}

const CASES: Readonly<Record<string, () => void>> = {
  'OPA-2026-26205': () => {
    const plan = planOf(
      `${APP}public:\n${publicRule('open', `{ ${ON}, path: /** }`)}guardrails:\n  no-admin:\n    what: { ${ON}, path: /admin/** }\n    how: never\n`,
    )
    for (const target of ['//admin/dashboard', '//x/people?a=1', '///admin', '//user:pw@admin/x'])
      expect(judge(plan, get(target)), target).toBe('refused')
    expect([judge(plan, get('/admin/dashboard')), judge(plan, get('/people'))]).toEqual(['deny', 'allow'])
  },
  'CLERK-2026-41248': () => {
    const plan = planOf(
      `${APP}grants:\n${grant('admins', '{ group: admins }', `{ ${ON}, path: /admin/** }`)}public:\n${publicRule('docs', `{ ${ON}, method: GET, path: /docs/** }`)}`,
    )
    const path = corpus('bypass')
    const { variants } =
      path === null
        ? { variants: [] }
        : (JSON.parse(readFileSync(join(path, 'path-variants.json'), 'utf8')) as { variants: { raw: string }[] })
    const allowed = variants
      .map(({ raw }) => raw)
      .filter((raw) => /^\/[\u0000-\uffff]*$/.test(raw) && judge(plan, get(raw)) === 'allow')
    expect(allowed).toEqual([])
    expect([judge(plan, get('/docs/../admin')), judge(plan, get('/docs/x')), judge(plan, get('/nowhere'))]).toEqual([
      'refused',
      'allow',
      'challenge',
    ])
    // Nothing but what is listed is allowed: a policy that lists nothing allows nothing.
    expect(judge(planOf(APP), get('/x'), USER)).toBe('deny')
  },
  'CADDY-2026-27588': () => {
    for (const count of [2, 99, 100, 101, 1_000]) {
      const plan = hostsOf(count)
      const seen = ['admin.example.com', 'ADMIN.Example.COM', 'admin.example.com.', 'Admin.example.com:443'].map((host) =>
        judge(plan, `GET https://${host}/`),
      )
      expect(seen, `${count} services`).toEqual(['challenge', 'challenge', 'challenge', 'challenge'])
      expect([judge(plan, 'GET https://H0.example.com/'), judge(plan, 'GET https://nobody.example.com/')]).toEqual([
        'allow',
        'nobody',
      ])
    }
  },
  'IS-2026-39350': () => {
    const plan = planOf(
      `services:\n${service('app', 'api.example.com')}grants:\n${grant('one', '{ user: corp/svc.admin }', `{ ${ON}, path: /a.b/** }`)}`,
    )
    const ask = (user: string, host = 'api.example.com', path = '/a.b/c') => judge(plan, `GET https://${host}${path}`, { user })
    expect(ask('corp/svc.admin')).toBe('allow')
    expect([
      ask('corp/svcXadmin'),
      ask('corp/svc.admin', 'apiXexample.com'),
      ask('corp/svc.admin', 'api.example.com', '/aXb/c'),
    ]).toEqual(['deny', 'nobody', 'deny'])
  },
  'IS-2020-16844': () => {
    // Patterns within a name are no part of the language, so none can silently match nothing; a deny rule holds for whom it names.
    const closed = (who: string) =>
      `${APP}grants:\n${grant('all', '{ kind: human }', `{ ${ON}, path: /** }`)}guardrails:\n  closed:\n    who: ${who}\n    what: { ${ON}, path: /** }\n    how: never\n`
    refusesToCompile(closed("{ group: '*-admin' }"))
    const plan = planOf(closed('{ user: corp/foo-admin }'))
    expect([judge(plan, get('/x'), { user: 'corp/foo-admin' }), judge(plan, get('/x'), { user: 'corp/bob' })]).toEqual([
      'deny',
      'allow',
    ])
  },
  'NODE-multiline': () => {
    const plan = planOf(
      `${APP}grants:\n${grant('one', '{ user: corp/bob }', `{ ${ON}, path: /x/** }`)}public:\n${publicRule('open', `{ ${ON}, path: /public/** }`)}`,
    )
    for (const target of ['/admin%0ax', '/x%0a/public', '/public%0a/x', '/public/%0a'])
      expect(judge(plan, get(target)), target).toBe('refused')
    expect(judge(plan, get('/x/y'), { user: 'corp/bob\nadmin' })).toBe('deny')
    expect(judge(plan, get('/x/y'), { user: 'corp/bob' })).toBe('allow')
  },
  'CLERK-2026-42349': () => {
    const plan = planOf(
      `${APP}grants:\n${grant('pro-admins', '{ all: [{ group: admins }, { claim: { plan: pro } }] }', `{ ${ON}, path: /** }`)}    how: { mfa: { level: any, max-age: 5m } }\n`,
    )
    const groups = [['admins'], [], null] as const
    const plans = ['pro', 'free', null] as const
    const ages = [60_000, 600_000, null] as const
    const rows = groups.flatMap((group) => plans.flatMap((tier) => ages.map((age) => ({ group, tier, age }))))
    const allowed = rows.filter(({ group, tier, age }) => {
      const unknown = [
        ...(group === null ? (['groups'] as const) : []),
        ...(age === null ? (['factors'] as const) : []),
        ...(tier === null ? (['claims'] as const) : []),
      ]
      const known = {
        ...(group === null ? {} : { group }),
        ...(tier === null ? {} : { claim: { plan: tier } }),
        ...(age === null ? {} : { mfa: [{ level: 'any' as const, age }] }),
      }
      return judge(plan, get('/x'), { user: 'corp/ann', ...known, unknown } as CallerWords) === 'allow'
    })
    expect(rows.length).toBe(27)
    expect(allowed).toEqual([{ group: ['admins'], tier: 'pro', age: 60_000 }])
  },
  'OPA-sandbox': () => {
    const with_ = (who: string) => `${APP}grants:\n${grant('one', who, `{ ${ON}, path: /** }`)}`
    const hostile = [
      'this.constructor.constructor("return process")()',
      '[].map.constructor',
      '"a".__proto__',
      'import("fs")',
      'require("fs")',
    ]
    for (const text of hostile) refusesToCompile(with_(`{ expression: ${JSON.stringify(text)} }`))
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) refusesToCompile(with_(`{ ${key}: users }`))
    refusesToCompile(with_(`${'{ not: '.repeat(20_000)}{ group: users }${' }'.repeat(20_000)}`))
    refusesToCompile(with_(`{ group: [${'users, '.repeat(200_000)}users] }`))
    refusesToCompile(`${APP}x: &a [1, 1, 1]\ny: [*a, *a]\n`)
  },
  'NPM-ip': () => {
    const keysAt = (url: string) => NOUNS.replace(`issuer: ${ISSUER}`, `issuer: ${ISSUER}\n    jwks-uri: '${url}'`)
    for (const host of ['127.1', '0177.0.0.1', '2130706433', '[::ffff:127.0.0.1]', '0x7f.1', 'localhost', '[::1]']) {
      refusesToCompile(APP, keysAt(`http://${host}/`))
      refusesToCompile(APP, keysAt(`https://${host}/`))
    }
    for (const network of [
      '127.1',
      '0177.0.0.1',
      '2130706433',
      '192.168.0.0/33',
      '::/129',
      '127.0.0.1/',
      '::ffff:127.0.0.1/129',
      '10.0.0.0/08',
      '1.2.3/24',
    ])
      refusesToCompile(`${APP}networks: { here: ['${network}'] }\n`)
    expect(compile(APP, keysAt('https://keys.example.com/jwks')).image).not.toBeNull()
  },
  'NODE-2026-48618': () => {
    const keysAt = (url: string) =>
      compile(APP, NOUNS.replace(`issuer: ${ISSUER}`, `issuer: ${ISSUER}\n    jwks-uri: ${JSON.stringify(url)}`)).image
    expect(keysAt('https://idp.test\u0000.evil/')).toBeNull()
    expect(keysAt('https://user@idp.test/')).toBeNull()
    expect(keysAt('https://idp.test\\.evil example/')).toBeNull()
    // What a URL parser makes of it is the host that is asked, in LDH labels.
    expect(new URL(keysAt('https://a\u3002evil.example/')?.providers['corp']?.jwksUri ?? '').hostname).toBe('a.evil.example')
  },
}

describe('recorded attacks on policies', () => {
  test.each(Object.keys(CASES))('%s', (id) => CASES[id]?.())
})
