// The store of the server through its thread: entries read and written a second, one after the other and many at once, and how long a
// single one takes; beside the same table in node:sqlite on the calling thread, unsealed, in alternating rounds of one process.
// `--quick` for short rounds; `--write` keeps the figures in docs/reports/state.json.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { openStateStore } from '../packages/server/src/state/open-state-store.ts'
import type { StateStore, Stored } from '../packages/server/src/state/state-store.ts'
import { keepReport, median, round, type Spread, spreadOf } from './keep-report.ts'

interface Figures {
  readonly perSecond: number
  /** ms of a single one, from the call to its answer. */
  readonly ms: Spread
}

interface Round {
  readonly readAlone: Figures
  readonly readTogether: Figures
  readonly writeAlone: Figures
  readonly writeTogether: Figures
  /** The longest that the event loop of the caller stood still, ms. */
  readonly stall: number
}

const QUICK = process.argv.includes('--quick')
const ROUNDS = QUICK ? 3 : 5
const ENTRIES = QUICK ? 2_000 : 10_000
const ALONE = QUICK ? 300 : 1_500
const TOGETHER = 64
const EXPIRES_AT = Date.now() + 86_400_000

/** About what a session is: claims of an ID token, two proofs, the provider's tokens. */
const VALUE = { claims: { sub: 'ada', groups: ['a', 'b', 'c'] }, proofs: [{ acr: 'x' }, { acr: 'y' }], tokens: 'x'.repeat(1_200) }
const TEXT = JSON.stringify(VALUE)

const root = mkdtempSync(join(tmpdir(), 'balustrade-bench-state-'))
const keyOf = (n: number): string => `entry ${n}`

/** `count` calls, `together` of them waiting at any time. */
const measure = async (count: number, together: number, call: (n: number) => unknown): Promise<Figures> => {
  const times: number[] = []
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count) {
      const began = performance.now()
      await call(next++)
      times.push(performance.now() - began)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: together }, caller))
  return { perSecond: Math.round((count / (performance.now() - began)) * 1_000), ms: spreadOf(times) }
}

const need = async <T>(result: Promise<Stored<T>>): Promise<T> => {
  const got = await result
  if (!got.ok) throw new Error('the store did not answer')
  return got.value
}

const openStore = async (folder: string): Promise<StateStore> => {
  const opened = await openStateStore({
    file: join(folder, 'state.db'),
    keys: [randomBytes(32)],
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    onTrouble: (trouble) => console.error(trouble),
    deadline: 5_000,
  })
  if (!opened.ok) throw new Error(opened.why)
  return opened.store
}

const runStore = async (): Promise<Round> => {
  const folder = mkdtempSync(join(root, 'store-'))
  const store = await openStore(folder)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const add = (prefix: string) => (n: number) =>
    need(store.add('session', prefix + keyOf(n), { value: VALUE, expiresAt: EXPIRES_AT, tags: ['corp/ada'] }))
  const get = (n: number) => need(store.get('session', keyOf(n)))
  const writeTogether = await measure(ENTRIES, TOGETHER, add(''))
  const readTogether = await measure(ENTRIES, TOGETHER, get)
  const readAlone = await measure(ALONE, 1, get)
  const writeAlone = await measure(ALONE, 1, add('alone '))
  delay.disable()
  await store.close()
  rmSync(folder, { recursive: true })
  return { readAlone, readTogether, writeAlone, writeTogether, stall: round(delay.max / 1e6) }
}

/** On the calling thread, which stands still meanwhile: a commit for every write, nothing sealed, no tags, no changes. */
const runSqlite = async () => {
  const folder = mkdtempSync(join(root, 'sqlite-'))
  const database = new DatabaseSync(join(folder, 'state.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE entry (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO entry VALUES (?, ?, ?)')
  const select = database.prepare('SELECT value, expires_at FROM entry WHERE key = ?')
  const write = await measure(ALONE, 1, (n) => insert.run(keyOf(n), TEXT, EXPIRES_AT))
  const read = await measure(ENTRIES, 1, (n) => JSON.parse(String(select.get(keyOf(n % ALONE))?.['value'])) as unknown)
  database.close()
  rmSync(folder, { recursive: true })
  return { read, write }
}

const summary = (figures: readonly Figures[]) => ({
  perSecond: {
    median: median(figures.map(({ perSecond }) => perSecond)),
    best: Math.max(...figures.map(({ perSecond }) => perSecond)),
  },
  ms: {
    p50: round(median(figures.map(({ ms }) => ms.median))),
    p99: round(median(figures.map(({ ms }) => ms.p99))),
    max: Math.max(...figures.map(({ ms }) => ms.max)),
  },
})

/** How long a file takes to open that holds so many entries: all of it is checked. */
const measureOpening = async (): Promise<{ readonly entries: number; readonly ms: number }> => {
  const folder = mkdtempSync(join(root, 'opening-'))
  const entries = ENTRIES * 3
  const key = [randomBytes(32)]
  const options = {
    file: join(folder, 'state.db'),
    keys: key,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    onTrouble: (trouble: unknown) => console.error(trouble),
    deadline: 5_000,
  }
  const first = await openStateStore(options)
  if (!first.ok) throw new Error(first.why)
  await measure(entries, TOGETHER, (n) =>
    need(first.store.add('session', keyOf(n), { value: VALUE, expiresAt: EXPIRES_AT, tags: ['t'] })),
  )
  await first.store.close()
  const began = performance.now()
  const again = await openStateStore(options)
  const ms = Math.round(performance.now() - began)
  if (!again.ok) throw new Error(again.why)
  await again.store.close()
  return { entries, ms }
}

const store: Round[] = []
const sqlite: Awaited<ReturnType<typeof runSqlite>>[] = []
for (let index = 0; index < ROUNDS; index++) {
  store.push(await runStore())
  sqlite.push(await runSqlite())
  const [ours, theirs] = [store.at(-1), sqlite.at(-1)]
  console.log(
    `round ${index + 1}: ${ours?.readTogether.perSecond} reads/s, ${ours?.writeTogether.perSecond} writes/s; node:sqlite ${theirs?.read.perSecond}, ${theirs?.write.perSecond}`,
  )
}
const opening = await measureOpening()
rmSync(root, { recursive: true })

const times = (of: (round: Round) => Figures, peer: 'read' | 'write') =>
  round(median(store.map((one, index) => (sqlite[index]?.[peer].perSecond ?? Number.NaN) / of(one).perSecond)))
keepReport('state', {
  what: 'the store through its thread: sealed, tagged, every write noted and on the disk before its answer; beside node:sqlite on the calling thread (WAL, synchronous FULL, a commit a write), neither sealed nor noted',
  rounds: ROUNDS,
  entriesOfRound: ENTRIES,
  valueBytes: TEXT.length,
  together: TOGETHER,
  store: {
    readAlone: summary(store.map(({ readAlone }) => readAlone)),
    readTogether: summary(store.map(({ readTogether }) => readTogether)),
    writeAlone: summary(store.map(({ writeAlone }) => writeAlone)),
    writeTogether: summary(store.map(({ writeTogether }) => writeTogether)),
    stallMs: { median: median(store.map(({ stall }) => stall)), max: Math.max(...store.map(({ stall }) => stall)) },
  },
  sqlite: { read: summary(sqlite.map(({ read }) => read)), write: summary(sqlite.map(({ write }) => write)) },
  opening,
  /** How many times as many a second. */
  sqliteTimes: {
    read: times(({ readTogether }) => readTogether, 'read'),
    write: times(({ writeTogether }) => writeTogether, 'write'),
  },
})
