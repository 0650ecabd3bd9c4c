import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LogRecord } from '@balustrade/core/kit'
import {
  at,
  begun,
  lookUp,
  openWorld,
  type SessionProcess,
  type SessionWorld,
  START,
  until,
  warm,
} from '../../../../test/support/sessions.ts'
import { createRecordNotes, forwardRecordNotes } from './record-notes.ts'
import { createSessions } from './sessions.ts'

let world: SessionWorld
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.close())

const clock = { now: () => START, monotonic: () => performance.now() }

/** A process that may not write the log. */
const beside = ({ store }: SessionProcess) => {
  const notes = createRecordNotes(store)
  return { notes, sessions: createSessions({ store, clock, absolute: 3_600_000, idle: 3_600_000, log: notes }) }
}

const logOf = () => {
  const told: LogRecord[] = []
  const append = (record: LogRecord) => {
    told.push(record)
    return { accepted: true, durable: () => Promise.resolve(true) }
  }
  return { told, append }
}

test('an end by another process is told by the one that writes the log, once, whichever of two that is', async () => {
  const [first, second, third] = [await world.open(), await world.open(), await world.open()]
  const { secret, session } = await begun(first)
  await warm(first, secret)
  const log = logOf()
  const forwarding = [first, second].map(({ store }) => forwardRecordNotes(store, log))
  const { sessions, notes } = beside(third)
  expect(await sessions.end({ id: session.id }, { ...at(), point: 'command', by: 'operator' })).toEqual({ ok: true, value: 1 })
  expect(await notes.settled()).toBe(true)
  await until(async () => (await lookUp(first, secret)) === 'session.none')
  await until(() => log.told.length > 0)
  await until(async () => {
    const left = await first.store.tagged('session', 'record')
    return left.ok && left.value.length === 0
  })
  expect(log.told).toEqual([
    expect.objectContaining({
      kind: 'authentication',
      at: START,
      point: 'command',
      outcome: 'ended',
      code: 'session.ended.operator',
      who: { provider: 'corp', subject: 'ada', session: session.id },
    }),
  ])
  for (const { close } of forwarding) close()
  await sessions.close()
})

test('what was said while nobody wrote the log is told when somebody does, and is no session', async () => {
  const one = await world.open()
  const { sessions, notes } = beside(one)
  await begun(one)
  expect(await sessions.end('all', { ...at(), by: 'operator' })).toEqual({ ok: true, value: 1 })
  expect(await notes.settled()).toBe(true)
  expect(await one.sessions.list(START)).toEqual({ ok: true, value: [] })
  expect(await one.sessions.end('all', { ...at(), by: 'operator' })).toEqual({ ok: true, value: 0 })
  const log = logOf()
  const forwarding = forwardRecordNotes(one.store, log)
  await until(() => log.told.length === 2)
  expect(log.told.map((record) => record.kind).sort()).toEqual(['administration', 'authentication'])
  forwarding.close()
  await sessions.close()
})

test('a note that could not be left is told as such', async () => {
  const one = await world.open()
  const { notes } = beside(one)
  one.setMode('down')
  const receipt = notes.append({ kind: 'administration', at: START, action: 'sessions.ended', detail: {} })
  expect(await receipt.durable()).toBe(false)
  expect(await notes.settled()).toBe(false)
})
