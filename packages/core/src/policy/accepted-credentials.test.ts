import { describe, expect, it } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import type { ServiceImage } from '../model/policy-image.ts'
import { compilePolicy } from './index.ts'

const HEAD = `balustrade: 1
providers:
  corp: { issuer: https://a.example.com, profile: plain, algorithms: ES256, lifetime: 1h }
  partner: { issuer: https://b.example.com, profile: plain, algorithms: ES256, lifetime: 1h }
`

const compile = (text: string) =>
  compilePolicy([{ path: 'p.yaml', text: `${HEAD}${text}` }], { conditions: CONDITIONS, now: Date.UTC(2026, 10, 24) })

const NONE = { audience: [], providers: [], credentials: [], login: [], sessions: 'strict' } as const
const TOKENS = { audience: ['a'], providers: ['corp'], credentials: ['jwt'] } as const

describe('what a service accepts', () => {
  it.each<{ note: string; says: string; gives: Partial<ServiceImage> }>([
    { note: 'nothing', says: '', gives: {} },
    { note: 'tokens, where providers are stated', says: 'audience: a, providers: corp', gives: TOKENS },
    {
      note: 'tokens alone, though nothing is left to say',
      says: 'audience: a, providers: corp, credentials: jwt',
      gives: TOKENS,
    },
    {
      note: 'sessions too, where a login is stated',
      says: 'audience: a, providers: corp, login: corp',
      gives: { ...TOKENS, credentials: ['jwt', 'session'], login: ['corp'] },
    },
    {
      note: 'sessions alone need no audience, which tokens name',
      says: 'providers: corp, login: corp, credentials: session',
      gives: { providers: ['corp'], credentials: ['session'], login: ['corp'] },
    },
    {
      note: 'sessions that are lenient',
      says: 'providers: corp, login: corp, credentials: session, sessions: lenient',
      gives: { providers: ['corp'], credentials: ['session'], login: ['corp'], sessions: 'lenient' },
    },
    {
      note: 'keys that are lenient too: one word for all that is looked up',
      says: 'credentials: api-key, sessions: lenient',
      gives: { credentials: ['api-key'], sessions: 'lenient' },
    },
    { note: 'keys alone need neither provider nor audience', says: 'credentials: api-key', gives: { credentials: ['api-key'] } },
    {
      note: 'kinds in one order, whatever was written',
      says: 'audience: a, providers: corp, login: corp, credentials: [api-key, session, jwt, session]',
      gives: { ...TOKENS, credentials: ['jwt', 'session', 'api-key'], login: ['corp'] },
    },
    {
      note: 'logins in the order in which they are offered, each once',
      says: 'audience: a, providers: [corp, partner], login: [partner, corp, partner]',
      gives: { ...TOKENS, providers: ['corp', 'partner'], credentials: ['jwt', 'session'], login: ['partner', 'corp'] },
    },
    {
      note: 'a provider of tokens at which nobody logs in',
      says: 'audience: a, providers: [corp, partner], login: partner',
      gives: { ...TOKENS, providers: ['corp', 'partner'], credentials: ['jwt', 'session'], login: ['partner'] },
    },
  ])('$note', ({ says, gives }) => {
    const { image, diagnostics } = compile(`services: { a: { hosts: a.example.com${says && ', '}${says} } }\n`)
    expect(diagnostics).toEqual([])
    expect(image?.services['a']).toMatchObject({ ...NONE, ...gives })
  })
})

describe('the provider of API keys', () => {
  it('vouches for workloads that rules name, without being declared', () => {
    const { image, diagnostics } = compile(`services: { a: { hosts: a.example.com, credentials: api-key } }
workloads: { r: { provider: balustrade, subject: reporter } }
grants:
  reporting: { who: { workload: r }, what: { service: a, method: GET, path: /reports } }
  any-key: { who: { provider: balustrade }, what: { service: a, path: /ping } }
`)
    expect(diagnostics).toEqual([])
    expect(image?.workloads['r']).toEqual({ provider: 'balustrade', subject: 'reporter' })
    expect(image?.providers).not.toHaveProperty('balustrade')
  })
})
