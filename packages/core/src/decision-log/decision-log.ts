// The decision log (NIST SP 800-53 AU-3, AU-9, AU-10): writes what was decided, signs it, reads and verifies it. It never loses a
// record silently, never blocks the event loop for the disk and never decides.
import { createHmac, hkdfSync, type KeyObject } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { attempt, attemptAsync } from '../lib/attempt.ts'
import { createNoteSigner, type NoteSigner } from '../lib/signed-note.ts'
import type { Clock, DecisionLog } from '../model/ports.ts'
import { causeOf, createLogDisk, type LogDisk } from './disk.ts'
import { type Recovered, recoverLog } from './recover.ts'
import { SegmentFiles } from './segment-files.ts'
import { createSlabWindow, type WindowLimits } from './slab-window.ts'
import { type LogStatus, type LogTrouble, LogWriter, type WriterTimes } from './writer.ts'
import { lockFolder } from './writer-lock.ts'

export interface DecisionLogOptions {
  /** Created when it does not exist. One process writes to it at a time. */
  readonly folder: string
  /** Names the log in its checkpoints, such as `gateway-1.example.com/decisions`; no space, no plus sign. */
  readonly origin: string
  /** Ed25519 private key that signs the checkpoints. */
  readonly key: KeyObject
  readonly clock: Clock
  readonly onTrouble: (trouble: LogTrouble) => void
  /** Size in bytes from which the next group of records starts a new file. Default 64 MiB. */
  readonly segmentBytes?: number
  /** Default 100,000 records, 64 MiB, 30,000 ms. */
  readonly window?: Partial<WindowLimits>
  /** Default: groups of 5 ms, a checkpoint every 10,000, retries every 250, hung after 2,000. */
  readonly times?: Partial<WriterTimes>
  /** Default: the file system. */
  readonly disk?: LogDisk
}

export interface OpenedLog extends DecisionLog {
  readonly status: () => LogStatus
}

/**
 * `log.key`, `log.origin`: not usable, or those of another log. `log.busy`: another process writes here. `log.altered`,
 * `log.truncated`: signed records were changed or are gone; verify says which. `disk.*`: the folder cannot be written.
 */
export type OpenLogResult =
  | { readonly ok: true; readonly log: OpenedLog }
  | { readonly ok: false; readonly code: string; readonly why: string }

const SEGMENT_BYTES = 64 * 1024 * 1024
const WINDOW: WindowLimits = { records: 100_000, bytes: 64 * 1024 * 1024, ms: 30_000 }
const TIMES: WriterTimes = { group: 5, checkpoint: 10_000, retry: 250, hung: 2_000 }

const refuse = (code: string, why: string) => ({ ok: false, code, why }) as const

const createWriter = (options: DecisionLogOptions, parts: { signer: NoteSigner; found: Recovered; release: () => void }) => {
  const { folder, origin, clock, segmentBytes = SEGMENT_BYTES, onTrouble } = options
  const { signer, found, release } = parts
  return new LogWriter({
    window: createSlabWindow({
      origin,
      clock,
      limits: { ...WINDOW, ...options.window },
      segmentBytes,
      tree: found.tree,
      segmentUsed: found.at.first === null ? null : found.at.bytes,
    }),
    files: new SegmentFiles(folder, options.disk ?? createLogDisk(folder), found.at),
    signer,
    clock,
    times: { ...TIMES, ...options.times },
    durable: found.tree,
    signed: found.signed,
    onTrouble,
    release,
  })
}

/** PCI DSS 10.2.1.6: starting and stopping the log are in the log; so is what a crash cut off. */
const recordOpening = async (writer: LogWriter, found: Recovered, at: number): Promise<boolean> => {
  const cut = found.cut === null ? null : { bytes: found.cut.bytes, file: found.cut.file }
  if (!found.clean || cut !== null) writer.append({ kind: 'administration', at, action: 'log.recovered', detail: { cut } })
  const opened = writer.append({ kind: 'administration', at, action: 'log.opened', detail: { clean: found.clean } })
  const isDurable = await opened.durable()
  // With its checkpoint: a log that was opened is one that can be verified, and so is what a crash left unsigned.
  await writer.settle()
  return isDurable
}

/** Keyed hashes of this log: the key is derived from the signing key (RFC 5869), which never leaves the process. */
const createPseudonyms = (key: KeyObject): DecisionLog['pseudonym'] => {
  const secret = Buffer.from(hkdfSync('sha256', key.export({ format: 'der', type: 'pkcs8' }), '', 'balustrade log pseudonym', 32))
  return (text) => createHmac('sha256', secret).update(text).digest('base64url')
}

const startWriter = async (options: DecisionLogOptions, signer: NoteSigner, release: () => void): Promise<OpenLogResult> => {
  const recovered = await attemptAsync(() => recoverLog(options.folder, options.origin))
  if (!recovered.ok || !recovered.value.ok) release()
  if (!recovered.ok) return refuse(causeOf(recovered.error), 'the log cannot be read or mended')
  const found = recovered.value
  if (!found.ok) return refuse(found.code, found.why)
  const writer = createWriter(options, { signer, found, release })
  if (await recordOpening(writer, found, options.clock.now())) {
    const log = {
      append: writer.append.bind(writer),
      status: writer.status.bind(writer),
      close: writer.close.bind(writer),
      pseudonym: createPseudonyms(options.key),
    }
    return { ok: true, log }
  }
  const cause = writer.status().trouble ?? 'window.full'
  await writer.close()
  return refuse(cause, 'the log takes no records')
}

/**
 * Opens a log for writing: takes the lock, cuts off what a crash left half written, goes on behind the last record. Resolves when the
 * record of the opening is durable. Never rejects. Reads only the last segment: whether older ones are as they were is what
 * verifyLog tells.
 */
export const openDecisionLog = async (options: DecisionLogOptions): Promise<OpenLogResult> => {
  const signer = attempt(() => createNoteSigner(options.origin, options.key))
  if (!signer.ok)
    return refuse('log.key', 'the origin or the key cannot sign: an Ed25519 private key and a name without spaces are needed')
  const made = await attemptAsync(() => mkdir(options.folder, { recursive: true, mode: 0o700 }))
  if (!made.ok) return refuse(causeOf(made.error), 'the folder cannot be made')
  const lock = lockFolder(options.folder)
  if (!lock.ok)
    return lock.busy
      ? refuse('log.busy', 'another process writes this log')
      : refuse('disk.read_only', 'the folder cannot be written')
  return startWriter(options, signer.value, lock.release)
}
