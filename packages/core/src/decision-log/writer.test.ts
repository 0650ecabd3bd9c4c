import { describe, expect, test, vi } from 'vitest'
import { sampleCompletion } from '../../../../test/support/log-records.ts'
import { makeWriter as make, pass, stateOf, stopTime } from '../../../../test/support/writer-world.ts'
import type { LogReceipt } from '../model/ports.ts'

stopTime()

const writes = (calls: readonly string[]): number => calls.filter((call) => call === 'write 000000000000.log').length

const began = (cause: string) => ({ kind: 'began', cause, lost: 0 })

describe('groups', () => {
  test('the first record is written at once, the next when the group is over, all in one write', async () => {
    const { add, takeCalls, written } = make()
    add('a')
    await pass(0)
    expect(written()).toEqual(['log.segment', 'a'])
    takeCalls()
    await pass(1)
    add('b')
    await pass(2)
    add('c')
    await pass(1)
    expect(takeCalls()).toEqual([])
    await pass(1)
    expect(writes(takeCalls())).toBe(1)
    expect(written()).toEqual(['log.segment', 'a', 'b', 'c'])
    await pass(5)
    add('d')
    await pass(0)
    expect(written()).toContain('d')
  })

  test('what somebody waits for is written sooner, unless there was much in the last write', async () => {
    const { add, takeCalls, written } = make()
    add('a')
    await pass(0)
    takeCalls()
    const [first] = add('b') as [LogReceipt]
    void first.durable()
    await pass(1)
    // No timer is left but that of the checkpoints: the write for which all of the group would have been waited is taken back.
    expect([writes(takeCalls()), written().at(-1), vi.getTimerCount()]).toEqual([1, 'b', 1])
    add(...Array.from({ length: 20 }, (_none, n) => `c${n}`))
    await pass(4)
    expect(writes(takeCalls())).toBe(1)
    const [next] = add('d') as [LogReceipt]
    void next.durable()
    await pass(4)
    expect(takeCalls()).toEqual([])
    await pass(1)
    expect([writes(takeCalls()), written().at(-1)]).toEqual([1, 'd'])
  })

  test.each([
    { note: 'soon, where somebody waits for it', isWaitedFor: true, within: 'c' },
    { note: 'when the group is over, where nobody does', isWaitedFor: false, within: 'b' },
  ])('what came while a write was under way is written $note', async ({ isWaitedFor, within }) => {
    const { add, fail, takeCalls, written } = make()
    add('a')
    await pass(10)
    fail(['write'], 'hang')
    add('b')
    await pass(0)
    const [receipt] = add('c') as [LogReceipt]
    if (isWaitedFor) void receipt.durable()
    takeCalls()
    fail(null)
    await pass(4)
    expect(written().at(-1)).toBe(within)
    await pass(1)
    expect([writes(takeCalls()), written().at(-1)]).toEqual([1, 'c'])
  })

  test('what comes while a write is under way goes into the next', async () => {
    const { add, fail, takeCalls, written } = make()
    fail(['write'], 'hang')
    add('a')
    await pass(100)
    add('b')
    add('c')
    await pass(100)
    expect(writes(takeCalls())).toBe(1)
    fail(null)
    await pass(0)
    expect(writes(takeCalls())).toBe(1)
    expect(written()).toEqual(['log.segment', 'a', 'b', 'c'])
    expect(vi.getTimerCount()).toBe(1)
  })

  test('a record is durable when its write has come back, and then for good', async () => {
    const { add, fail, writer } = make()
    fail(['write'], 'hang')
    const [receipt] = add('a') as [LogReceipt]
    expect(receipt.accepted).toBe(true)
    const durable = receipt.durable()
    await pass(10)
    expect(await stateOf(durable)).toBe('pending')
    expect(writer.status()).toMatchObject({ size: 2, durable: 0, waiting: { records: 2 } })
    fail(null)
    await pass(0)
    expect([await stateOf(durable), await stateOf(receipt.durable())]).toEqual([true, true])
    expect(writer.status()).toEqual({ size: 2, durable: 2, signed: 2, waiting: { records: 0, bytes: 0 }, lost: 0, trouble: null })
  })
})

describe('checkpoints', () => {
  test('are signed with the first write, then when there is something new every ten seconds', async () => {
    const { add, takeCalls, signedSizes } = make()
    add('a')
    await pass(0)
    expect(signedSizes()).toEqual([2])
    takeCalls()
    await pass(30_000)
    expect(takeCalls()).toEqual([])
    add('b')
    await pass(9_990)
    expect(signedSizes()).toEqual([2])
    await pass(20)
    expect(signedSizes()).toEqual([2, 3])
    takeCalls()
    await pass(60_000)
    expect(takeCalls()).toEqual([])
  })

  test('of what waits when their time comes go with its write', async () => {
    const { add, fail, signedSizes } = make()
    add('a')
    await pass(9_999)
    fail(['write'], 'hang')
    add('b')
    await pass(1)
    fail(null)
    await pass(0)
    expect(signedSizes()).toEqual([2, 3])
  })

  test('stand at the end of every segment', async () => {
    const { add, signedSizes, files } = make({ segmentBytes: 1 })
    for (const id of ['a', 'b', 'c']) {
      add(id)
      await pass(10)
    }
    expect([...files.keys()].filter((name) => name.endsWith('.log'))).toHaveLength(3)
    expect(signedSizes()).toEqual([2, 4])
  })

  test('that cannot be written are told, leave records durable, and are made up for', async () => {
    const { add, fail, troubles, signedSizes, writer } = make()
    add('a')
    await pass(10)
    add('b')
    await pass(10)
    fail(['open'], 'ENOSPC')
    await pass(10_000)
    expect(troubles).toEqual([{ kind: 'checkpoint', cause: 'disk.full', lost: 0 }])
    expect(writer.status()).toMatchObject({ durable: 3, signed: 2, trouble: null })
    fail(null)
    await pass(10_000)
    expect(signedSizes()).toEqual([2, 3])
    expect(troubles).toHaveLength(1)
  })

  test('that hang are trouble', async () => {
    const { add, fail, troubles, writer } = make()
    add('a')
    await pass(10)
    add('b')
    await pass(10)
    fail(['open'], 'hang')
    await pass(11_990)
    expect(troubles).toEqual([began('disk.hung')])
    expect(await stateOf((add('c')[0] as LogReceipt).durable())).toBe(false)
    fail(null)
    await pass(10)
    expect(troubles.slice(1)).toEqual([{ kind: 'ended', cause: 'disk.hung', lost: 0 }])
    expect(writer.status()).toMatchObject({ trouble: null, durable: 4 })
  })
})

describe('trouble', () => {
  test('lets nobody wait, keeps what came, and is tried again every quarter of a second', async () => {
    const { add, fail, troubles, writer, takeCalls, written } = make()
    fail(['write'], 'ENOSPC')
    const durable = (add('a')[0] as LogReceipt).durable()
    await pass(0)
    expect(await stateOf(durable)).toBe(false)
    expect(troubles).toEqual([began('disk.full')])
    expect(writer.status()).toMatchObject({ durable: 0, signed: 0, waiting: { records: 2 }, trouble: 'disk.full' })
    const [late] = add('b') as [LogReceipt]
    expect([late.accepted, await stateOf(late.durable())]).toEqual([true, false])
    takeCalls()
    await pass(249)
    expect(takeCalls()).toEqual([])
    await pass(1)
    expect(takeCalls()).toContain('open durable 000000000000.log')
    await pass(249)
    expect(takeCalls()).toEqual([])
    fail(null)
    await pass(1)
    expect(troubles.slice(1)).toEqual([{ kind: 'ended', cause: 'disk.full', lost: 0 }])
    expect(written()).toEqual(['log.segment', 'a', 'b'])
    expect(await stateOf(late.durable())).toBe(true)
    expect(writer.status()).toMatchObject({ durable: 3, signed: 3, trouble: null })
  })

  test('of another cause is the same trouble', async () => {
    const { add, fail, troubles, writer } = make()
    fail(['write'], 'ENOSPC')
    add('a')
    await pass(0)
    fail(['write'], 'EROFS')
    await pass(250)
    expect(writer.status().trouble).toBe('disk.read_only')
    fail(null)
    await pass(250)
    expect(troubles).toEqual([began('disk.full'), { kind: 'ended', cause: 'disk.read_only', lost: 0 }])
  })

  test('is known after two seconds of a write that does not come back', async () => {
    const { add, fail, troubles, writer } = make()
    fail(['write'], 'hang')
    const durable = (add('a')[0] as LogReceipt).durable()
    await pass(1_999)
    expect([await stateOf(durable), troubles]).toEqual(['pending', []])
    await pass(1)
    expect([await stateOf(durable), troubles]).toEqual([false, [began('disk.hung')]])
    expect(writer.status().trouble).toBe('disk.hung')
    fail(null)
    await pass(0)
    expect(troubles.slice(1)).toEqual([{ kind: 'ended', cause: 'disk.hung', lost: 0 }])
  })

  test('settling waits for a write under way, and not for a disk in trouble', async () => {
    const { add, fail, writer } = make()
    await writer.settle()
    fail(['write'], 'hang')
    add('a')
    await pass(0)
    const settled = writer.settle().then(() => 'settled')
    await pass(10)
    expect(await stateOf(settled)).toBe('pending')
    await pass(2_000)
    expect(
      await stateOf(
        writer
          .settle()
          .then(() => 'settled')
          .finally(() => {}),
      ),
    ).toBe('pending')
    await pass(0)
    const inTrouble = writer.settle().then(() => 'settled')
    await pass(0)
    expect([await stateOf(inTrouble), await stateOf(settled)]).toEqual(['settled', 'pending'])
    fail(null)
    await pass(0)
    expect(await stateOf(settled)).toBe('settled')
  })
})

describe('losses', () => {
  test('of a full window are counted, and told where they would stand', async () => {
    const { add, fail, troubles, writer, written } = make({ limits: { records: 3 } })
    fail(['write'], 'ENOSPC')
    add('a')
    await pass(7)
    add('b')
    await pass(10)
    const [refused] = add('c') as [LogReceipt]
    expect([refused.accepted, await refused.durable()]).toEqual([false, false])
    await pass(20)
    add('d', 'e')
    expect(writer.status().lost).toBe(3)
    fail(null)
    await pass(500)
    expect(writer.status().lost).toBe(0)
    add('f')
    await pass(10)
    expect(written()).toEqual(['log.segment', 'a', 'b', '3 lost from 17 until 37, disk.full', 'f'])
    expect(troubles.at(-1)).toEqual({ kind: 'ended', cause: 'disk.full', lost: 3 })
  })

  test('of a burst have the window for their cause', async () => {
    const { add, written } = make({ limits: { records: 2 } })
    add('a', 'b', 'c')
    await pass(10)
    expect(written()).toEqual(['log.segment', 'a', '2 lost from 0 until 0, window.full'])
  })

  test('of age happen in trouble alone', async () => {
    const { add, fail, written } = make({ limits: { ms: 1_000 } })
    fail(['write'], 'hang')
    expect(add('a').map(({ accepted }) => accepted)).toEqual([true])
    await pass(1_500)
    expect(add('b').map(({ accepted }) => accepted)).toEqual([true])
    await pass(500)
    expect(add('c').map(({ accepted }) => accepted)).toEqual([false])
    fail(null)
    await pass(10)
    expect(written()).toEqual(
      ['log.segment', 'a', '1 lost from 2000 until 2000, disk.hung', 'b'].toSorted(
        (x, y) => Number(x.includes('lost')) - Number(y.includes('lost')),
      ),
    )
  })

  test('are told before a record that comes as the trouble ends', async () => {
    const { add, fail, written } = make({
      limits: { ms: 1_000 },
      onTrouble: ({ kind }, writer) => void (kind === 'ended' && writer.append(sampleCompletion('again'))),
    })
    fail(['write'], 'EIO')
    add('a')
    await pass(1_100)
    add('b')
    fail(null)
    await pass(500)
    expect(written()).toEqual(['log.segment', 'a', '1 lost from 1100 until 1100, disk.failed', 'again'])
  })
})
