// How the parts of sessions tell one another, and what is forwarded to the log: on a store in memory, with a clock that tests move.
import type { LogRecord } from '@balustrade/core/kit'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { at, HOUR, MINUTE, person, START } from '../../../../test/support/sessions.ts'
import { scriptedStore } from '../../../../test/support/store-in-memory.ts'
import type { StateStore } from '../state/state-store.ts'
import { sessionIdOf } from './find-session.ts'
import { firstKept, keptJson } from './kept-session.ts'
import { createRecordNotes, forwardRecordNotes } from './record-notes.ts'
import { type Begun, createSessions } from './sessions.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** ms between two looks at what changed. */
const LOOK = 250
const look = () => vi.advanceTimersByTimeAsync(LOOK)

const logOf = () => {
  const records: LogRecord[] = []
  const append = (record: LogRecord) => {
    records.push(record)
    return { accepted: true, durable: () => Promise.resolve(true) }
  }
  return { records, append }
}

const open = ({ store, idle = HOUR }: { readonly store?: StateStore; readonly idle?: number } = {}) => {
  let monotonic = 0
  let rings = 0
  const clock = { now: () => START, monotonic: () => monotonic }
  const scripted = scriptedStore(clock)
  const log = logOf()
  const sessions = createSessions({ store: store ?? scripted.store, clock, absolute: 12 * HOUR, idle, log })
  sessions.onEnded(() => rings++)
  onTestFinished(() => sessions.close())
  return { ...scripted, sessions, log, rings: () => rings, advance: (ms: number) => void (monotonic += ms) }
}
const begun = async ({ sessions }: ReturnType<typeof open>, given = {}): Promise<Begun> => {
  const made = await sessions.begin(person(given), { ...at(), replaces: null })
  if (!made.ok) throw new Error('the store does not answer')
  return made.value
}
const find = ({ sessions }: ReturnType<typeof open>, secret: string, now = START) =>
  sessions.reader.find(secret, { now, lenient: false })
const keptUse = async ({ real }: ReturnType<typeof open>, { session }: Begun) => {
  const entry = await real.get('used', `session:${session.id}`)
  return entry.ok ? (entry.value?.value ?? null) : 'the store does not answer'
}

describe('when the store answers again', () => {
  test('what is held open is judged again, and what it was not told of is told at once', async () => {
    const world = open()
    const { secret } = await begun(world)
    world.silence(['take', 'remove', 'changes'])
    expect(await world.sessions.end({ secret }, { ...at(), by: 'logout' })).toEqual({ ok: false })
    await look()
    world.answerAll()
    const rings = world.rings()
    await look()
    expect(world.rings()).toBeGreaterThan(rings)
    expect(world.log.records).toContainEqual(expect.objectContaining({ code: 'session.ended.logout' }))
  })
})

describe('uses', () => {
  test.each([
    { note: 'every minute', idle: HOUR, between: MINUTE },
    { note: 'a tenth of the idle time after them, where that is sooner', idle: 5 * MINUTE, between: MINUTE / 2 },
  ])('are kept $note, and at the end', async ({ idle, between }) => {
    const world = open({ idle })
    const made = await begun(world)
    await find(world, made.secret, START + 5)
    await vi.advanceTimersByTimeAsync(between - 1)
    expect(await keptUse(world, made)).toBeNull()
    await vi.advanceTimersByTimeAsync(1)
    expect(await keptUse(world, made)).toBe(START + 5)
    await find(world, made.secret, START + 6)
    await world.sessions.close()
    expect(await keptUse(world, made)).toBe(START + 6)
  })

  test('of one that there is no room for any more are kept before it is forgotten', async () => {
    const { store, real } = scriptedStore({ now: () => START, monotonic: () => 0 })
    const kept = firstKept(person(), { id: '', epoch: 0, now: START, absolute: HOUR })
    // Every id is that of a session.
    const full: StateStore = {
      ...store,
      get: async (collection, key) =>
        collection === 'session'
          ? { ok: true, value: { key, value: keptJson(kept), version: 1, expiresAt: START + HOUR, tags: [] } }
          : { ok: true, value: null },
    }
    const world = open({ store: full })
    for (let n = 0; n < 20_001; n++) await find(world, `${n}`, n === 0 ? START + 5 : START)
    await vi.advanceTimersByTimeAsync(0)
    const key = `session:${sessionIdOf('0')}`
    expect(await real.list('used')).toMatchObject({ ok: true, value: [{ key, value: START + 5 }] })
  })
})

describe('what operators see', () => {
  test('are sessions that are good, with the latest use that is known here or kept', async () => {
    const world = open()
    const [used, unused] = [await begun(world), await begun(world, { subject: 'bob' })]
    await find(world, used.secret, START + 5)
    const listed = { provider: 'corp', begunAt: START, expiresAt: START + 12 * HOUR }
    expect(await world.sessions.list(START)).toEqual({
      ok: true,
      value: [
        { ...listed, id: used.session.id, subject: 'ada', usedAt: START + 5 },
        { ...listed, id: unused.session.id, subject: 'bob', usedAt: START },
      ],
    })
    expect(await world.sessions.list(START + HOUR)).toMatchObject({ value: [{ id: used.session.id }] })
    world.silence(['list'])
    expect(await world.sessions.list(START)).toEqual({ ok: false })
  })

  test('what the latest authentication was asked for is known of sessions that were seen', async () => {
    const world = open()
    const [asked, plain] = [await begun(world, { answered: 'd' }), await begun(world)]
    expect(world.sessions.lastAnswered(asked.session.id)).toBeNull()
    for (const { secret } of [asked, plain]) await find(world, secret)
    expect(world.sessions.lastAnswered(asked.session.id)).toEqual({ digest: 'd', at: START })
    expect(world.sessions.lastAnswered(plain.session.id)).toBeNull()
  })
})

test('after closing nobody is told, nothing is kept, and nothing is tried again', async () => {
  const world = open()
  const { secret } = await begun(world)
  await find(world, secret, START + 5)
  world.silence(['take', 'remove'])
  await world.sessions.end({ secret }, { ...at(), by: 'logout' })
  await world.sessions.close()
  const [rings, { length }] = [world.rings(), world.asked]
  world.answerAll()
  await vi.advanceTimersByTimeAsync(10 * MINUTE)
  expect([world.rings(), world.asked.length]).toEqual([rings, length])
})

describe('notes for the log', () => {
  const RECORD = { kind: 'administration', at: START, action: 'sessions.ended', detail: { by: 'operator' } } as const
  const notes = async ({ real }: ReturnType<typeof open>) => {
    const all = await real.tagged('session', 'record')
    return all.ok ? all.value.length : 'the store does not answer'
  }

  test('wait a month for somebody who writes it, and are taken when that one begins', async () => {
    const world = open()
    const left = createRecordNotes(world.store)
    const receipt = left.append(RECORD)
    expect(receipt.accepted).toBe(true)
    expect([await receipt.durable(), await left.settled()]).toEqual([true, true])
    const entries = await world.real.tagged('session', 'record')
    expect(entries).toMatchObject({ value: [{ value: RECORD, expiresAt: START + 30 * 86_400_000, tags: ['record'] }] })
    const log = logOf()
    const forwarding = forwardRecordNotes(world.store, log)
    await vi.advanceTimersByTimeAsync(0)
    expect([log.records, await notes(world)]).toEqual([[RECORD], 0])
    forwarding.close()
  })

  test.each<{ note: string; leave: (world: ReturnType<typeof open>) => Promise<unknown>; taken: number }>([
    { note: 'one was left', leave: ({ store }) => createRecordNotes(store).append(RECORD).durable(), taken: 1 },
    {
      note: 'one is under another name',
      leave: ({ real }) => real.add('session', 'x', { value: { ...RECORD, detail: {} }, expiresAt: Infinity, tags: ['record'] }),
      taken: 0,
    },
    {
      note: 'one is in another collection',
      leave: ({ real }) => real.add('form', 'record:1', { value: 1, expiresAt: Infinity, tags: ['record'] }),
      taken: 0,
    },
    {
      note: 'what was left is no record',
      leave: ({ real }) => real.add('session', 'record:1', { value: 'x', expiresAt: Infinity, tags: ['record'] }),
      taken: 0,
    },
  ])('are taken when they are left: $note', async ({ leave, taken }) => {
    const world = open()
    const log = logOf()
    const forwarding = forwardRecordNotes(world.store, log)
    await look()
    await leave(world)
    await look()
    expect(log.records).toHaveLength(taken)
    forwarding.close()
    await createRecordNotes(world.store).append(RECORD).durable()
    await vi.advanceTimersByTimeAsync(10 * LOOK)
    expect(log.records).toHaveLength(taken)
  })

  test('are taken when the store answers again, or cannot tell what changed', async () => {
    const world = open()
    const log = logOf()
    const forwarding = forwardRecordNotes(world.store, log)
    await look()
    world.silence(['tagged'], 1)
    await createRecordNotes(world.store).append(RECORD).durable()
    await look()
    expect(log.records).toEqual([])
    world.silence(['changes'])
    await look()
    expect(log.records).toEqual([])
    world.answerAll()
    await look()
    expect(log.records).toEqual([RECORD])
    await createRecordNotes(world.store).append(RECORD).durable()
    world.missMuch(true)
    await look()
    expect(log.records).toEqual([RECORD, RECORD])
    forwarding.close()
  })

  test('that cannot be taken are left for later', async () => {
    const world = open()
    await createRecordNotes(world.store).append(RECORD).durable()
    world.silence(['take'])
    const log = logOf()
    forwardRecordNotes(world.store, log).close()
    await vi.advanceTimersByTimeAsync(0)
    expect([log.records, await notes(world)]).toEqual([[], 1])
  })

  test('are told as not kept where one of them is not, or another stands in its place', async () => {
    const world = open()
    const left = createRecordNotes(world.store)
    world.silence(['add'], 1)
    const [lost, kept] = [left.append(RECORD), left.append(RECORD)]
    expect([await lost.durable(), await kept.durable(), await left.settled()]).toEqual([false, true, false])
    const full = createRecordNotes({ ...world.store, add: () => Promise.resolve({ ok: true, value: false }) })
    expect(await full.append(RECORD).durable()).toBe(false)
  })
})
