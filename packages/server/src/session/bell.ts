/** Tells listeners at once, and once more for all that was rung while they may have been at it. */
export interface Bell {
  readonly ring: () => void
  readonly onRing: (listener: () => void) => void
  readonly close: () => void
}

/** ms: judging all open streams again costs more than ringing does, and anybody can log in and out. */
const PAUSE = 100

export const createBell = (): Bell => {
  const listeners: (() => void)[] = []
  let pause: NodeJS.Timeout | null = null
  let wasRung = false
  const tell = (): void => {
    wasRung = false
    pause = setTimeout(() => {
      pause = null
      if (wasRung) tell()
    }, PAUSE)
    pause.unref()
    for (const listener of listeners) listener()
  }
  return {
    ring: () => {
      if (pause === null) tell()
      else wasRung = true
    },
    onRing: (listener) => void listeners.push(listener),
    close: () => {
      if (pause !== null) clearTimeout(pause)
      listeners.length = 0
    },
  }
}
