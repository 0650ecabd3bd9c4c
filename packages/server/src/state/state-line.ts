import type { Clock } from '@balustrade/core/kit'
import { createStateLane, type LaneParts } from './state-lane.ts'
import { type Action, type ActionName, type Given, isRead, type OpenResult, type StateTask } from './state-request.ts'
import { NOT_STORED, type Stored, type StateTrouble } from './state-store.ts'

/** The ways to the file: one thread reads and one writes, so that nobody who reads waits for the disk of those who write. */
export interface StateLine {
  readonly ask: <N extends ActionName>(action: Action<N>) => Promise<Stored<Given<N>>>
  /** Another number after the threads were let go: the file may be another one. */
  readonly generation: () => number
  readonly close: () => Promise<void>
}

export interface LineParts {
  readonly task: Omit<StateTask, 'now' | 'mayCreate'>
  readonly clock: Clock
  /** How long an answer is waited for, ms. */
  readonly deadline: { readonly read: number; readonly write: number }
  readonly onTrouble: (trouble: StateTrouble) => void
}

/** An entry that cannot be opened is asked for again and again; it is told so often. */
const TELL_SEALED_MS = 1_000

const createTeller = ({ onTrouble, clock }: LineParts) => {
  let told = Number.NEGATIVE_INFINITY
  return (why: string): void => {
    if (clock.monotonic() - told < TELL_SEALED_MS) return
    told = clock.monotonic()
    onTrouble({ kind: 'entry', code: 'state.sealed', why })
  }
}

const createLanes = (parts: LineParts) => {
  const { task, clock, onTrouble, deadline } = parts
  let generation = 0
  let isOpen = false
  /** Both go when one has gone: they must never read and write two files. */
  const onDeath = (why: string): void => {
    if (!isOpen) return
    generation++
    for (const lane of [reads, writes]) lane.drop(why)
  }
  const all = { task, clock, onTrouble, onDeath, onSealed: createTeller(parts) } satisfies Partial<LaneParts>
  const reads = createStateLane({ ...all, deadline: deadline.read, probe: { name: 'probeRead' }, code: 'state.unreadable' })
  const writes = createStateLane({ ...all, deadline: deadline.write, probe: { name: 'probeWrite' }, code: 'state.unwritable' })
  return {
    /** The one that writes makes the file, and brings it up to date, before the other looks. */
    open: async (): Promise<OpenResult> => {
      for (const lane of [writes, reads]) {
        const opened = await lane.open()
        if (!opened.ok) return opened
      }
      isOpen = true
      return { ok: true }
    },
    ask: (action: Action): Promise<Stored<Given<ActionName>>> =>
      isOpen ? (isRead(action.name) ? reads : writes).ask(action) : Promise.resolve(NOT_STORED),
    generation: () => generation,
    close: async () => {
      isOpen = false
      await Promise.all([reads.close(), writes.close()])
    },
  }
}

/** Opens the file on threads of its own; gives the reason when that fails, and ends the threads then. */
export const openStateLine = async (
  parts: LineParts,
): Promise<{ readonly ok: true; readonly line: StateLine } | Exclude<OpenResult, { readonly ok: true }>> => {
  const { open, ask, generation, close } = createLanes(parts)
  const opened = await open()
  if (opened.ok) return { ok: true, line: { ask: ask as StateLine['ask'], generation, close } }
  await close()
  return opened
}
