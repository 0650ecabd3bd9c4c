import type { NoteVerifier } from '../lib/signed-note.ts'
import { fault, type LogFault } from './log-fault.ts'
import { checkpointsPath } from './segments.ts'
import { type ReadCheckpoint, readCheckpoint, openSignedSizes, type SignedSize } from './signed-sizes.ts'
import { checkSigned, type Walk } from './verify-walk.ts'

/** The checkpoints of the folder and the earlier one, each asked when the walk has come to its size. */
export interface Vouchers {
  /** The size at which `check` has something to compare. */
  readonly due: number
  check(walk: Walk): Promise<LogFault | null>
  /** What the walk did not come to, or could not be read. */
  finish(walk: Walk): LogFault | null
}

export interface VoucherSources {
  readonly keys: readonly NoteVerifier[]
  readonly earlierCheckpoint?: string
}

const checkEarlier = (walk: Walk, { size, root }: SignedSize): LogFault | null =>
  walk.range.root() === root
    ? null
    : { kind: 'rewritten', seq: 0, until: size - 1, why: 'the log does not begin with the records of the earlier checkpoint' }

const readEarlier = ({ earlierCheckpoint, keys }: VoucherSources): ReadCheckpoint | null =>
  earlierCheckpoint === undefined ? null : readCheckpoint(earlierCheckpoint, keys)

const otherOrigin = (next: ReadCheckpoint | null, earlier: SignedSize | null): LogFault | null => {
  if (earlier === null || !next?.ok || next.signed.origin === earlier.origin) return null
  return fault('checkpoint', 0, `the earlier checkpoint is that of ${earlier.origin}, this log is ${next.signed.origin}`)
}

const sizeOf = (signed: SignedSize | null): number => signed?.size ?? Number.POSITIVE_INFINITY

export const openVouchers = async (folder: string, sources: VoucherSources): Promise<Vouchers | LogFault> => {
  const given = readEarlier(sources)
  if (given !== null && !given.ok) return fault('checkpoint', 0, `the earlier checkpoint: ${given.why}`)
  const notes = await openSignedSizes(checkpointsPath(folder), sources.keys)
  const pull = async (): Promise<ReadCheckpoint | null> => (await notes.next()).value ?? null
  let earlier = given?.signed ?? null
  let next = await pull()
  const foreign = otherOrigin(next, earlier)
  if (foreign !== null) return foreign
  const nextSigned = (): SignedSize | null => (next?.ok ? next.signed : null)
  return {
    get due() {
      return Math.min(sizeOf(nextSigned()), sizeOf(earlier))
    },
    check: async (walk) => {
      for (let signed = nextSigned(); signed?.size === walk.range.size; signed = nextSigned()) {
        const wrong = checkSigned(walk, signed)
        if (wrong !== null) return wrong
        next = await pull()
      }
      if (earlier?.size !== walk.range.size) return null
      const known = earlier
      earlier = null
      return checkEarlier(walk, known)
    },
    finish: (walk) => {
      if (next !== null && !next.ok) return fault('checkpoint', walk.signed, next.why)
      const { size } = walk.range
      const signed = Math.max(nextSigned()?.size ?? 0, earlier?.size ?? 0)
      return signed > size ? fault('missing', size, `the log ends before record ${size}, and ${signed} were signed`) : null
    },
  }
}
