import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeStateWorld, type StateWorld, stored } from '../../../../test/support/state.ts'
import type { Changed, Entry, StateStore } from './state-store.ts'

interface Kept {
  readonly value: number
  readonly tags: readonly string[]
  readonly expiresAt: number
  readonly version: number
}

/** What the store should be: a map, read with the same clock. */
interface Model {
  readonly entries: Map<string, Kept>
  readonly counters: Map<string, { readonly value: number; readonly expiresAt: number }>
  /** Versions that were read, for replacing what is stale as well as what is current. */
  readonly versions: number[]
  /** Since the last time that changes were asked for. */
  changed: string[]
  writes: number
}

interface Real {
  readonly world: StateWorld
  readonly stores: StateStore[]
  /** Tells the keys of this run from those of others on the same file. */
  readonly prefix: string
  upTo: number
}

type Command = fc.AsyncCommand<Model, Real>

const alive = (model: Model, real: Real, place: string): Kept | null => {
  const kept = model.entries.get(place)
  return kept !== undefined && kept.expiresAt > real.world.time ? kept : null
}

const shown = (entry: Entry | null) =>
  entry === null ? null : { value: entry.value, tags: entry.tags, expiresAt: entry.expiresAt }
const wanted = (kept: Kept | null) => (kept === null ? null : { value: kept.value, tags: kept.tags, expiresAt: kept.expiresAt })

const PLACES = ['session/a', 'session/b', 'form/a'] as const
const split = (real: Real, place: string) => {
  const [collection, key] = place.split('/') as ['session' | 'form', string]
  return { collection, key: `${real.prefix}${key}` }
}

const command = (words: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run,
  toString: () => words,
})

const placeOf = fc.constantFrom(...PLACES)
const storeOf = fc.nat(1)
const tagsOf = fc.uniqueArray(fc.constantFrom('t', 'u'), { maxLength: 2 })
const lifeOf = fc.integer({ min: -1, max: 30 })
const at = (real: Real, n: number) => real.stores[n] as StateStore

/** Reads the version that was given, so that later commands can name it. */
const keep = async (model: Model, real: Real, { n, place, kept }: { n: number; place: string; kept: Omit<Kept, 'version'> }) => {
  const { collection, key } = split(real, place)
  model.changed.push(place)
  model.writes++
  // The clock of this read is set back, so that what was kept without a life is read too.
  const now = real.world.time
  real.world.time = Math.min(now, kept.expiresAt - 1)
  const entry = await stored(at(real, n).get(collection, key))
  real.world.time = now
  expect(shown(entry)).toEqual(wanted({ ...kept, version: 0 }))
  const version = entry?.version ?? -1
  expect(model.versions).not.toContain(version)
  model.versions.push(version)
  model.entries.set(place, { ...kept, version })
}

const get = fc.tuple(storeOf, placeOf).map(([n, place]) =>
  command(`get(${n}, ${place})`, async (model, real) => {
    const { collection, key } = split(real, place)
    expect(shown(await stored(at(real, n).get(collection, key)))).toEqual(wanted(alive(model, real, place)))
  }),
)

const add = fc.tuple(storeOf, placeOf, fc.nat(9), tagsOf, lifeOf).map(([n, place, value, tags, life]) =>
  command(`add(${n}, ${place}, ${value}, [${tags}], ${life})`, async (model, real) => {
    const { collection, key } = split(real, place)
    const kept = { value, tags: tags.map((tag) => real.prefix + tag), expiresAt: real.world.time + life }
    const isAdded = await stored(at(real, n).add(collection, key, kept))
    expect(isAdded).toBe(alive(model, real, place) === null)
    if (isAdded) await keep(model, real, { n: 1 - n, place, kept })
  }),
)

const replace = fc.tuple(storeOf, placeOf, fc.nat(9), tagsOf, lifeOf, fc.nat(3)).map(([n, place, value, tags, life, back]) =>
  command(`replace(${n}, ${place}, ${value}, [${tags}], ${life}, ${back} back)`, async (model, real) => {
    const { collection, key } = split(real, place)
    const current = alive(model, real, place)
    const expected = back === 0 ? (current?.version ?? -1) : (model.versions.at(-back) ?? -1)
    const kept = { value, tags: tags.map((tag) => real.prefix + tag), expiresAt: real.world.time + life }
    const isReplaced = await stored(at(real, n).compareAndSet(collection, key, { ...kept, expected }))
    expect(isReplaced).toBe(current !== null && current.version === expected)
    if (isReplaced) await keep(model, real, { n: 1 - n, place, kept })
  }),
)

const leave = fc.tuple(storeOf, placeOf, fc.boolean()).map(([n, place, isTaken]) =>
  command(`${isTaken ? 'take' : 'remove'}(${n}, ${place})`, async (model, real) => {
    const { collection, key } = split(real, place)
    const kept = alive(model, real, place)
    if (isTaken) expect(shown(await stored(at(real, n).take(collection, key)))).toEqual(wanted(kept))
    else expect(await stored(at(real, n).remove(collection, key))).toBe(kept !== null)
    if (kept !== null) model.changed.push(place)
    model.entries.delete(place)
  }),
)

const find = fc.tuple(storeOf, fc.constantFrom('t', 'u', null)).map(([n, tag]) =>
  command(`${tag === null ? 'list' : 'tagged'}(${n}, ${tag})`, async (model, real) => {
    const ask = at(real, n)
    const found = await stored(tag === null ? ask.list('session') : ask.tagged('session', real.prefix + tag))
    const mine = found.filter(({ key }) => key.startsWith(real.prefix))
    const expected = PLACES.flatMap((place) => {
      const kept = alive(model, real, place)
      const isMeant = kept !== null && place.startsWith('session/') && (tag === null || kept.tags.includes(real.prefix + tag))
      return isMeant ? [split(real, place).key] : []
    })
    expect(mine.map(({ key }) => key).sort()).toEqual(expected)
  }),
)

const count = fc.tuple(storeOf, fc.integer({ min: -3, max: 3 }), lifeOf).map(([n, by, life]) =>
  command(`increment(${n}, ${by}, ${life})`, async (model, real) => {
    const expiresAt = real.world.time + life
    const counter = model.counters.get('c')
    const isAlive = counter !== undefined && counter.expiresAt > real.world.time
    const value = isAlive ? counter.value + by : by
    expect(await stored(at(real, n).increment(`${real.prefix}c`, { by, expiresAt }))).toBe(value)
    model.counters.set('c', { value, expiresAt: isAlive ? counter.expiresAt : expiresAt })
  }),
)

const pass = fc.integer({ min: 1, max: 20 }).map((ms) =>
  command(`pass(${ms})`, async (_model, real) => {
    real.world.time += ms
  }),
)

const look = storeOf.map((n) =>
  command(`changes(${n})`, async (model, real) => {
    const { upTo, complete, changed } = await stored(at(real, n).changes(real.upTo))
    const name = ({ collection, key }: Changed) => `${collection}/${key.slice(real.prefix.length)}`
    expect(complete).toBe(true)
    expect(new Set(changed.map(name))).toEqual(new Set(model.changed))
    real.upTo = upTo
    model.changed = []
  }),
)

const reopen = storeOf.map((n) =>
  command(`reopen(${n})`, async (_model, real) => {
    await at(real, n).close()
    real.stores[n] = await real.world.open()
  }),
)

let world: StateWorld
const stores: StateStore[] = []
beforeAll(async () => {
  world = makeStateWorld(afterAll)
  stores.push(await world.open(), await world.open())
})

test('two stores on one file, opened anew now and then, are one map with a clock', async () => {
  let run = 0
  let writes = 0
  const often = [get, add, add, replace, replace, leave, find, count, pass, look]
  const commands = fc.commands([...often, ...often, reopen], {
    maxCommands: 60,
    size: 'max',
  })
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const { upTo } = await stored((stores[0] as StateStore).changes(null))
      const model: Model = { entries: new Map(), counters: new Map(), versions: [], changed: [], writes: 0 }
      run++
      await fc.asyncModelRun(() => ({ model, real: { world, stores, prefix: `${run}:`, upTo } }), steps)
      writes += model.writes
    }),
    { numRuns: 25 },
  )
  // One a run on average would be few; how many there are is chance.
  expect(writes).toBeGreaterThan(25)
})
