import { renameSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { makeStateWorld } from '../../../../test/support/state.ts'
import { heldPorts, openThread, taskOf, watchThreads } from '../../../../test/support/state-threads.ts'
import { startThread } from './state-thread.ts'

afterEach(() => void vi.useRealTimers())

/** Time of this thread alone; the thread of the store has its own. */
const stopTime = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

test('what came before the end is served, however it came', async () => {
  const { thread, answers, onDeath, add, entries } = await openThread()
  for (let id = 1; id <= 600; id += 2) thread.post([add(id), add(id + 1)])
  await thread.end()
  expect(answers().map(({ id, ok }) => [id, ok])).toEqual(Array.from({ length: 600 }, (_none, n) => [n + 1, true]))
  expect(entries()).toBe(600)
  expect(onDeath).not.toHaveBeenCalled()
})

describe('a thread that ends without being asked to', () => {
  test('tells why it could not open the file, once', async () => {
    const threads = watchThreads()
    const onDeath = vi.fn<(why: string) => void>()
    const thread = startThread(taskOf(makeStateWorld(), { mayCreate: false }), { onAnswers: () => {}, onDeath })
    const why = expect.stringContaining('is not there')
    expect(await thread.opened).toEqual({ ok: false, code: 'state.missing', why })
    await threads[0]?.exited
    expect(onDeath.mock.calls).toEqual([[why]])
    await thread.end()
  })

  test('tells what went wrong in it, once', async () => {
    const { world, thread, exited, onDeath, add, answers } = await openThread()
    renameSync(world.file, `${world.file}.away`)
    thread.post([add(1)])
    await exited
    expect(onDeath.mock.calls).toEqual([['the file was taken away or replaced']])
    expect(answers()).toEqual([])
    await thread.end()
    expect(onDeath).toHaveBeenCalledTimes(1)
  })

  test('tells that it ended, where nothing else is known', async () => {
    const { thread, worker, exited, onDeath } = await openThread()
    await Promise.all([worker.terminate(), exited])
    expect(onDeath.mock.calls).toEqual([['the thread of the store ended']])
    await thread.end()
  })

  test('has not opened the file where it ends before it could', async () => {
    const threads = watchThreads()
    const onDeath = vi.fn<(why: string) => void>()
    const thread = startThread(taskOf(makeStateWorld()), { onAnswers: () => {}, onDeath })
    await new Promise((resolve) => process.nextTick(resolve))
    void threads[0]?.worker.terminate()
    const why = 'the thread of the store ended'
    expect(await thread.opened).toEqual({ ok: false, code: 'state.disk', why })
    expect(onDeath.mock.calls).toEqual([[why]])
  })
})

describe('is not waited for', () => {
  test('longer than 30 s when it opens the file', async () => {
    stopTime()
    const world = makeStateWorld()
    const thread = startThread(taskOf(world), { onAnswers: () => {}, onDeath: () => {} })
    const told = vi.fn<(result: unknown) => void>()
    void thread.opened.then(told)
    // Nothing of the thread is heard in between: this one does not turn to it.
    vi.advanceTimersByTime(29_999)
    await Promise.resolve()
    expect(told).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(await thread.opened).toEqual({ ok: false, code: 'state.disk', why: `${world.file} was not opened in time` })
    await thread.end()
  })

  test('longer than 2 s when it hangs at its end; what it had not done then is not done', async () => {
    const { world, thread, exited, onDeath, add, entries } = await openThread({ lockMs: 60_000 })
    stopTime()
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    thread.hold(false)
    const before = heldPorts()
    thread.post([add(1)])
    const ended = vi.fn<() => void>()
    void thread.end().then(ended)
    await vi.advanceTimersByTimeAsync(1_999)
    expect([ended.mock.calls.length, heldPorts()]).toEqual([0, before + 1])
    await vi.advanceTimersByTimeAsync(1)
    expect([ended.mock.calls.length, heldPorts()]).toEqual([1, before])
    lock.exec('ROLLBACK')
    await exited
    expect(entries()).toBe(0)
    expect(onDeath).not.toHaveBeenCalled()
  })

  test('any more by a clock, once it has opened the file, or ended', async () => {
    stopTime()
    const { thread } = await openThread()
    expect(vi.getTimerCount()).toBe(0)
    await thread.end()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('keeps the process alive while it is held, and while it ends', async () => {
  const { thread } = await openThread()
  const held = heldPorts()
  thread.hold(false)
  expect(heldPorts()).toBe(held - 1)
  thread.hold(true)
  expect(heldPorts()).toBe(held)
  thread.hold(false)
  const ended = thread.end()
  expect(heldPorts()).toBe(held)
  await ended
})
