// What an `if:` of five terms costs per evaluation, beside @marcbachmann/cel-js and @bufbuild/cel on the same terms, and what it costs to
// read one. Alternating rounds of one process. `--quick` for short rounds, `--write` to keep the figures in docs/reports/expression.json.
import { celEnv, parse as parseBufbuild, plan as planBufbuild } from '@bufbuild/cel'
import { Environment } from '@marcbachmann/cel-js'
import { Bench } from 'tinybench'
import { expression } from '../packages/core/src/conditions/if/if.ts'
import { compileCondition } from '../packages/core/src/model/say.ts'
import { exampleFacts, exampleScope } from '../packages/core/src/testing/example-facts.ts'
import { keepReport, median, type Ratios, round } from './keep-report.ts'

const QUICK = process.argv.includes('--quick')
const ROUNDS = QUICK ? 3 : 15
/** Evaluations of one sample: one alone is shorter than the clock tells. */
const CALLS = 1_000

const TEXT = `principal.kind == "human"
  && principal.claims.tenant == captures.tenant
  && principal.claims.level >= 3.0
  && request.method in ["POST", "PUT"]
  && "eu" in principal.claims.regions`

const { claims } = exampleFacts as { readonly claims: ReadonlyMap<string, unknown> }
const context = {
  principal: { kind: 'human', claims: Object.fromEntries(claims) },
  captures: { tenant: 'acme' },
  request: { method: 'POST' },
}

const test = compileCondition(expression, TEXT, exampleScope)
const marcbachmann = new Environment({ unlistedVariablesAreDyn: true }).parse(TEXT)
const bufbuild = planBufbuild(celEnv(), parseBufbuild(TEXT))
const byHand = ({ principal, captures, request }: typeof context): boolean =>
  principal.kind === 'human' &&
  principal.claims['tenant'] === captures.tenant &&
  (principal.claims['level'] as number) >= 3 &&
  ['POST', 'PUT'].includes(request.method) &&
  (principal.claims['regions'] as readonly string[]).includes('eu')

const CONTENDERS: Readonly<Record<string, () => unknown>> = {
  balustrade: () => test(exampleFacts).tri === 1,
  '@marcbachmann/cel-js': () => marcbachmann(context),
  '@bufbuild/cel': () => bufbuild(context as never),
  'by hand': () => byHand(context),
}
for (const [name, run] of Object.entries(CONTENDERS)) if (run() !== true) throw new Error(`${name} does not agree`)

const READING = 'balustrade, reading the text'

let agreed = 0
const manyTimes = (run: () => unknown) => () => {
  for (let call = 0; call < CALLS; call++) if (run() === true) agreed++
}

/** ns per call in each round, by contender. */
const rounds: Record<string, number[]> = {}
for (let at = 0; at < ROUNDS; at++) {
  const bench = new Bench({ time: QUICK ? 100 : 400, warmupTime: 100 })
  for (const [name, run] of Object.entries(CONTENDERS)) bench.add(name, manyTimes(run))
  bench.add(READING, () => compileCondition(expression, TEXT, exampleScope))
  await bench.run()
  for (const { name, result } of bench.tasks) {
    if (result.state !== 'completed') throw new Error(`${name} ended as ${result.state}`)
    rounds[name] = [...(rounds[name] ?? []), (result.latency.p50 * 1e6) / (name === READING ? 1 : CALLS)]
  }
}

const of = (name: string): readonly number[] => rounds[name] ?? []
const toPeer = of('balustrade').map((own, at) => own / (of('@marcbachmann/cel-js')[at] as number))
if (agreed === 0) throw new Error('nothing was evaluated')

keepReport('expression', {
  what: 'An `if:` of five terms, evaluated by the condition, by two other implementations of the language and by hand; and read.',
  unit: `ns a call, median of ${ROUNDS} rounds by turns; every round is kept`,
  text: TEXT,
  medians: Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, round(median(values))])),
  rounds: Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, values.map(round)])),
  ratios: { 'five terms to @marcbachmann/cel-js': round(median(toPeer)) } satisfies Ratios,
  targets: { fiveTermsNanoseconds: 190, toPeer: 0.5 },
})
