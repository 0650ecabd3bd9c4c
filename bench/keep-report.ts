// What every kept report says of when, where and of what it is.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

export const round = (value: number): number => Number(value.toPrecision(3))

/** The middle one, or the upper of the two. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

export interface Spread {
  readonly median: number
  readonly p99: number
  readonly max: number
  readonly count: number
}

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
  return { median: at(0.5), p99: at(0.99), max: at(1), count: sorted.length }
}

/** Ratios to something measured in the same run; lower is better. bench/guard.ts compares them with the kept ones. */
export type Ratios = Readonly<Record<string, number>>

const OUT = '--out='

/** When something was measured, and of what. */
export const dateAndCommit = () => ({
  date: new Date().toISOString().slice(0, 10),
  commit: execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
})

/** Prints a report; keeps it with `--write` as docs/reports/<name>.json, with `--out=<file>` there. */
export const keepReport = (name: string, report: object): void => {
  const kept = {
    ...dateAndCommit(),
    command: `node --conditions=source bench/${name}.ts`,
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memory: totalmem(),
      node: process.version,
      load: loadavg().map(round),
    },
    ...report,
  }
  console.log(JSON.stringify(kept, null, 2))
  const out = process.argv.find((word) => word.startsWith(OUT))?.slice(OUT.length)
  if (out !== undefined) writeFileSync(out, JSON.stringify(kept))
  if (!process.argv.includes('--write')) return
  mkdirSync(join(root, 'docs', 'reports'), { recursive: true })
  writeFileSync(join(root, 'docs', 'reports', `${name}.json`), `${JSON.stringify(kept, null, 2)}\n`)
}
