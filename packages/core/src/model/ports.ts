import type { LogRecord } from './log-record.ts'

/** Ports that `compose` (or an application) fills. */
export interface Clock {
  /** Wall clock, epoch ms. */
  readonly now: () => number
  /** Monotonic, ms with fractions: for deadlines and ages of caches. */
  readonly monotonic: () => number
}

/**
 * The decision log as the engine sees it. Never throws.
 * `append` takes the record at once; `durable` resolves true when it is on disk, false when that cannot be said now: the record may
 * still be written later, or be counted in a gap.
 */
export interface DecisionLog {
  readonly append: (record: LogRecord) => LogReceipt
  /** A keyed hash under a secret of the log: equal values of one log compare equal, and cannot be guessed by trying. */
  readonly pseudonym: (text: string) => string
  readonly close: () => Promise<void>
}

export interface LogReceipt {
  /** false: the bounded window is full or the disk refuses; a gap record will say how many were lost. */
  readonly accepted: boolean
  readonly durable: () => Promise<boolean>
}

/** A use of a break-glass exception that opened it. */
export interface KeptOpening {
  /** Epoch ms. */
  readonly at: number
  /** `provider/subject` of the caller. */
  readonly by: string
}

/** Remembers what was opened, over restarts. Never throws or rejects. */
export interface OpeningLedger {
  /** The last opening of each exception; null: it cannot be read, and nobody can tell whether anything was opened. */
  readonly read: () => ReadonlyMap<string, KeptOpening> | null
  /** Keeps a use as the first since `armed`, unless there is one. Atomic within the process. */
  readonly open: (use: KeptOpening & { readonly name: string; readonly armed: number }) => KeptUse
}

export interface KeptUse {
  /** It opened the exception: none since it was armed was kept before. */
  readonly first: boolean
  /** Resolves true once the first use is on disk, false when it cannot be written now; asking again tries again. */
  readonly durable: () => Promise<boolean>
}

/** Keeps PolicyImages by digest, so that a past decision can be judged again. Never throws or rejects. */
export interface ImageStore {
  readonly keep: (digest: string, canonicalJson: string) => Promise<boolean>
  readonly read: (digest: string) => string | null
}
