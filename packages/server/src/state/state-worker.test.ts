// What a thread of the store makes of what is posted to it.
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { openThread } from '../../../../test/support/state-threads.ts'
import { monotonicMs, type StateRequest } from './state-request.ts'

const unavailable = (id: number, why: string) => ({ id, ok: false, failure: 'unavailable', why: expect.stringContaining(why) })
const done = (id: number) => ({ id, ok: true, value: true })
const sealed = (id: number) => ({ id, ok: false, failure: 'sealed', why: expect.stringContaining('session') })

describe('what is written together', () => {
  test('is at most 256 at once', async () => {
    const { thread, batches, add } = await openThread()
    thread.post(Array.from({ length: 600 }, (_none, n) => add(n)))
    await thread.end()
    expect(batches().map(({ length }) => length)).toEqual([256, 256, 88])
    expect(batches().flat()).toEqual(Array.from({ length: 600 }, (_none, n) => done(n)))
  })

  test('is all that came while the lock was waited for', async () => {
    const { world, thread, batches, add } = await openThread({ lockMs: 60_000 })
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    for (let id = 1; id <= 20; id++) thread.post([add(id)])
    lock.exec('ROLLBACK')
    await thread.end()
    expect(batches().flat()).toHaveLength(20)
    expect(batches().length).toBeLessThanOrEqual(2)
  })

  test('is kept wholly or not at all, and the next is kept again', async () => {
    const { world, thread, answers, answered, add, get, entries } = await openThread()
    const other = world.connect()
    other.exec(
      `CREATE TRIGGER no BEFORE INSERT ON change WHEN EXISTS (SELECT 1 FROM change) BEGIN SELECT RAISE(ABORT, 'no'); END`,
    )
    thread.post([get(1, '2'), add(2), add(3)])
    await answered(3)
    expect(answers()).toEqual([1, 2, 3].map((id) => unavailable(id, 'no')))
    other.exec('DROP TRIGGER no')
    thread.post([add(4)])
    await thread.end()
    expect([answers().at(-1), entries()]).toEqual([done(4), 1])
  })

  test('may be taken back by the file itself, as on a full disk', async () => {
    const { world, thread, answers, answered, onDeath, add, entries } = await openThread()
    const other = world.connect()
    other.exec(`CREATE TRIGGER no BEFORE INSERT ON change BEGIN SELECT RAISE(ROLLBACK, 'full'); END`)
    thread.post([add(1)])
    await answered(1)
    other.exec('DROP TRIGGER no')
    thread.post([add(2)])
    await thread.end()
    expect(answers()).toEqual([unavailable(1, 'full'), done(2)])
    expect([onDeath.mock.calls, entries()]).toEqual([[], 1])
  })

  test('fails while another process holds the lock for long, and nobody is taken for dead', async () => {
    const { world, thread, answers, answered, onDeath, add, get } = await openThread({ lockMs: 10 })
    thread.post([add(1)])
    await answered(1)
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    // The first is there already, so there is nothing to write; but nobody knows without the lock.
    thread.post([add(1), add(2)])
    await answered(3)
    // Who only reads waits for nobody.
    thread.post([get(3, '2')])
    await answered(4)
    lock.exec('ROLLBACK')
    thread.post([add(4)])
    await thread.end()
    const locked = [unavailable(1, 'locked'), unavailable(2, 'locked')]
    expect(answers()).toEqual([done(1), ...locked, { id: 3, ok: true, value: null }, done(4)])
    expect(onDeath).not.toHaveBeenCalled()
  })

  test('is done but for what cannot be opened', async () => {
    const { world, thread, answers, answered, add, request, entries } = await openThread()
    thread.post([add(1)])
    await answered(1)
    world.connect().exec(`UPDATE entry SET box = x''`)
    const take = request(2, { name: 'take', collection: 'session', key: '1' })
    thread.post([take, add(3)])
    await thread.end()
    expect(answers()).toEqual([done(1), sealed(2), done(3)])
    expect(entries()).toBe(2)
  })
})

describe('what is read', () => {
  test('is answered one by one: one that cannot be opened, or fails, is no harm to others', async () => {
    const { world, thread, answers, answered, add, get, request } = await openThread()
    thread.post([add(1), add(2)])
    await answered(2)
    world.connect().exec(`UPDATE entry SET box = x'' WHERE id = 1; DROP TABLE tag`)
    thread.post([get(3, '1'), request(4, { name: 'page', collection: 'session', tag: 't', after: 0 }), get(5, '2')])
    await thread.end()
    expect(answers().slice(2)).toMatchObject([
      sealed(3),
      unavailable(4, 'no such table'),
      { id: 5, ok: true, value: { payload: '[]' } },
    ])
  })

  test('is read from the file that was opened, until the file is looked at', async () => {
    const { world, thread, answers, answered, add, get, exited, onDeath } = await openThread()
    thread.post([add(1)])
    await answered(1)
    renameSync(world.file, `${world.file}.away`)
    thread.post([get(2, '1')])
    await answered(2)
    expect(answers().at(-1)).toMatchObject({ id: 2, ok: true, value: { payload: '[]' } })
    thread.post([get(3, '1'), add(4)])
    await exited
    expect(onDeath.mock.calls).toEqual([['the file was taken away or replaced']])
  })
})

test.each<{ note: string; asks: (parts: Awaited<ReturnType<typeof openThread>>) => StateRequest[] }>([
  { note: 'changes are looked for', asks: ({ request, get }) => [get(1, 'a'), request(1, { name: 'changes', since: null })] },
  { note: 'something is written', asks: ({ add, get }) => [add(1), get(2, 'a')] },
])('a file that was replaced is noticed where $note', async ({ asks }) => {
  const parts = await openThread()
  copyFileSync(parts.world.file, `${parts.world.file}.copy`)
  renameSync(`${parts.world.file}.copy`, parts.world.file)
  parts.thread.post(asks(parts))
  await parts.exited
  expect([parts.onDeath.mock.calls, parts.answers()]).toEqual([[['the file was taken away or replaced']], []])
})

describe('what nobody waits for any more', () => {
  test('is neither done nor answered', async () => {
    const { thread, answers, add, get, entries } = await openThread()
    thread.post([add(1, monotonicMs() - 1), add(2, monotonicMs() + 60_000), { ...get(3, '2'), until: 0 }])
    await thread.end()
    expect([answers(), entries()]).toEqual([[done(2)], 1])
  })

  test('is not done either when the time was over while the lock was waited for', async () => {
    const { world, thread, answers, add, entries } = await openThread({ lockMs: 60_000 })
    const lock = world.connect()
    lock.exec('BEGIN IMMEDIATE')
    const until = monotonicMs() + 300
    thread.post([add(1, until), add(2)])
    await vi.waitFor(() => expect(monotonicMs()).toBeGreaterThan(until))
    lock.exec('ROLLBACK')
    await thread.end()
    expect([answers(), entries()]).toEqual([[done(2)], 1])
  })
})

test('one that has ended has closed the file, and told nothing more', async () => {
  const { world, thread, add, answered, batches } = await openThread()
  thread.post([add(1)])
  await answered(1)
  expect(existsSync(`${world.file}-shm`)).toBe(true)
  await thread.end()
  expect(batches()).toEqual([[done(1)]])
  expect([existsSync(`${world.file}-wal`), existsSync(`${world.file}-shm`)]).toEqual([false, false])
})
