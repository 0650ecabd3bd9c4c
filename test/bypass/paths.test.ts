import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DecisionRecord } from '../../packages/core/src/model/log-record.ts'
import { describeCorpus } from '../support/corpora.ts'
import type { RawAnswer } from '../support/gateway.ts'
import type { Served } from '../support/upstream.ts'
import { PERSONALITIES, type Personality } from './personalities.ts'
import {
  bytesOf,
  eachOf,
  nouns,
  recordsById,
  send,
  serviceFile,
  standardRules,
  startStage,
  type Stage,
  SUBJECTS,
  type Subject,
  tokensFor,
  valueOf,
} from './stage.ts'

interface Variant {
  readonly raw: string
  readonly category: string
  readonly strict: string
}

/** Rules a service has: default deny, or also everything for administrators, which shows the matcher itself. */
const RULES = {
  deny: standardRules,
  catchall: (service: string) =>
    standardRules(service).replace(
      'public:',
      `  ${service}-admins-everything:\n    who: { group: admins }\n    what: { path: /** }\npublic:`,
    ),
} as const
type Rules = keyof typeof RULES

interface Attempt {
  readonly personality: Personality
  readonly rules: Rules
  readonly subject: Subject
  readonly variant: Variant
}

interface Outcome extends Attempt {
  readonly answer: RawAnswer
  readonly served: Served | null
  readonly record: DecisionRecord | null
}

const hostOf = ({ personality, rules }: Attempt): string => `${personality.name}-${rules}`

/** Written apart from the policy engine: what the policies above mean. */
const mayHave = (subject: Subject, segments: readonly string[], rules: Rules): boolean => {
  if (segments[0] === 'public') return true
  if (subject === 'alice') return segments[0] === 'admin' || rules === 'catchall'
  return subject === 'bob' && segments[0] === 'api'
}

/** What is wrong with an outcome; null: refused, or served as decided and as allowed. */
const faultOf = (outcome: Outcome): string | null => {
  const { answer, personality, record, rules, served, subject, variant } = outcome
  const label = `${subject} ${variant.raw}`
  if (served === null) return answer.status >= 400 && answer.status < 500 ? null : `${label}: not served, yet ${answer.status}`
  if (record === null) return `${label}: served without a record`
  const effective = personality.effective(served)
  const decided = personality.decided(record.path ?? '')
  if (JSON.stringify(effective.segments) !== JSON.stringify(decided))
    return `${label}: decided ${record.path}, served ${effective.segments.join('/')}`
  if (effective.method !== record.method) return `${label}: decided ${record.method}, served ${effective.method}`
  return mayHave(subject, effective.segments, rules) ? null : `${label}: served ${served.target}, which the caller may not have`
}

describeCorpus('bypass', (path) => {
  const { variants } = JSON.parse(readFileSync(join(path, 'path-variants.json'), 'utf8')) as {
    readonly variants: readonly Variant[]
  }
  const attempts: readonly Attempt[] = PERSONALITIES.flatMap((personality) =>
    (Object.keys(RULES) as Rules[]).flatMap((rules) =>
      (Object.keys(SUBJECTS) as Subject[]).flatMap((subject) =>
        variants.map((variant) => ({ personality, rules, subject, variant })),
      ),
    ),
  )
  let stage: Stage
  let outcomes: readonly Outcome[] = []

  const run = async (): Promise<readonly Outcome[]> => {
    const tokens = await tokensFor(stage.issuer)
    const answers = await eachOf(
      attempts.map((attempt, at) => ({ attempt, at })),
      ({ attempt, at }) =>
        send(stage, {
          target: attempt.variant.raw,
          host: `${hostOf(attempt)}.example.com`,
          token: tokens[attempt.subject],
          fields: [`X-Attempt: ${at}`, ...(attempt.personality.name === 'override' ? ['X-HTTP-Method-Override: DELETE'] : [])],
        }),
    )
    const served = new Map(stage.upstream.served.map((one) => [Number(valueOf(one, 'x-attempt')), one]))
    const records = await recordsById(stage.gateway)
    return attempts.map((attempt, at) => {
      const one = served.get(at) ?? null
      const id = one === null ? null : valueOf(one, 'balustrade-decision')
      return { ...attempt, answer: answers[at] as RawAnswer, served: one, record: records.get(id ?? '') ?? null }
    })
  }

  beforeAll(async () => {
    stage = await startStage({
      policy: (issuer, upstream) => ({
        'nouns.yaml': nouns(issuer),
        ...Object.fromEntries(
          PERSONALITIES.flatMap(({ name, routing }) =>
            (Object.keys(RULES) as Rules[]).map((rules) => [
              `${name}-${rules}.yaml`,
              serviceFile({ name: `${name}-${rules}`, upstream, routing, rules: RULES[rules](`${name}-${rules}`) }),
            ]),
          ),
        ),
      }),
    })
    outcomes = await run()
  })
  afterAll(() => stage.close())

  describe.each(PERSONALITIES.map(({ name }) => name))('U-%s', (name) => {
    test.each(Object.keys(RULES))('every variant is refused, or served as decided and allowed: %s', (rules) => {
      const those = outcomes.filter((outcome) => outcome.personality.name === name && outcome.rules === rules)
      expect(those.length).toBe(3 * variants.length)
      expect(those.map(faultOf).filter((fault) => fault !== null)).toEqual([])
    })

    test('the plain spelling is served to whom it is granted, and to nobody else', () => {
      const plain = outcomes.filter(({ personality, variant }) => personality.name === name && variant.raw === '/admin/secret')
      const seen = plain.map(({ subject, answer }) => [subject, answer.status])
      expect(seen).toEqual(
        Object.keys(RULES).flatMap(() => [
          ['anonymous', 401],
          ['bob', 403],
          ['alice', 200],
        ]),
      )
    })
  })

  test('what must be rejected gets 400 and is never served, whoever asks', () => {
    const rejected = outcomes.filter(({ variant }) => variant.strict === 'reject' || variant.strict === 'reject by default')
    expect(rejected.length).toBeGreaterThan(500)
    const wrong = rejected.filter(({ answer, served }) => answer.status !== 400 || served !== null)
    expect(wrong.map(({ personality, variant, answer }) => `${personality.name} ${variant.raw}: ${answer.status}`)).toEqual([])
  })

  test('the bytes on the wire are those of the corpus', () => {
    expect(bytesOf({ target: '/a\u0080', host: 'h' })).toContain('GET /a\u0080 HTTP/1.1\r\nHost: h\r\n')
  })
})
