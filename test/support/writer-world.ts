// A writer of the decision log on a disk in memory, in time that a test moves by hand.
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, vi } from 'vitest'
import { EMPTY_RANGE } from '../../packages/core/src/decision-log/compact-range.ts'
import { SegmentFiles } from '../../packages/core/src/decision-log/segment-files.ts'
import { createSlabWindow, type WindowLimits } from '../../packages/core/src/decision-log/slab-window.ts'
import { type LogTrouble, LogWriter } from '../../packages/core/src/decision-log/writer.ts'
import { createNoteSigner } from '../../packages/core/src/lib/signed-note.ts'
import type { LogReceipt } from '../../packages/core/src/model/ports.ts'
import { sampleCompletion } from './log-records.ts'
import { createMemoryDisk } from './memory-disk.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const START = 1_000_000

/** Stops the clock, for the tests of a file. */
export function stopTime(): void {
  beforeEach(() => void vi.useFakeTimers({ now: START }))
  afterEach(() => void vi.useRealTimers())
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

interface WriterSetup {
  readonly limits?: Partial<WindowLimits>
  readonly segmentBytes?: number
  readonly onTrouble?: (trouble: LogTrouble, writer: LogWriter) => void
}

/** A writer on a disk in memory, by a clock that is moved by hand: groups of 5 ms, checkpoints of 10 s, retries of 250 ms, hung after 2 s. */
export const makeWriter = ({ limits = {}, segmentBytes = 1 << 30, onTrouble = () => {} }: WriterSetup = {}) => {
  const memory = createMemoryDisk()
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const troubles: LogTrouble[] = []
  const window = createSlabWindow({
    origin: 'o',
    clock,
    limits: { records: 1_000, bytes: 1 << 30, ms: 30_000, ...limits },
    segmentBytes,
    tree: EMPTY_RANGE,
    segmentUsed: null,
  })
  const release = vi.fn<() => void>()
  const writer = new LogWriter({
    window,
    files: new SegmentFiles('log', memory.disk, { first: null, bytes: 0, records: 0, checkpointBytes: 0 }),
    signer: createNoteSigner('log.example/x', privateKey),
    clock,
    times: { group: 5, checkpoint: 10_000, retry: 250, hung: 2_000 },
    durable: EMPTY_RANGE,
    signed: 0,
    onTrouble: (trouble) => {
      troubles.push(trouble)
      onTrouble(trouble, writer)
    },
    release,
  })
  const add = (...ids: readonly string[]): readonly LogReceipt[] => ids.map((id) => writer.append(sampleCompletion(id)))
  /** Ids of completions; of gaps how many, from when, until when and why; otherwise the action. */
  const written = (): readonly string[] =>
    [...memory.files]
      .filter(([name]) => name.endsWith('.log'))
      .flatMap(([, bytes]) => bytes.toString('latin1').split('\n').slice(0, -1))
      .map((line) => {
        const { id, action, lost, from, until, cause } = JSON.parse(line) as Record<string, string>
        return id ?? action ?? `${lost} lost from ${Number(from) - START} until ${Number(until) - START}, ${cause}`
      })
  const signedSizes = () =>
    (memory.files.get('checkpoints')?.toString() ?? '')
      .split('log.example/x\n')
      .slice(1)
      .map((note) => Number.parseInt(note, 10))
  return { ...memory, writer, troubles, release, add, written, signedSizes }
}

/** What a promise has come to by now. */
export const stateOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const pending = Symbol('pending')
  const state = await Promise.race([promise, Promise.resolve(pending)])
  return state === pending ? 'pending' : state
}
