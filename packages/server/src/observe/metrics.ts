// What an operator watches: metrics, health, readiness, on a listener of their own. Never tells who called.
import type { Evaluation } from '@balustrade/core/kit'

/** Counts what the gateway does. Labels are closed sets or declared names, never values of callers. */
export interface Metrics {
  readonly decided: (evaluation: Evaluation) => void
  readonly answered: (status: number, durationMs: number) => void
  readonly troubled: (code: string) => void
  /** A break-glass exception was used for the first time since it was armed. */
  readonly opened: (exception: string) => void
  readonly reloaded: (outcome: 'loaded' | 'refused') => void
  /** Prometheus text exposition format 0.0.4. */
  readonly text: (gauges: readonly Gauge[]) => string
}

export interface Gauge {
  readonly name: string
  readonly help: string
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

const BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

const escapeLabel = (value: string): string => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')

const labelled = (name: string, labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

interface Counted {
  readonly values: readonly string[]
  count: number
}

/** Parts no label value holds: values are declared names, statuses and codes. */
const SEPARATOR = '\u0000'

/** A counter by label values. The text of the labels is made when somebody reads it, not when it is counted. */
const createCounter = (name: string, help: string, labels: readonly string[]) => {
  const counts = new Map<string, Counted>()
  const line = ({ values, count }: Counted) =>
    `${labelled(name, Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])))} ${count}`
  return {
    add: (...values: readonly string[]) => {
      const key = values.length === 1 ? (values[0] ?? '') : values.join(SEPARATOR)
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { values, count: 1 })
      else known.count++
    },
    lines: (): readonly string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...[...counts.values()].map(line)],
  }
}

const createHistogram = (name: string, help: string) => {
  const buckets = BUCKETS.map(() => 0)
  let count = 0
  let sum = 0
  return {
    observe: (ms: number) => {
      count++
      sum += ms
      const index = BUCKETS.findIndex((bound) => ms <= bound)
      if (index >= 0) buckets[index] = (buckets[index] ?? 0) + 1
    },
    lines: (): readonly string[] => {
      let running = 0
      const rows = BUCKETS.map((bound, index) => {
        running += buckets[index] ?? 0
        return `${name}_bucket{le="${bound / 1000}"} ${running}`
      })
      return [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} histogram`,
        ...rows,
        `${name}_bucket{le="+Inf"} ${count}`,
        `${name}_sum ${sum / 1000}`,
        `${name}_count ${count}`,
      ]
    },
  }
}

const gaugeLines = (gauge: Gauge): readonly string[] => [
  `# HELP ${gauge.name} ${gauge.help}`,
  `# TYPE ${gauge.name} gauge`,
  `${labelled(gauge.name, gauge.labels ?? {})} ${gauge.value}`,
]

export const createMetrics = (): Metrics => {
  const decisions = createCounter('balustrade_decisions_total', 'Decisions by service, outcome and class.', [
    'service',
    'outcome',
    'class',
  ])
  const answers = createCounter('balustrade_answers_total', 'Answers by status.', ['status'])
  const troubles = createCounter('balustrade_troubles_total', 'Troubles by code: key refreshes, log writes, reloads.', ['code'])
  const openings = createCounter('balustrade_breakglass_openings_total', 'First uses of break-glass exceptions since armed.', [
    'exception',
  ])
  const reloads = createCounter('balustrade_reloads_total', 'Policy reloads by outcome.', ['outcome'])
  const durations = createHistogram('balustrade_request_duration_seconds', 'From arrival to the last byte.')
  return {
    decided: ({ serviceName, decision }) => decisions.add(serviceName ?? '', decision.outcome, decision.class ?? ''),
    answered: (status, ms) => {
      answers.add(String(status))
      durations.observe(ms)
    },
    troubled: (code) => troubles.add(code),
    opened: (exception) => openings.add(exception),
    reloaded: (outcome) => reloads.add(outcome),
    text: (gauges) => {
      const parts = [decisions, answers, troubles, openings, reloads, durations]
      return `${[...parts.flatMap((part) => part.lines()), ...gauges.flatMap(gaugeLines)].join('\n')}\n`
    },
  }
}
