/**
 * `missing`: no record of this number where it must stand. `altered`: not the record that was signed. `unsigned`: nothing vouches
 * for it. `checkpoint`: the checkpoints from here on are not right. `rewritten`: the earlier checkpoint was of another log.
 */
export type FaultKind = 'missing' | 'altered' | 'unsigned' | 'checkpoint' | 'rewritten'

export interface LogFault {
  readonly kind: FaultKind
  /** Sequence number of the first bad record; with `until`, one from `seq` up to and including it. */
  readonly seq: number
  readonly until: number | null
  readonly why: string
}

export const fault = (kind: FaultKind, seq: number, why: string): LogFault => ({ kind, seq, until: null, why })
