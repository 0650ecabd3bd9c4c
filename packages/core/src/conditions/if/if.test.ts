import { describe, expect, it } from 'vitest'
import { describeVerdicts } from '../../../../../test/support/condition-table.ts'
import { FACT_NAMES, type Facts, UNKNOWN } from '../../model/fact.ts'
import { EXAMPLE_NOW, anonymousFacts, exampleFacts, exampleImage, exampleScope } from '../../testing/example-facts.ts'
import { expression } from './if.ts'
import { FACTS_NAMED, FACTS_WITHHELD } from './names.ts'

const claims = (entries: Record<string, string | number | boolean | null>) => ({ claims: new Map(Object.entries(entries)) })
const OWN = 'principal.claims.tenant == captures.tenant'
const inPath = (segment: string, service = 'payments') => ({
  path: { segments: ['tenants', segment], trailingSlash: false },
  service,
})

describeVerdicts(expression, [
  { note: 'what was captured', spec: OWN, gives: 'met' },
  { note: 'another value', spec: OWN, facts: claims({ tenant: 'globex' }), gives: 'unmet' },
  { note: 'an absent claim equals nothing', spec: OWN, facts: claims({ tenant: null }), gives: 'unmet' },
  { note: 'a claim the provider did not tell', spec: OWN, facts: claims({}), gives: 'unknown' },
  { note: 'nobody is known', spec: OWN, facts: { claims: UNKNOWN }, gives: 'unknown' },
  { note: 'nothing was captured', spec: OWN, scope: { capture: () => () => undefined }, gives: 'unsaid' },
  { note: 'nobody captures it', spec: OWN, scope: { capture: () => null }, gives: 'unsaid' },
  { note: 'capitals where nobody said how they are read', spec: OWN, facts: { ...inPath('ACME') }, gives: 'unsaid' },
  { note: 'not even for !=', spec: 'captures.tenant != "acme"', facts: inPath('ACME'), gives: 'unsaid' },
  { note: 'capitals that are told apart', spec: 'captures.tenant != "acme"', facts: inPath('ACME', 'console'), gives: 'met' },
  { note: 'capitals that are read alike', spec: 'captures.tenant != "acme"', facts: inPath('ACME', 'legacy'), gives: 'unmet' },
  { note: 'a number claim and an integer', spec: 'principal.claims.level == 3', gives: 'met' },
  {
    note: 'an absent value is not counted with',
    spec: 'principal.claims.level >= 3',
    facts: claims({ level: null }),
    gives: 'failed',
  },
  { note: 'but may be asked for', spec: 'has(principal.claims.level)', facts: claims({ level: null }), gives: 'unmet' },
  { note: 'a claim that is true', spec: 'principal.claims.beta', gives: 'met' },
  { note: 'a claim that is absent', spec: 'principal.claims.beta', facts: claims({ beta: null }), gives: 'unmet' },
  { note: 'a division by nothing', spec: 'int(principal.claims.level) / int(principal.claims.level - 3.0) > 1', gives: 'failed' },
  { note: 'what is settled without it', spec: `${OWN} || principal.claims.level / 0.0 > 1.0 || 1 / 0 > 1`, gives: 'met' },
  { note: 'a group', spec: '"customers" in principal.groups', gives: 'met' },
  {
    note: 'a group that may not be told',
    spec: '"admins" in principal.groups',
    facts: { groups: { names: new Set(['customers']), complete: false } },
    gives: 'unknown',
  },
  { note: 'HEAD is judged as GET', spec: 'request.method == "GET"', facts: { method: 'HEAD' }, gives: 'met' },
  { note: 'an address within a network', spec: 'cidr("198.51.100.0/24").containsIP(request.address)', gives: 'met' },
  {
    note: 'a request the document does not describe',
    spec: 'request.operation == "createCharge"',
    facts: { operation: { id: null, tags: [] } },
    gives: 'unsaid',
  },
  { note: 'its tags', spec: '"money" in request.tags', gives: 'met' },
  { note: 'the time', spec: 'now == timestamp("2026-11-24T10:00:00Z")', gives: 'met' },
  { note: 'milliseconds of the time', spec: 'now.getMilliseconds() == 250', facts: { now: EXAMPLE_NOW + 250 }, gives: 'met' },
  { note: 'the clock of a zone', spec: 'now.getHours("Europe/Berlin") == 11', gives: 'met' },
  { note: 'a zone the image does not have', spec: 'now.getHours("Asia/Tokyo") == 19', gives: 'failed' },
  { note: 'the anonymous have no kind', spec: 'principal.kind != "agent"', facts: anonymousFacts, gives: 'met' },
  { note: 'a text that is no expression', spec: ')', gives: 'failed' },
])

describe('names', () => {
  it('every fact has one, or a reason to have none', () => {
    expect([...FACTS_NAMED, ...FACTS_WITHHELD].sort()).toEqual([...FACT_NAMES].sort())
  })

  it.each([
    { spec: OWN, reads: ['service', 'host', 'path', 'claims'] },
    { spec: '"money" in request.tags && now > timestamp(0)', reads: ['now', 'operation'] },
    { spec: '[1].exists(principal, principal == 1)', reads: [] },
    { spec: ')', reads: [] },
  ])('are what is read: $spec', ({ spec, reads }) => {
    expect(expression.readsOf?.(spec).toSorted()).toEqual(reads.toSorted())
  })

  it('of captures are compared with', () => {
    expect(expression.compares?.('captures.a == "x" && captures["b-c"] == captures.a')).toEqual(['a', 'b-c'])
  })
})

describe('time alone', () => {
  const lapse = (spec: string, facts: Partial<Facts> = {}) => {
    const at = expression.lapses?.(spec, exampleScope)({ ...exampleFacts, ...facts }) ?? Number.NaN
    return Number.isFinite(at) ? at - EXAMPLE_NOW : at
  }
  it.each([
    { note: 'a comparison that lies ahead', spec: 'now < timestamp("2026-11-24T10:00:05Z")', after: 5_000 },
    { note: 'including the instant', spec: 'now <= timestamp("2026-11-24T10:00:05Z")', after: 5_000 },
    { note: 'just now', spec: 'now <= timestamp("2026-11-24T10:00:00Z")', after: 1 },
    { note: 'one that is past', spec: 'now > timestamp("2026-11-24T09:00:00Z")', after: Infinity },
    { note: 'a length of time since', spec: 'now - timestamp("2026-11-24T09:59:00Z") > duration("90s")', after: 30_000 },
    { note: 'a length of time until', spec: 'timestamp("2026-11-24T11:00:00Z") - now < duration("59m")', after: 60_000 },
    { note: 'a length that is added', spec: 'now + duration("1h") >= timestamp("2026-11-24T11:00:01Z")', after: 1_000 },
    { note: 'taken away', spec: 'now - duration("1h") >= timestamp("2026-11-24T09:00:01Z")', after: 1_000 },
    { note: 'the earliest of several', spec: 'now < timestamp("2026-11-24T10:00:05Z") || now.getHours() == 3', after: 5_000 },
    { note: 'a clock', spec: 'now.getHours("Europe/Berlin") == 3', after: 60_000 },
    { note: 'seconds of it', spec: 'now.getSeconds() == 3', after: 1_000 },
    { note: 'milliseconds of it', spec: 'now.getMilliseconds() == 3', after: 1 },
    { note: 'anything else', spec: 'string(now).startsWith("2026")', after: 1_000 },
    { note: 'not read', spec: 'principal.kind == "human"', after: Infinity },
  ])('$note: $spec', ({ spec, after }) => expect(lapse(spec)).toBe(after))
})

describe('a trace', () => {
  const trace = (spec: string, facts: Partial<Facts> = {}) =>
    expression.trace?.(spec, { ...exampleScope, image: exampleImage })({ ...exampleFacts, ...facts })

  it('has the value of every part', () => {
    expect(trace('principal.claims.level >= 3 && (captures.tenant == "globex" || "eu" in principal.claims.regions)')).toEqual([
      {
        depth: 0,
        text: 'principal.claims.level >= 3 && (captures.tenant == "globex" || "eu" in principal.claims.regions)',
        value: 'true',
      },
      { depth: 1, text: 'principal.claims.level >= 3', value: 'true' },
      { depth: 2, text: 'principal.claims.level', value: '3.0' },
      { depth: 1, text: '(captures.tenant == "globex" || "eu" in principal.claims.regions)', value: 'true' },
      { depth: 2, text: 'captures.tenant == "globex"', value: 'false' },
      { depth: 3, text: 'captures.tenant', value: '"acme"' },
      { depth: 2, text: '"eu" in principal.claims.regions', value: 'true' },
      { depth: 3, text: 'principal.claims.regions', value: '["eu", "us"]' },
    ])
  })

  it('tells absent, unknown and failed apart, and leaves out what was not needed', () => {
    expect(trace('principal.claims.tenant == "a" && 1 == 2', claims({ tenant: null }))?.map(({ value }) => value)).toEqual([
      'false',
      'false',
      'absent',
    ])
    expect(trace('principal.claims.tenant == "a"', claims({}))?.map(({ value }) => value)).toEqual(['unknown', 'unknown'])
    expect(trace('principal.claims.level > 3', claims({ level: null }))?.map(({ value }) => value)).toEqual([
      'a value that is not there was used as if it were',
      'absent',
    ])
  })
})
