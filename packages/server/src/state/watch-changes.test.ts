import { createSecretKey } from 'node:crypto'
import { renameSync } from 'node:fs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeStateWorld, stateKey, type StateWorld, stored } from '../../../../test/support/state.ts'
import { openStateLine, type StateLine } from './state-line.ts'
import type { Changed, StateStore } from './state-store.ts'

const keep = (world: StateWorld) => ({ value: 1, expiresAt: world.time + 60_000, tags: [] })

const watch = (store: StateStore) => {
  const seen = { changed: [] as (readonly Changed[] | null)[], answering: [] as boolean[] }
  const watching = store.watch({
    onChange: (changed) => seen.changed.push(changed),
    onAnswering: (isAnswering) => seen.answering.push(isAnswering),
  })
  onTestFinished(() => watching.close())
  const looked = async (): Promise<void> => {
    const now = performance.now()
    await vi.waitFor(() => expect(watching.lastLook()).toBeGreaterThan(now), { timeout: 60_000, interval: 20 })
  }
  return { seen, watching, looked, keys: () => seen.changed.flatMap((changed) => changed?.map(({ key }) => key) ?? ['?']) }
}

describe('who watches', () => {
  test('is told of what changes here and through another store, once, and of nothing from before', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const other = await world.open()
    await stored(store.add('session', 'before', keep(world)))
    const { seen, watching, looked, keys } = watch(store)
    expect(watching.lastLook()).toBe(Number.NEGATIVE_INFINITY)
    await looked()
    await stored(store.add('session', 'here', keep(world)))
    await stored(other.add('api-key', 'there', keep(world)))
    await stored(other.increment('counter', { by: 1, expiresAt: world.time + 1 }))
    await looked()
    expect(keys().sort()).toEqual(['here', 'there'])
    await stored(other.take('api-key', 'there'))
    await stored(other.remove('session', 'none'))
    await looked()
    expect(seen.changed.at(-1)).toEqual([{ collection: 'api-key', key: 'there' }])
    expect(keys()).toHaveLength(3)
    expect(seen.answering).toEqual([])
    watching.close()
    const last = watching.lastLook()
    await stored(other.add('session', 'after', keep(world)))
    const later = watch(store)
    await later.looked()
    await later.looked()
    expect([watching.lastLook(), keys().length]).toEqual([last, 3])
  })

  test('is told all of more than a page', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const { looked, keys } = watch(store)
    await looked()
    const many = Array.from({ length: 2_500 }, (_none, n) => `k${n}`)
    await Promise.all(many.map((key) => store.add('used', key, keep(world))))
    await looked()
    expect(keys().sort()).toEqual([...many].sort())
  })

  test('is told when the store stops answering, and that anything may have changed when it answers again', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const { seen, watching, looked } = watch(store)
    await looked()
    renameSync(world.file, `${world.file}.away`)
    await vi.waitFor(() => expect(seen.answering).toEqual([false]), { timeout: 60_000 })
    const last = watching.lastLook()
    renameSync(`${world.file}.away`, world.file)
    await vi.waitFor(() => expect(seen.answering).toEqual([false, true]), { timeout: 60_000 })
    expect(watching.lastLook()).toBeGreaterThan(last)
    expect(seen.changed).toEqual([null])
  })

  test('is told that anything may have changed when a change was taken out of the file, or made unreadable', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const { seen, looked } = watch(store)
    await looked()
    for (const sql of ['DELETE FROM change WHERE seq = 2', `UPDATE change SET box = x'00' WHERE seq = 6`]) {
      const other = world.connect()
      // Held until all are written, so that no look falls between the writes and what is done to them.
      await Promise.all([1, 2, 3].map((n) => store.add('form', `${n}${sql}`, keep(world))))
      other.exec(sql)
      await looked()
    }
    expect(seen.changed.filter((changed) => changed === null).length).toBeGreaterThan(0)
  })
})

const openLine = async (world: StateWorld): Promise<StateLine> => {
  const opened = await openStateLine({
    task: { file: world.file, keys: [createSecretKey(stateKey(1))], lockMs: 10_000 },
    clock: { now: () => world.time, monotonic: () => performance.now() },
    deadline: { read: 20_000, write: 20_000 },
    onTrouble: (trouble) => world.troubles.push(trouble),
  })
  if (!opened.ok) throw new Error(opened.why)
  onTestFinished(() => opened.line.close())
  return opened.line
}

describe('sweeping', () => {
  const rows = (world: StateWorld, table: 'entry' | 'tag' | 'change'): number =>
    Number(world.connect().prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])

  test('removes what expired minutes ago, some at a time, with its tags, and nothing that is alive', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const line = await openLine(world)
    const brief = { value: 1, tags: ['t'], expiresAt: world.time + 1_000 }
    await Promise.all(Array.from({ length: 700 }, (_none, n) => store.add('used', `${n}`, brief)))
    await stored(store.add('session', 'alive', { ...brief, expiresAt: world.time + 3_600_000 }))
    await stored(store.increment('c', { by: 1, expiresAt: world.time + 1_000 }))
    expect(await line.ask({ name: 'sweep' })).toEqual({ ok: true, value: 0 })
    world.time += 1_000 + 299_999
    expect(await line.ask({ name: 'sweep' })).toEqual({ ok: true, value: 0 })
    world.time += 1
    const swept = [await line.ask({ name: 'sweep' }), await line.ask({ name: 'sweep' })]
    expect(swept).toEqual([
      { ok: true, value: 500 },
      { ok: true, value: 201 },
    ])
    expect([rows(world, 'entry'), rows(world, 'tag')]).toEqual([1, 1])
    expect(await stored(store.list('session'))).toHaveLength(1)
  })

  test('forgets old changes, and says so to who asks for them', async () => {
    const world = makeStateWorld()
    const store = await world.open()
    const line = await openLine(world)
    await stored(store.add('session', 'old', keep(world)))
    await stored(store.add('session', 'older', keep(world)))
    world.time += 600_000
    await stored(store.add('session', 'new', keep(world)))
    expect(await line.ask({ name: 'sweep' })).toEqual({ ok: true, value: 4 })
    expect(rows(world, 'change')).toBe(1)
    expect(await stored(store.changes(1))).toEqual({ upTo: 3, complete: false, changed: [] })
    const rest = { upTo: 3, complete: true, changed: [{ collection: 'session', key: 'new' }] }
    expect(await stored(store.changes(2))).toEqual(rest)
    expect(await stored(store.changes(3))).toEqual({ upTo: 3, complete: true, changed: [] })
    expect(await stored(store.changes(4))).toEqual({ upTo: 3, complete: false, changed: [] })
    expect(await stored(store.changes(null))).toEqual({ upTo: 3, complete: true, changed: [] })
  })
})
