import { CodedError } from './coded-error.ts'

/** What a log signs about itself (C2SP tlog-checkpoint): who it is, how many entries it has and the root over them. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

export type ParsedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly why: string }

const isLine = (text: string): boolean => text.isWellFormed() && /^[\u0020-\u{10ffff}]+$/u.test(text)

/** The note text of a checkpoint, `origin\nsize\nroot\n`. Throws CodedError `checkpoint.invalid` on what could not be read back. */
export const formatCheckpoint = (checkpoint: Checkpoint): string => {
  const { origin, size, root } = checkpoint
  if (!isLine(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== 32) {
    throw new CodedError('checkpoint.invalid', 'a checkpoint has an origin of one line, a size and a root of 32 bytes')
  }
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
}

/**
 * Reads the text of a checkpoint. Extension lines are allowed by the format and ignored; sizes beyond 2^53 are refused.
 * Never throws. Says nothing about signatures: verifyNote comes first, and the origin is for the caller to compare.
 */
export const parseCheckpoint = (text: string): ParsedCheckpoint => {
  const lines = text.split('\n', 104)
  if (lines.length < 4 || lines.length > 103 || lines.at(-1) !== '' || !lines.slice(0, -1).every(isLine)) {
    return { ok: false, why: 'a checkpoint has three lines or more, none empty' }
  }
  const [origin, digits, base64] = lines as [string, string, string]
  const size = /^(?:0|[1-9][0-9]{0,15})$/.test(digits) ? Number(digits) : Number.NaN
  if (!Number.isSafeInteger(size)) return { ok: false, why: 'the size is not a number in plain digits' }
  const root = Buffer.from(base64, 'base64')
  if (root.length !== 32 || root.toString('base64') !== base64) return { ok: false, why: 'the root is not base64 of 32 bytes' }
  return { ok: true, checkpoint: { origin, size, root: new Uint8Array(root) } }
}
