import { describe, expect, test, vi } from 'vitest'
import { makeWriter as make, pass, stateOf, stopTime } from '../../../../test/support/writer-world.ts'

stopTime()

describe('closing', () => {
  const closing = async (made: ReturnType<typeof make>, ms: number) => {
    const closed = made.writer.close().then(() => 'closed')
    await pass(ms)
    return stateOf(closed)
  }

  test('writes what waits and says so, signs it, and lets go of files, timers and lock', async () => {
    const made = make()
    const { add, written, signedSizes, openFiles, release, writer, troubles } = made
    add('a')
    await pass(1)
    add('b')
    expect(await closing(made, 0)).toBe('closed')
    expect(written()).toEqual(['log.segment', 'a', 'b', 'log.closed'])
    expect(signedSizes()).toEqual([2, 4])
    expect([openFiles(), vi.getTimerCount(), release.mock.calls.length, troubles]).toEqual([[], 0, 1, []])
    expect(add('c').map(({ accepted }) => accepted)).toEqual([false])
    await writer.close()
    expect(release).toHaveBeenCalledTimes(1)
    await pass(60_000)
    expect(written()).toHaveLength(4)
  })

  test('waits for a write under way', async () => {
    const made = make()
    made.fail(['write'], 'hang')
    made.add('a')
    await pass(100)
    expect(await closing(made, 1_000)).toBe('pending')
    made.fail(null)
    await pass(0)
    expect(made.written()).toEqual(['log.segment', 'a', 'log.closed'])
    expect([made.release.mock.calls.length, made.openFiles(), vi.getTimerCount()]).toEqual([1, [], 0])
  })

  test('tells losses, though the window is full', async () => {
    const made = make({ limits: { records: 2 } })
    made.add('a', 'b')
    expect(await closing(made, 10)).toBe('closed')
    expect(made.written()).toEqual(['log.segment', 'a', '1 lost from 0 until 0, window.full', 'log.closed'])
  })

  test('tries again for two seconds, then says what is lost', async () => {
    const made = make({ limits: { records: 3 } })
    made.fail(['write'], 'ENOSPC')
    made.add('a', 'b', 'c')
    await pass(0)
    made.takeCalls()
    expect(await closing(made, 1_999)).toBe('pending')
    const tries = made.takeCalls().filter((call) => call === 'open durable 000000000000.log').length
    expect(tries).toBe(8)
    await pass(1)
    expect(made.troubles.at(-1)).toEqual({ kind: 'closed', cause: 'disk.full', lost: 5 })
    expect([made.release.mock.calls.length, made.openFiles(), vi.getTimerCount()]).toEqual([1, [], 0])
  })

  test('writes what it can when the trouble ends in time', async () => {
    const made = make()
    made.fail(['write'], 'ENOSPC')
    made.add('a')
    await pass(10)
    expect(await closing(made, 1_000)).toBe('pending')
    made.fail(null)
    await pass(250)
    expect(made.written()).toEqual(['log.segment', 'a', 'log.closed'])
    expect(made.troubles.map(({ kind }) => kind)).toEqual(['began', 'ended'])
    expect(made.release).toHaveBeenCalledTimes(1)
  })

  test('leaves records unsigned that it cannot sign', async () => {
    const made = make()
    made.add('a')
    await pass(10)
    made.fail(['open'], 'ENOSPC')
    expect(await closing(made, 2_000)).toBe('closed')
    expect(made.written()).toEqual(['log.segment', 'a', 'log.closed'])
    expect(made.signedSizes()).toEqual([2])
    expect(new Set(made.troubles.map(({ kind }) => kind))).toEqual(new Set(['checkpoint']))
    expect(made.release).toHaveBeenCalledTimes(1)
  })

  test('ends though the disk hangs, and keeps the lock: what hangs may still be written', async () => {
    const made = make()
    made.fail(['write'], 'hang')
    made.add('a')
    await pass(10)
    expect(await closing(made, 3_999)).toBe('pending')
    await pass(2)
    expect(made.troubles.at(-1)).toEqual({ kind: 'closed', cause: 'disk.hung', lost: 3 })
    expect(made.release).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
    made.fail(null)
    await pass(0)
    expect(made.release).not.toHaveBeenCalled()
  })

  test('counts as lost what a write holds that is under way at the end, though nothing was wrong before', async () => {
    const made = make()
    made.fail(['write'], 'hang')
    made.add('a')
    await pass(0)
    expect(await closing(made, 1_900)).toBe('pending')
    // The first write comes back, and the next one does not.
    made.fail(['write'], 'hang')
    await pass(150)
    expect(made.troubles).toEqual([{ kind: 'closed', cause: 'disk.failed', lost: 1 }])
    made.fail(null)
    await pass(0)
    expect(made.release).toHaveBeenCalledTimes(1)
  })

  test('gives a write that is under way at the end one span more', async () => {
    const made = make()
    made.fail(['write'], 'hang')
    made.add('a')
    await pass(10)
    expect(await closing(made, 3_000)).toBe('pending')
    made.fail(null)
    await pass(0)
    expect([made.release.mock.calls.length, made.openFiles(), vi.getTimerCount()]).toEqual([1, [], 0])
  })
})
