// A decision log in a temporary folder, records of the shape the engine writes, and a disk that fails when told to.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  type DecisionLogOptions,
  openDecisionLog,
  type OpenedLog,
  type OpenLogResult,
} from '../../packages/core/src/decision-log/decision-log.ts'
import type { LogEntry } from '../../packages/core/src/decision-log/log-lines.ts'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import type { LogTrouble } from '../../packages/core/src/decision-log/writer.ts'
import { createNoteVerifier, type NoteVerifier } from '../../packages/core/src/lib/signed-note.ts'
import type { LogReceipt } from '../../packages/core/src/model/ports.ts'
import { sampleCompletion } from './log-records.ts'

export const ORIGIN = 'test.example/decisions'

export const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() }

export interface LogWorld {
  readonly folder: string
  readonly key: KeyObject
  readonly keys: readonly NoteVerifier[]
  readonly troubles: LogTrouble[]
  /** Opens the log; the test closes it, or leaves it to the end. */
  readonly tryOpen: (options?: Partial<DecisionLogOptions>) => Promise<OpenLogResult>
  readonly open: (options?: Partial<DecisionLogOptions>) => Promise<OpenedLog>
}

/** Where to leave what is to be done at the end: that of the test, or `afterAll`. */
type AtEnd = (undo: () => void | Promise<void>) => void

/** A temporary folder that goes with the test. */
export function makeFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-log-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function makeLogWorld(atEnd: AtEnd = onTestFinished): LogWorld {
  const folder = makeFolder(atEnd)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const troubles: LogTrouble[] = []
  const tryOpen = async (options: Partial<DecisionLogOptions> = {}) => {
    const opened = await openDecisionLog({
      folder,
      origin: ORIGIN,
      key: privateKey,
      clock: CLOCK,
      onTrouble: (trouble) => troubles.push(trouble),
      ...options,
      times: { group: 1, ...options.times },
    })
    if (opened.ok) atEnd(opened.log.close)
    return opened
  }
  const open = async (options: Partial<DecisionLogOptions> = {}) => {
    const opened = await tryOpen(options)
    if (!opened.ok) throw new Error(`${opened.code}: ${opened.why}`)
    return opened.log
  }
  return { folder, key: privateKey, keys: [createNoteVerifier(ORIGIN, publicKey)], troubles, tryOpen, open }
}

/** Appends so many completions, named by `prefix` and their number, and waits until they are durable or known not to be. */
export async function appendMany(log: OpenedLog, count: number, prefix = 'r'): Promise<readonly boolean[]> {
  const receipts: LogReceipt[] = []
  for (let i = 0; i < count; i++) receipts.push(log.append(sampleCompletion(`${prefix}${i}`)))
  return Promise.all(receipts.map((receipt) => receipt.durable()))
}

/** A closed log of so many completions besides what the log says of itself. */
export async function makeClosedLog(count: number, options: Partial<DecisionLogOptions> = {}): Promise<LogWorld> {
  const world = makeLogWorld()
  const log = await world.open(options)
  await appendMany(log, count)
  await log.close()
  return world
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export const readAll = (folder: string): Promise<readonly LogEntry[]> => collect(readLog(folder))

/** Ids of the completions, in order. */
export const idsOf = (entries: readonly LogEntry[]): readonly string[] =>
  entries.flatMap(({ record }) => (record.kind === 'completion' ? [record.id] : []))

export const segmentsOf = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .sort()
