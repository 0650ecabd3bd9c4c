// `node --conditions=source scripts/fuzz-expressions.ts 1000000 [seed]`: that many random expressions by our implementation and by
// @bufbuild/cel, every difference explained; that many with some of their names unknown, which may say no more than before; and that many
// texts that are hardly expressions, none of which may throw or take more than 5 ms. Fails when one does. `--write` keeps the figures in
// docs/reports/expression-fuzz.json.
import { keepReport } from '../bench/keep-report.ts'
import { attempt } from '../packages/core/src/lib/attempt.ts'
import {
  createRandom,
  mutate,
  type Random,
  randomExpression,
  randomText,
} from '../packages/core/src/testing/random-expressions.ts'
import { differenceOf, evaluateWithout, explanationOf, goThrough, NAMES } from '../test/support/cel-differences.ts'
import { HARD_EXPRESSIONS } from '../test/support/hard-expressions.ts'

const wanted = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3]?.replace(/^--.*/, '1') ?? 1)
/** Longest time a text may take, ms. What took longer is tried again: another process may have had the processor, or the code not have been optimised yet. */
const LONGEST = 5
const TRIES = 20
const SHOWN = 10

const show = (what: string, found: readonly unknown[]): void => {
  for (const each of found.slice(0, SHOWN)) console.log(what, JSON.stringify(each))
}

const compareAll = (random: Random) => {
  const explained: Record<string, number> = {}
  const unexplained: unknown[] = []
  let alike = 0
  for (let at = 0; at < wanted; at++) {
    const difference = differenceOf(randomExpression(random, NAMES))
    if (difference === null) {
      alike++
      continue
    }
    const why = explanationOf(difference)?.why
    if (why === undefined) unexplained.push(difference)
    else explained[why] = (explained[why] ?? 0) + 1
  }
  show('unexplained', unexplained)
  return { expressions: wanted, alike, explained, unexplained: unexplained.length }
}

const hideAll = (random: Random) => {
  const names = Object.values(NAMES).flat()
  const wrong: unknown[] = []
  let unknown = 0
  for (let at = 0; at < wanted; at++) {
    const text = randomExpression(random, NAMES, at % 2 === 0 ? 'bool' : undefined)
    const masked = evaluateWithout(
      text,
      names.filter(() => random() < 0.5),
    )
    if (masked === 'unknown') unknown++
    else if (masked !== evaluateWithout(text, [])) wrong.push({ text, masked })
  }
  show('says more', wrong)
  return { expressions: wanted, unknown, sayMore: wrong.length }
}

const timeOf = (text: string): number => {
  const started = performance.now()
  attempt(() => goThrough(text))
  return performance.now() - started
}

const abuseAll = (random: Random) => {
  const slow: unknown[] = []
  const thrown: unknown[] = []
  let [read, again, longest] = [0, 0, 0]
  for (let at = 0; at < wanted; at++) {
    const text =
      HARD_EXPRESSIONS[wanted - 1 - at] ?? (at % 4 === 0 ? randomText(random) : mutate(random, randomExpression(random, NAMES)))
    let took = timeOf(text)
    if (took > LONGEST) again++
    for (let tries = 1; took > LONGEST && tries < TRIES; tries++) took = Math.min(took, timeOf(text))
    longest = Math.max(longest, took)
    if (took > LONGEST) slow.push({ text, took })
    const gone = attempt(() => goThrough(text))
    if (!gone.ok) thrown.push({ text, error: String(gone.error) })
    else if (gone.value) read++
  }
  show('thrown', thrown)
  show('slow', slow)
  return {
    texts: wanted,
    expressions: read,
    thrown: thrown.length,
    triedAgain: again,
    longestMilliseconds: longest,
    slow: slow.length,
  }
}

const differential = compareAll(createRandom(seed))
const unknowns = hideAll(createRandom(seed + 1))
const robustness = abuseAll(createRandom(seed + 2))
keepReport('expression-fuzz', {
  what: 'Random expressions beside @bufbuild/cel, and with names unknown; texts that are hardly expressions.',
  command: `node --conditions=source scripts/fuzz-expressions.ts ${wanted} ${seed}`,
  seed,
  differential,
  unknowns,
  robustness,
})
if (differential.unexplained + unknowns.sayMore + robustness.slow + robustness.thrown > 0) process.exitCode = 1
