import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import { MFA_LEVELS } from '../model/fact.ts'
import { type CallerWords, caseText, compilePolicy, type PolicyCase, writeCaller } from './index.ts'

const BASE = `balustrade: 1
services: { app: { hosts: [app.example.com], upstream: 'http://127.0.0.1:1', audience: a, providers: [corp], routing: { case: sensitive, trailing-slash: distinct } } }
providers: { corp: { issuer: 'https://login.example.com', algorithms: [ES256], profile: rfc9068, lifetime: 1h, claims: { tenant: string, level: number, beta: boolean, regions: strings }, complete: [groups, roles, claims, mfa], mfa: { amr: { otp: any }, proved-at: auth_time } } }
groups: ['no', 'a1', 'staff']
roles: [auditor]
scopes: [a.read]
clients: { app: { provider: corp, id: f7 } }
workloads: { batch: { provider: corp, subject: s } }
grants: { g: { who: { kind: human }, what: { service: app, path: /notes } } }
`

const read = (text: string): readonly PolicyCase[] => {
  const files = [
    { path: 'a.yaml', text: BASE },
    { path: 'b.yaml', text },
  ]
  const { diagnostics, cases } = compilePolicy(files, { conditions: CONDITIONS, now: 0 })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return cases
}

const age = fc.constantFrom(1_000, 60_000, 90_061_001)
const words: fc.Arbitrary<CallerWords> = fc.record(
  {
    kind: fc.constantFrom('human', 'workload', 'agent'),
    user: fc.constantFrom('corp/ada', 'corp/a:{c}', "corp/#'x,"),
    group: fc.subarray(['no', 'a1', 'staff'], { minLength: 1 }),
    role: fc.constant(['auditor']),
    scope: fc.constant(['a.read']),
    client: fc.constant('app'),
    provider: fc.constant('corp'),
    acr: fc.constantFrom('silver', 'urn:x:1', 'true'),
    claim: fc.record(
      {
        tenant: fc.constantFrom('acme', '7', 'null', '- x', '?', ': {', 'a\tb'),
        level: fc.constantFrom(0, 7, 1.5),
        beta: fc.boolean(),
        regions: fc.constant(['eu', '~']),
      },
      { requiredKeys: ['tenant'] },
    ),
    mfa: fc.array(fc.record({ level: fc.constantFrom(...MFA_LEVELS), age: fc.option(age, { nil: undefined }) }), {
      minLength: 1,
      maxLength: 2,
    }),
    login: fc.record({ age }),
    actingFor: fc.constant({ user: 'corp/ada', group: ['staff'] }),
  },
  { requiredKeys: ['kind'] },
)

test('a caller is written in the words it is read from, whatever they hold', () => {
  fc.assert(
    fc.property(words, fc.constantFrom('https://app.example.com/a%20b', 'https://app.example.com/'), (as, url) => {
      const witness = {
        note: 'shows: it',
        request: `GET ${url}`,
        as: writeCaller(as),
        from: '192.0.2.1',
        at: '2026-11-24T10:00:00Z',
        headers: { 'x-a': ['1', '#2'] },
        expect: 'allow',
      } as const
      const indented = caseText(witness)
        .split('\n')
        .map((line) => `  ${line}`)
      const [found] = read(`balustrade: 1\ncases:\n${indented.join('\n')}\n`)
      expect(found).toMatchObject({ note: 'shows: it', request: `GET ${url}`, from: '192.0.2.1', expect: 'allow' })
      expect(found?.as).toEqual(as)
      expect(found?.headers).toEqual(witness.headers)
    }),
  )
})

test('an anonymous caller has no words', () => expect(writeCaller({})).toEqual({}))
