// The decision log beside node:sqlite: records a second, durable and hash-chained, in alternating rounds of one process, and how long a
// single append takes. `--quick` for short rounds; `--write` keeps the figures in docs/reports/log.json.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { openDecisionLog, type OpenedLog } from '../packages/core/src/decision-log/decision-log.ts'
import { encodeRecord } from '../packages/core/src/decision-log/encode-record.ts'
import { verifyLog } from '../packages/core/src/decision-log/verify-log.ts'
import { createNoteVerifier } from '../packages/core/src/lib/signed-note.ts'
import type { LogReceipt } from '../packages/core/src/model/ports.ts'
import { sampleDecision } from '../test/support/log-records.ts'
import { keepReport, median, type Ratios } from './keep-report.ts'

interface Round {
  /** Records a second, from the first append to the last being durable. */
  readonly perSecond: number
  /** CPU of the whole process, its threads included, µs a record. */
  readonly cpu: number
}

const QUICK = process.argv.includes('--quick')
const ROUNDS = QUICK ? 3 : 7
const RECORDS = QUICK ? 60_000 : 300_000
/** Records appended before the event loop turns, as requests of one turn are; and those that may wait for the disk. */
const TURN = 100
const WAITING = 20_000
const GROUP_MS = 5
const ORIGIN = 'bench.example/decisions'

const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() }
const records = Array.from({ length: 10_000 }, (_, index) => sampleDecision(index))
const recordAt = (index: number) => records[index % records.length] as (typeof records)[number]
const lineBytes = Math.round(
  records.reduce((sum, record, index) => sum + encodeRecord(record, 1_000_000 + index).length + 1, 0) / records.length,
)

const root = mkdtempSync(join(tmpdir(), 'balustrade-bench-log-'))
const { privateKey, publicKey } = generateKeyPairSync('ed25519')

const measure = async (run: () => Promise<void> | void): Promise<Round> => {
  const before = process.cpuUsage()
  const started = performance.now()
  await run()
  const ms = performance.now() - started
  const { user, system } = process.cpuUsage(before)
  return { perSecond: Math.round((RECORDS / ms) * 1000), cpu: (user + system) / RECORDS }
}

const openLog = async (folder: string): Promise<OpenedLog> => {
  const opened = await openDecisionLog({
    folder,
    origin: ORIGIN,
    key: privateKey,
    clock: CLOCK,
    onTrouble: (trouble) => console.error(trouble),
  })
  if (!opened.ok) throw new Error(opened.why)
  return opened.log
}

/** Appends all records; `timed` hands each append to a clock. */
const appendAll = async (log: OpenedLog, append: (index: number) => LogReceipt): Promise<void> => {
  let receipt: LogReceipt | null = null
  for (let index = 0; index < RECORDS; index++) {
    receipt = append(index)
    if (index % TURN !== 0) continue
    await turn()
    while (log.status().waiting.records > WAITING) await turn()
  }
  if (receipt === null || !(await receipt.durable())) throw new Error('the last record is not durable')
}

const runLog = async (): Promise<Round> => {
  const folder = mkdtempSync(join(root, 'log-'))
  const log = await openLog(folder)
  const round = await measure(() => appendAll(log, (index) => log.append(recordAt(index))))
  await log.close()
  rmSync(folder, { recursive: true })
  return round
}

/** The same lines, chained by hash, in one table; a commit with a sync every 5 ms. */
const runSqlite = async (): Promise<Round> => {
  const folder = mkdtempSync(join(root, 'sqlite-'))
  const database = new DatabaseSync(join(folder, 'log.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE log (seq INTEGER PRIMARY KEY, line TEXT NOT NULL, hash BLOB NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO log VALUES (?, ?, ?)')
  const round = await measure(() => {
    let chained = Buffer.alloc(32)
    let began = performance.now()
    database.exec('BEGIN')
    for (let index = 0; index < RECORDS; index++) {
      const line = encodeRecord(recordAt(index), index)
      chained = createHash('sha256').update(chained).update(line).digest()
      insert.run(index, line, chained)
      if (index % TURN !== 0 || performance.now() - began < GROUP_MS) continue
      database.exec('COMMIT; BEGIN')
      began = performance.now()
    }
    database.exec('COMMIT')
  })
  database.close()
  rmSync(folder, { recursive: true })
  return round
}

const quantile = (sorted: Float64Array, part: number): number => sorted[Math.floor((sorted.length - 1) * part)] as number

/** Every append timed on its own, under the same load. */
const timeAppends = async () => {
  const folder = mkdtempSync(join(root, 'append-'))
  const log = await openLog(folder)
  const times = new Float64Array(RECORDS)
  await appendAll(log, (index) => {
    const started = performance.now()
    const receipt = log.append(recordAt(index))
    times[index] = (performance.now() - started) * 1000
    return receipt
  })
  await log.close()
  const verifying = performance.now()
  const verified = await verifyLog(folder, { keys: [createNoteVerifier(ORIGIN, publicKey)] })
  const verifyPerSecond = Math.round((RECORDS / (performance.now() - verifying)) * 1000)
  if (!verified.ok) throw new Error(verified.fault.why)
  rmSync(folder, { recursive: true })
  const sorted = times.slice(RECORDS / 10).sort()
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), p999: quantile(sorted, 0.999), verifyPerSecond }
}

const summary = (rounds: readonly Round[]) => ({
  perSecond: {
    median: median(rounds.map(({ perSecond }) => perSecond)),
    best: Math.max(...rounds.map(({ perSecond }) => perSecond)),
  },
  cpu: { median: round2(median(rounds.map(({ cpu }) => cpu))), best: round2(Math.min(...rounds.map(({ cpu }) => cpu))) },
})

const round2 = (value: number): number => Math.round(value * 100) / 100

const log: Round[] = []
const sqlite: Round[] = []
for (let round = 0; round < ROUNDS; round++) {
  log.push(await runLog())
  sqlite.push(await runSqlite())
  console.log(`round ${round + 1}: log ${log.at(-1)?.perSecond}/s, node:sqlite ${sqlite.at(-1)?.perSecond}/s`)
}
const { verifyPerSecond, ...appends } = await timeAppends()
rmSync(root, { recursive: true })

const times = log.map(({ perSecond }, index) => perSecond / (sqlite[index]?.perSecond ?? Number.NaN))
keepReport('log', {
  what: 'decision log: durable, hashed into a Merkle tree, beside the same lines hash-chained in node:sqlite (WAL, synchronous FULL, a commit every 5 ms)',
  rounds: ROUNDS,
  recordsOfRound: RECORDS,
  lineBytes,
  log: summary(log),
  sqlite: summary(sqlite),
  timesSqlite: { median: round2(median(times)), least: round2(Math.min(...times)) },
  appendMicroseconds: { p50: round2(appends.p50), p99: round2(appends.p99), p999: round2(appends.p999) },
  verifyPerSecond,
  ratios: { sqlite: round2(1 / median(times)) } satisfies Ratios,
  targets: { perSecond: 200_000, timesSqlite: 1.5, appendP99: 30 },
})
