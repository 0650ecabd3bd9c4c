/** What the exit status of every verb means. */
export const EXIT = {
  /** Done; the check, test or verification passed, or the request is allowed. */
  ok: 0,
  /** The check, test or verification failed, or the request is refused. */
  failed: 1,
  /** Wrong usage, or input that cannot be read or is not valid. */
  usage: 2,
  /** The system failed: a port is taken, a disk is full. */
  system: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
