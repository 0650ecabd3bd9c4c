// What made-up API keys cost: many with a wrong checksum, then many with a right one, 64 at a time, through the reader over the real
// store with its default deadline. Meanwhile a good key that is known, and the store's answers to others, are held to their worst.
// `node --conditions=source bench/wrong-keys.ts [--quick] [--write]`; `--write` keeps the figures in docs/reports/wrong-keys.json.
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, type KeyFound, parseAddress } from '../packages/core/src/kit.ts'
import { createApiKeys } from '../packages/server/src/keys/api-keys.ts'
import { drawKey, writeKey } from '../packages/server/src/keys/key-form.ts'
import { openStateStore } from '../packages/server/src/state/open-state-store.ts'
import type { StateStore } from '../packages/server/src/state/state-store.ts'
import { keepReport, round, spreadOf } from './keep-report.ts'

const QUICK = process.argv.includes('--quick')
const KEYS = QUICK ? 50_000 : 1_000_000
const TOGETHER = 64
const DAY = 86_400_000
const ADDRESS = parseAddress('192.0.2.1') as Address
const OTHER = ['session', 'nobody'] as const

const folder = mkdtempSync(join(tmpdir(), 'balustrade-bench-keys-'))
const clock = { now: Date.now, monotonic: () => performance.now() }
const secret = createSecretKey(Buffer.alloc(32, 7))
const troubles: string[] = []
const opened = await openStateStore({
  file: join(folder, 'state.db'),
  keys: [secret],
  clock,
  onTrouble: ({ kind, code }) => void troubles.push(`${kind} ${code}`),
})
if (!opened.ok) throw new Error(opened.why)
let lookups = 0
const store: StateStore = {
  ...opened.store,
  get: (collection, key) => {
    if (collection === 'api-key') lookups += 1
    return opened.store.get(collection, key)
  },
}
const keys = createApiKeys({
  store,
  keys: [secret],
  clock,
  longestLife: 365 * DAY,
  log: { append: () => ({ accepted: true, durable: () => Promise.resolve(true) }) },
})
const find = (text: string): Promise<KeyFound> =>
  Promise.resolve(keys.reader.find(text, { now: Date.now(), address: ADDRESS, lenient: false }))

const wrong = (): string => writeKey(drawKey())
const misspelt = (): string => {
  const text = wrong()
  return `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`
}

const flood = async (make: () => string) => {
  const answers = new Map<string, number>()
  const waits: number[] = []
  const before = lookups
  const began = performance.now()
  const heapBefore = process.memoryUsage().heapUsed
  let left = KEYS
  let isOver = false
  const ask = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const found = await find(make())
      const said = found.status === 'refused' ? found.code : found.status
      answers.set(said, (answers.get(said) ?? 0) + 1)
      // Callers of a server give way to each other; so do these.
      if (left % 256 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const from = performance.now()
      const got = await opened.store.get(...OTHER)
      waits.push(got.ok ? performance.now() - from : Number.POSITIVE_INFINITY)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const watching = watch()
  await Promise.all(Array.from({ length: TOGETHER }, ask))
  isOver = true
  await watching
  const seconds = (performance.now() - began) / 1_000
  return {
    keys: KEYS,
    answers: Object.fromEntries(answers),
    lookups: lookups - before,
    seconds: round(seconds),
    perSecond: round(KEYS / seconds),
    heapGrowthMiB: round((process.memoryUsage().heapUsed - heapBefore) / 1_048_576),
    /** ms that somebody else waited for an answer of the store meanwhile; unanswered ones apart. */
    othersWaited: spreadOf(waits.filter(Number.isFinite)),
    othersUnanswered: waits.filter((wait) => !Number.isFinite(wait)).length,
  }
}

const wrongChecksum = await flood(misspelt)
const rightChecksum = await flood(wrong)
keepReport('wrong-keys', {
  method: `${TOGETHER} at a time through the reader of API keys, store on a file of ${tmpdir()}, default deadline of 200 ms`,
  wrongChecksum,
  rightChecksum,
  troubles,
})
await keys.close()
await opened.store.close()
rmSync(folder, { recursive: true, force: true })
