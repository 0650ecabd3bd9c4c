import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeStateWorld, stateKey, stored } from '../../../../test/support/state.ts'
import { createKeyring } from './sealing.ts'

const keyring = (first: number, ...others: readonly number[]) => {
  const key = (byte: number) => createSecretKey(stateKey(byte))
  return createKeyring([key(first), ...others.map(key)])
}

const ring = keyring(1)
const aboutOf = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 })
/** Text of whole characters, as JSON texts are. */
const textOf = fc.string({ unit: 'grapheme' })

describe('a box', () => {
  test('opens to what was sealed, and never twice looks the same', () => {
    fc.assert(
      fc.property(textOf, aboutOf, (text, about) => {
        const sealed = ring.seal(text, about)
        expect(keyring(2, 1).open(sealed, about)).toBe(text)
        expect(Buffer.from(sealed.box).equals(ring.seal(text, about).box)).toBe(false)
      }),
    )
  })

  test('opens for nothing else than what it belongs to', () => {
    fc.assert(
      fc.property(textOf, aboutOf, aboutOf, (text, about, other) => {
        fc.pre(JSON.stringify(about) !== JSON.stringify(other))
        expect(ring.open(ring.seal(text, about), other)).toBeNull()
      }),
    )
  })

  test('does not open when any of its bits is another, or when it is longer or shorter', () => {
    fc.assert(
      fc.property(textOf, fc.nat(), fc.nat(7), (text, place, bit) => {
        const { keyId, box } = ring.seal(text, [])
        const altered = Buffer.from(box)
        const at = place % altered.length
        altered[at] = (altered[at] as number) ^ (1 << bit)
        for (const wrong of [altered, box.subarray(0, at), Buffer.concat([box, Buffer.of(0)])]) {
          expect(ring.open({ keyId, box: wrong }, [])).toBeNull()
        }
      }),
    )
  })

  test('does not open under another key, whatever it says of itself', () => {
    const sealed = ring.seal('text', [])
    const [other] = keyring(2).ids
    expect(keyring(2).open(sealed, [])).toBeNull()
    expect(keyring(2).open({ ...sealed, keyId: other as string }, [])).toBeNull()
  })

  test('names its key by what tells nothing of it', () => {
    const { ids } = keyring(1, 2)
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/)
  })
})

describe('keys that change', () => {
  const old = stateKey(1)
  const fresh = stateKey(2)

  test('overlap: what is sealed under the old one is read, and moves to the new one when it is written', async () => {
    const world = makeStateWorld()
    const written = { value: 'v', expiresAt: world.time + 60_000, tags: ['t'] }
    const before = await world.open({ keys: [old] })
    await stored(before.add('session', 'a', written))
    await stored(before.add('session', 'b', written))
    await stored(before.increment('c', { by: 1, expiresAt: world.time + 60_000 }))

    const store = await world.open({ keys: [fresh, old] })
    expect(await stored(store.keysInUse())).toEqual([{ place: 1, entries: 3 }])
    expect(await stored(store.tagged('session', 't'))).toHaveLength(2)
    expect((await stored(store.changes(0))).changed).toHaveLength(2)
    expect(await stored(store.increment('c', { by: 1, expiresAt: world.time }))).toBe(2)
    const a = await stored(store.get('session', 'a'))
    await stored(store.compareAndSet('session', 'a', { ...written, value: 'w', expected: a?.version ?? -1 }))
    expect(await stored(store.keysInUse())).toEqual([
      { place: 0, entries: 2 },
      { place: 1, entries: 1 },
    ])
    // One that still runs with the old key alone reads what it can, and takes nothing it cannot read for absent.
    expect(await before.get('session', 'a')).toEqual({ ok: false })
    expect(await before.add('session', 'a', written)).toEqual({ ok: true, value: false })
    expect(await stored(before.get('session', 'b'))).toMatchObject({ value: 'v' })
    // What it cannot read of the changes may be anything.
    expect(await stored(before.changes(2))).toMatchObject({ complete: false })
    expect(world.troubles).toMatchObject([{ kind: 'entry', code: 'state.sealed' }])
  })

  test('an old one that is gone opens nothing, and what it sealed is not taken for absent', async () => {
    const world = makeStateWorld()
    const written = { value: 'v', expiresAt: world.time + 60_000, tags: [] }
    const first = await world.open({ keys: [old] })
    await stored(first.add('session', 'a', written))
    await first.close()
    expect(await world.tryOpen({ keys: [fresh] })).toMatchObject({ ok: false, code: 'state.key' })
    await (await world.open({ keys: [fresh, old] })).close()

    const store = await world.open({ keys: [fresh] })
    expect(await store.get('session', 'a')).toEqual({ ok: false })
    expect(await store.list('session')).toEqual({ ok: false })
    expect(await store.keysInUse()).toEqual({ ok: true, value: [{ place: null, entries: 1 }] })
    expect(await stored(store.remove('session', 'a'))).toBe(true)
    expect(await stored(store.list('session'))).toEqual([])
    expect(await stored(store.keysInUse())).toEqual([])
  })

  test('the file forgets one that is not configured and seals nothing any more', async () => {
    const world = makeStateWorld()
    for (const keys of [[old], [fresh, old], [fresh]]) await (await world.open({ keys })).close()
    expect(await world.tryOpen({ keys: [old] })).toMatchObject({ ok: false, code: 'state.key' })
    await (await world.open({ keys: [fresh] })).close()
  })
})
