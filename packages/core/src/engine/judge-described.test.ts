import { describe, expect, test } from 'vitest'
import { callerIn } from '../../../../test/support/evaluations.ts'
import { grant, guardrail, imageWith, is, publicEntry, tell, tellReasons } from '../../../../test/support/small-policy.ts'
import { CONDITIONS } from '../catalogue.ts'
import { ANONYMOUS, type CredentialKind, type Facts, UNKNOWN } from '../model/fact.ts'
import type { RuleImage, ServiceImage } from '../model/policy-image.ts'
import {
  agentFacts,
  EXAMPLE_NOW,
  exampleFacts,
  exampleImage,
  keyFacts,
  sessionFacts,
  workloadFacts,
} from '../testing/example-facts.ts'
import { createDescribedJudge } from './judge-described.ts'
import { prepareImage } from './prepare-image.ts'

const at = EXAMPLE_NOW
const TARGET = 'https://acme.pay.example.com/tenants/acme/charges'
const nobody = { facts: ANONYMOUS, behalf: null }
const ada = { facts: callerIn(exampleFacts), behalf: null }
const batch = { facts: callerIn(workloadFacts), behalf: null }
const agent = { facts: callerIn(agentFacts), behalf: callerIn(exampleFacts) }

const judgeWith = (...rules: readonly RuleImage[]) => createDescribedJudge(imageWith(...rules), CONDITIONS)

describe('a described request', () => {
  const editors = grant('editors', { who: is('who.role', 'editor') })
  const agents = grant('agents', { who: is('who.acting-for', 'anyone') })
  test.each([
    { note: 'by nobody', rules: [editors], caller: nobody, gives: 'challenge {"login":{"maxAge":null}}' },
    { note: 'by somebody', rules: [editors], caller: ada, gives: 'allow editors' },
    { note: 'by software', rules: [editors], caller: batch, gives: 'deny forbidden' },
    { note: 'by an agent, without its person', rules: [agents], caller: agent, gives: 'deny forbidden' },
    { note: 'by an agent and its person', rules: [agents, editors], caller: agent, gives: 'allow agents' },
    { note: 'public', rules: [publicEntry('home')], caller: nobody, gives: 'allow home public' },
  ])('$note', ({ rules, caller, gives }) => {
    expect(tell(judgeWith(...rules).judge({ request: `GET ${TARGET}`, at }, () => caller).decision)).toBe(gives)
  })

  test('is made a request by the checks of a point', () => {
    const { judge } = judgeWith(grant('use'))
    expect(tellReasons(judge({ request: 'GET acme.pay.example.com', at }, () => ada).decision)).toEqual(['request.target_form'])
    expect(tellReasons(judge({ request: 'GET https://nobody.example/', at }, () => ada).decision)).toEqual(['service.none'])
    expect(judge({ request: 'GET acme.pay.example.com', at }, () => ada)).toMatchObject({ serviceName: null, facts: [] })
  })

  test.each([
    { note: 'a person', caller: ada, subject: 'corp/ada' },
    { note: 'software', caller: batch, subject: 'corp/b41d' },
    { note: 'an agent without a name', caller: agent, subject: '' },
  ])('names its caller: $note', ({ caller, subject }) => {
    const { authentication } = judgeWith(grant('use')).judge({ request: `GET ${TARGET}`, at }, () => caller)
    expect(authentication).toMatchObject({
      status: 'verified',
      identity: { provider: 'corp', subject, kind: 'jwt', credentialId: null, expiresAt: Number.POSITIVE_INFINITY },
    })
  })

  test('holds as long as its policy says', () => {
    const { judge } = judgeWith(grant('use', { until: at + 5 }))
    expect(judge({ request: `GET ${TARGET}`, at }, () => ada).decision.holdsUntil).toBe(at + 5)
  })

  test('is told what was opened before', () => {
    const openings = new Map([['glass', at]])
    const { judge } = judgeWith(grant('use'))
    expect(judge({ request: `GET ${TARGET}`, at }, () => ada, openings).facts[0]?.openings).toBe(openings)
    expect(judge({ request: `GET ${TARGET}`, at }, () => ada).facts[0]?.openings).toBeNull()
  })

  test('is judged under a plan that others may ask as well', () => {
    const { plan } = judgeWith(guardrail('g'))
    expect(plan.rules.map(({ name }) => name)).toEqual(['g'])
    expect(plan.digest).toEqual(prepareImage(imageWith(guardrail('g'))).digest)
  })
})

describe('a caller with a kind of credential', () => {
  const payments = exampleImage.services.payments as ServiceImage
  const rules = [grant('use'), publicEntry('home', { what: is('what.path', '/home') })]
  const asked = (facts: Facts, accepts: readonly CredentialKind[], path = '/a') => {
    const image = { ...imageWith(...rules), services: { payments: { ...payments, credentials: accepts } } }
    const { judge } = createDescribedJudge(image, CONDITIONS)
    return judge({ request: `GET https://acme.pay.example.com${path}`, at }, ({ credentials }) => {
      expect(credentials).toBe(accepts)
      return { facts: callerIn(facts), behalf: null }
    }).decision
  }

  test.each<{ note: string; facts: Facts; accepts: readonly CredentialKind[]; gives: string }>([
    { note: 'a token', facts: exampleFacts, accepts: ['jwt', 'session'], gives: 'allow use' },
    { note: 'a session', facts: sessionFacts, accepts: ['session'], gives: 'allow use' },
    { note: 'a key', facts: keyFacts, accepts: ['api-key'], gives: 'allow use' },
    { note: 'which kind is not known', facts: { ...exampleFacts, credential: UNKNOWN }, accepts: [], gives: 'deny unavailable' },
  ])('that is accepted: $note', ({ facts, accepts, gives }) => expect(tell(asked(facts, accepts))).toBe(gives))

  test.each<{ note: string; facts: Facts; accepts: readonly CredentialKind[]; gives: string; reasons: readonly string[] }>([
    { note: 'a token', facts: exampleFacts, accepts: ['session'], gives: 'deny refused', reasons: ['credential.not_accepted'] },
    { note: 'a key', facts: keyFacts, accepts: ['jwt'], gives: 'deny refused', reasons: ['credential.not_accepted'] },
    {
      note: 'a session, which counts as none',
      facts: sessionFacts,
      accepts: ['jwt'],
      gives: 'challenge {"login":{"maxAge":null}}',
      reasons: ['login.required'],
    },
    { note: 'any, where none is', facts: sessionFacts, accepts: [], gives: 'deny forbidden', reasons: ['grant.none'] },
  ])('that is not accepted fares as at a point: $note', ({ facts, accepts, gives, reasons }) => {
    const decision = asked(facts, accepts)
    expect([tell(decision), decision.reasons.map(({ code }) => code)]).toEqual([gives, reasons])
    expect(tell(asked(facts, accepts, '/home'))).toBe('allow home public')
  })
})

describe('the digest of a policy', () => {
  test('is that of its canonical JSON, whatever the order of its members', () => {
    const image = imageWith(grant('use'))
    const prepared = prepareImage(image)
    const turned = Object.fromEntries(Object.entries(image).toReversed()) as unknown as typeof image
    expect(prepared.digest.policy).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(prepareImage(turned)).toMatchObject({ digest: prepared.digest, canonical: prepared.canonical })
    expect(JSON.parse(prepared.canonical)).toEqual(image)
    expect(prepared.image).toBe(image)
  })

  test('differs where the policy does', () => {
    expect(prepareImage(imageWith(grant('a'))).digest.policy).not.toBe(prepareImage(imageWith(grant('b'))).digest.policy)
  })

  test('of data is that of nothing', () => {
    expect(prepareImage(imageWith()).digest.data).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  })
})
