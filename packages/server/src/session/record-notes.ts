import { randomUUID } from 'node:crypto'
import { type DecisionLog, isObject, type JsonValue, type LogRecord } from '@balustrade/core/kit'
import type { StateStore } from '../state/state-store.ts'

/** A log for processes that may not write the log, such as the command line beside a running server: leaves notes in the store. */
export interface RecordNotes extends Pick<DecisionLog, 'append'> {
  /** Whether everything that was appended is kept. */
  readonly settled: () => Promise<boolean>
}

/** Puts what such processes said into the log. */
export interface NoteForwarding {
  readonly close: () => void
}

const TAG = 'record'
const PREFIX = 'record:'
/** ms that a note waits for somebody who writes the log. */
const NOTE_LIFE = 30 * 86_400_000

export const createRecordNotes = (store: StateStore): RecordNotes => {
  const written: Promise<boolean>[] = []
  return {
    append: (record) => {
      const value = { ...record } as unknown as JsonValue
      const added = store.add('session', `${PREFIX}${randomUUID()}`, { value, expiresAt: record.at + NOTE_LIFE, tags: [TAG] })
      const kept = added.then((done) => done.ok && done.value)
      written.push(kept)
      return { accepted: true, durable: () => kept }
    },
    settled: async () => (await Promise.all(written)).every((kept) => kept),
  }
}

/** Each note is taken by one process, which then writes it: one that dies in between loses it. */
const forwardAll = async (store: StateStore, log: Pick<DecisionLog, 'append'>): Promise<void> => {
  const notes = await store.tagged('session', TAG)
  for (const { key } of notes.ok ? notes.value : []) {
    const taken = await store.take('session', key)
    if (taken.ok && isObject(taken.value?.value)) log.append(taken.value.value as unknown as LogRecord)
  }
}

/** Takes notes when it begins and whenever one is left. */
export const forwardRecordNotes = (store: StateStore, log: Pick<DecisionLog, 'append'>): NoteForwarding => {
  const forward = () => void forwardAll(store, log)
  const watching = store.watch({
    onChange: (changed) => {
      if (changed === null || changed.some(({ collection, key }) => collection === 'session' && key.startsWith(PREFIX))) forward()
    },
    onAnswering: (answers) => {
      if (answers) forward()
    },
  })
  forward()
  return { close: watching.close }
}
