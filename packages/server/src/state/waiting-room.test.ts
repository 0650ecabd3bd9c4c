import { expect, onTestFinished, test, vi } from 'vitest'
import type { Breaker } from './breaker.ts'
import { createWaitingRoom } from './waiting-room.ts'

const world = () => {
  const breaker = {
    allows: () => true,
    succeeded: vi.fn<Breaker['succeeded']>(),
    failed: vi.fn<Breaker['failed']>(),
    trip: vi.fn<Breaker['trip']>(),
    close: vi.fn<Breaker['close']>(),
  } satisfies Breaker
  const onSealed = vi.fn<(why: string) => void>()
  const room = createWaitingRoom(() => breaker, onSealed)
  const enter = (id: number, weight = 0) => {
    const settle = vi.fn<(answer: unknown) => void>()
    room.enter(id, { settle, timer: setTimeout(() => {}, 60_000).unref(), weight })
    return settle
  }
  return { breaker, onSealed, room, enter }
}

test('whoever was answered, or given up, hears nothing more', () => {
  const { breaker, room, enter } = world()
  const [answered, late] = [enter(1), enter(2)]
  room.receive({ id: 1, ok: true, value: true })
  room.fail(1, 'no answer')
  room.fail(2, 'no answer')
  room.receive({ id: 2, ok: true, value: true })
  expect(answered.mock.calls).toEqual([[{ ok: true, value: true }]])
  expect(late.mock.calls).toEqual([[{ ok: false }]])
  expect([breaker.succeeded.mock.calls.length, breaker.failed.mock.calls]).toEqual([1, [['no answer']]])
  expect(room.isHeld()).toBe(false)
})

test('an entry that cannot be opened is told, and is no fault of the store', () => {
  const { breaker, onSealed, room, enter } = world()
  const settle = enter(1)
  room.receive({ id: 1, ok: false, failure: 'sealed', why: 'not ours' })
  expect(settle.mock.calls).toEqual([[{ ok: false }]])
  expect(onSealed.mock.calls).toEqual([['not ours']])
  expect([breaker.succeeded.mock.calls.length, breaker.failed.mock.calls.length]).toEqual([1, 0])
})

test('it is settled when nobody is held any more, and not before', async () => {
  const { room, enter } = world()
  enter(1)
  let isSettled = false
  const settled = room.settled().then(() => {
    isSettled = true
  })
  expect(room.isHeld()).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(isSettled).toBe(false)
  room.receive({ id: 1, ok: true, value: true })
  await settled
  expect(room.isHeld()).toBe(false)
})

test('an answer is not told as one that could not be opened', () => {
  const { onSealed, room, enter } = world()
  enter(1)
  room.receive({ id: 1, ok: true, value: true })
  expect(onSealed).not.toHaveBeenCalled()
})

test('a store that fails is told to the breaker, of each', () => {
  const { breaker, room, enter } = world()
  const all = [enter(1), enter(2), enter(3)]
  room.receive({ id: 1, ok: false, failure: 'unavailable', why: 'the disk is full' })
  room.failAll('gone')
  expect(all.map((settle) => settle.mock.calls)).toEqual([[[{ ok: false }]], [[{ ok: false }]], [[{ ok: false }]]])
  expect(breaker.failed.mock.calls).toEqual([['the disk is full'], ['gone'], ['gone']])
})

const adding = (characters: number) =>
  ({
    name: 'add',
    collection: 'session',
    key: 'k',
    held: { payload: 'x'.repeat(characters), expiresAt: 0, tags: [] },
  }) as const

test('there is room for 4,000, and for 64 MiB of what is to be written', () => {
  const { room, enter } = world()
  for (let id = 1; id < 4_000; id++) enter(id)
  expect(room.hasRoomFor({ name: 'probeRead' })).toBe(true)
  enter(4_000)
  expect(room.hasRoomFor({ name: 'probeRead' })).toBe(false)
  room.failAll('done')
  enter(1, 67_108_863)
  expect(room.hasRoomFor(adding(1))).toBe(true)
  expect(room.hasRoomFor(adding(2))).toBe(false)
  room.fail(1, 'done')
  expect(room.hasRoomFor(adding(2))).toBe(true)
})

test('a probe waits as long as it takes, keeps nobody, and its answer alone says nothing of the others', async () => {
  const { breaker, room } = world()
  const settle = vi.fn<(answer: unknown) => void>()
  room.enter(1, { settle, timer: undefined, weight: 0 })
  expect(room.isHeld()).toBe(false)
  await room.settled()
  room.receive({ id: 1, ok: true, value: true })
  expect(settle.mock.calls).toEqual([[{ ok: true, value: true }]])
  expect(breaker.succeeded).not.toHaveBeenCalled()
})

test('the clock of one that was answered is stopped', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { room, enter } = world()
  enter(1)
  enter(2)
  expect(vi.getTimerCount()).toBe(2)
  room.receive({ id: 1, ok: true, value: true })
  room.fail(2, 'no answer')
  expect(vi.getTimerCount()).toBe(0)
})
