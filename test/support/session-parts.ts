// The parts of sessions on a store in memory, whose answers and clocks tests set.
import type { LogRecord, SessionFound } from '@balustrade/core/kit'
import { onTestFinished } from 'vitest'
import { createEndings } from '../../packages/server/src/session/end-sessions.ts'
import { createSessionReader } from '../../packages/server/src/session/find-session.ts'
import { createKnownSessions } from '../../packages/server/src/session/known-sessions.ts'
import { createSessionLedger } from '../../packages/server/src/session/session-ledger.ts'
import { createSessionUses } from '../../packages/server/src/session/session-uses.ts'
import { createSessionWriter } from '../../packages/server/src/session/write-sessions.ts'
import { HOUR, START, wordFor } from './sessions.ts'
import { type ScriptOptions, scriptedStore } from './store-in-memory.ts'

export const ABSOLUTE = 12 * HOUR
export const IDLE = HOUR

/** `told`: how often a part was told of something. */
export const sessionParts = (options: ScriptOptions = {}) => {
  const told = { changed: 0, back: 0, ended: 0 }
  const records: LogRecord[] = []
  let monotonic = 0
  const clock = { now: () => START, monotonic: () => monotonic }
  const scripted = scriptedStore(clock, options)
  const { store } = scripted
  const append = (record: LogRecord) => {
    records.push(record)
    return { accepted: true, durable: () => Promise.resolve(true) }
  }
  const log = { append }
  const ledger = createSessionLedger(store)
  const onChange = () => void told.changed++
  const known = createKnownSessions({ store, ledger, clock, onChange, onBack: () => told.back++, onForgotten: () => {} })
  const endings = createEndings({ ledger, known, log, onEnded: () => told.ended++ })
  const lives = { absolute: ABSOLUTE, idle: IDLE }
  const writer = createSessionWriter({ ledger, known, endings, log, ...lives, onChanged: onChange })
  const reader = createSessionReader({ known, isDenied: endings.isDenied, idle: IDLE })
  onTestFinished(async () => {
    known.close()
    endings.close()
    await scripted.real.close()
  })
  return {
    ...scripted,
    ...writer,
    ledger,
    known,
    endings,
    uses: createSessionUses(ledger, known),
    told,
    records,
    codes: (): readonly string[] => records.map((record) => (record.kind === 'authentication' ? record.code : record.kind)),
    word: async (secret: string, now = START, lenient = false): Promise<string> =>
      wordFor((await reader.find(secret, { now, lenient })) as SessionFound),
    advance: (ms: number) => {
      monotonic += ms
    },
  }
}

export type SessionParts = ReturnType<typeof sessionParts>
