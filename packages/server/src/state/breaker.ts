/** Stops asking what does not answer: after some failures in a row nothing is allowed until a probe was answered. */
export interface Breaker {
  readonly allows: () => boolean
  readonly succeeded: () => void
  readonly failed: (why: string) => void
  /** Opens at once, whatever was before. */
  readonly trip: (why: string) => void
  /** No more probes. */
  readonly close: () => void
}

export interface BreakerParts {
  /** Whether it works again; one is under way at a time, and it may take as long as it takes. Never rejects. */
  readonly probe: () => Promise<boolean>
  readonly onOpened: (why: string) => void
  readonly onClosed: () => void
}

const FAILURES = 5
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000

export const createBreaker = ({ probe, onOpened, onClosed }: BreakerParts): Breaker => {
  let failures = 0
  let isOpen = false
  let isOver = false
  let timer: NodeJS.Timeout | undefined

  /** Grows until something else than a probe was answered: a full disk may still have room for a probe. */
  let pause = FIRST_PAUSE_MS
  const probeLater = (): void => {
    if (isOver) return
    const next = async () => {
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      if (!(await probe())) return probeLater()
      failures = 0
      isOpen = false
      onClosed()
    }
    timer = setTimeout(() => void next(), pause).unref()
  }
  const open = (why: string): void => {
    if (isOpen || isOver) return
    isOpen = true
    onOpened(why)
    probeLater()
  }
  return {
    allows: () => !isOpen,
    succeeded: () => {
      failures = 0
      pause = FIRST_PAUSE_MS
    },
    failed: (why) => {
      failures++
      if (failures >= FAILURES) open(why)
    },
    trip: open,
    close: () => {
      isOver = true
      clearTimeout(timer)
    },
  }
}
