// `node --expose-gc --conditions=source bench/decision.ts [--quick] [--write]`: time of a decision in process, through the functions
// that the engine calls, beside casbin in the same run; and the time to make a plan. CPU time, so that what else runs tells less.
// `--write` keeps the figures in docs/reports/decision.json.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONDITIONS } from '../packages/core/src/catalogue.ts'
import { decide } from '../packages/core/src/decision/decide.ts'
import type { PolicyImage } from '../packages/core/src/model/policy-image.ts'
import { buildPlan } from '../packages/core/src/plan/build.ts'
import { createCasbin } from './decision-casbin.ts'
import { policyOf, requestsOf } from './decision-policies.ts'
import { keepReport, median, type Ratios, round as tidy } from './keep-report.ts'

const root = join(import.meta.dirname, '..')
const quick = process.argv.includes('--quick')
const ROUNDS = quick ? 5 : 15
const REQUESTS = 2_000

const parts = { conditions: CONDITIONS, digest: { policy: 'sha256:bench', data: 'sha256:none' } }

const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

interface Spread {
  readonly min: number
  readonly median: number
}

const spread = (values: readonly number[]): Spread => {
  const round = (value: number) => Number(value.toPrecision(4))
  return { min: round(Math.min(...values)), median: round(median(values)) }
}

const timeEach = (work: () => number): number => {
  const from = cpuMicroseconds()
  const times = work()
  return (cpuMicroseconds() - from) / times
}

const decisionTimer = (rules: number) => {
  const image = policyOf(rules)
  const plan = buildPlan(image, parts)
  const requests = requestsOf(image, REQUESTS).map((facts) => [facts])
  const [first] = requests
  const matched = plan.match((first as (typeof requests)[number])[0] as never)
  if (!requests.every((judgements) => decide(plan, judgements).outcome === 'allow')) throw new Error('a request is not allowed')
  const loops = 100
  return {
    candidates: matched.permits.length + matched.guardrails.length + matched.exceptions.length,
    round: () =>
      timeEach(() => {
        let allowed = 0
        for (let loop = 0; loop < loops; loop++)
          for (const judgements of requests) if (decide(plan, judgements).outcome === 'allow') allowed++
        return allowed
      }),
  }
}

const compileTimer = (image: PolicyImage) => () => timeEach(() => (buildPlan(image, parts), 1)) / 1_000

const measure = async () => {
  const small = decisionTimer(1_000)
  const large = decisionTimer(100_000)
  if (large.candidates > small.candidates) throw new Error('a request meets more rules when there are more of other services')
  const image = policyOf(1_000)
  const casbin = await createCasbin(image)
  const asked = requestsOf(image, quick ? 20 : 60)
  for (const facts of asked) if (!(await casbin(facts))) throw new Error('casbin does not allow a request')
  const compile = compileTimer(policyOf(10_000))
  const figures = { small: [] as number[], large: [] as number[], casbin: [] as number[], compile: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    figures.small.push(small.round())
    figures.large.push(large.round())
    const from = cpuMicroseconds()
    for (const facts of asked) await casbin(facts)
    figures.casbin.push((cpuMicroseconds() - from) / asked.length)
    figures.compile.push(compile())
  }
  return { candidates: { small: small.candidates, large: large.candidates }, figures }
}

const { candidates, figures } = await measure()
const decision1k = spread(figures.small)
const decision100k = spread(figures.large)
const casbin1k = spread(figures.casbin)
const compile10k = spread(figures.compile)
const version = (name: string): string =>
  (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version

keepReport('decision', {
  what: 'Time of one decision in process, allowed by one grant under two guardrails; CPU µs per decision, and CPU ms to make a plan of 10,000 rules.',
  method: `${ROUNDS} rounds, all paths interleaved in each; ${REQUESTS} different requests spread over 100 services; casbin asked for the same access among as many lines, without guardrails`,
  casbin: version('casbin'),
  rulesMet: candidates,
  decision1k,
  decision100k,
  casbin1k,
  compile10k,
  // No ratio that is guarded: it comes to 1.5 in one process and to 3.5 in the next. What must not grow is the number of rules met.
  timesAThousandRules: tidy(decision100k.min / decision1k.min),
  timesCasbin: { median: Math.round(casbin1k.median / decision1k.median), min: Math.round(casbin1k.min / decision1k.min) },
  ratios: {
    casbin: tidy(decision1k.min / casbin1k.min),
    'plan of 10,000 rules to a thousand decisions': tidy(compile10k.min / decision1k.min),
  } satisfies Ratios,
  targets: { decision1k: 1.5, decision100k: 8, timesCasbin: 500, compile10k: 100 },
})
