import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { NOW, stateParts } from '../../../../test/support/state-parts.ts'
import { SealedError } from './shelf.ts'
import type { ToHold } from './state-request.ts'

type Parts = ReturnType<typeof stateParts>
const LIFE = 1_000
const held = (payload: string, { tags = [] as readonly string[], expiresAt = NOW + LIFE } = {}): ToHold => ({
  payload,
  expiresAt,
  tags,
})
const place = (key: string) => ({ collection: 'session', key }) as const
const addAt = (now: number, { perform }: Parts, given: { readonly key: string; readonly held: ToHold }) =>
  perform({ name: 'add', ...place(given.key), held: given.held }, now)
const add = (parts: Parts, key: string, given = held(key)) => addAt(NOW, parts, { key, held: given })
const get = ({ perform }: Parts, key: string, now = NOW) => perform({ name: 'get', ...place(key) }, now)
const replace = ({ perform }: Parts, key: string, given: { readonly held: ToHold; readonly expected: number }) =>
  perform({ name: 'replace', ...place(key), ...given }, NOW)
const page = ({ perform }: Parts, tag: string | null, after = 0) =>
  perform({ name: 'page', collection: 'session', tag, after }, NOW) as {
    readonly held: readonly { readonly payload: string }[]
    readonly next: number | null
  }
const payloads = (parts: Parts, tag: string | null) => page(parts, tag).held.map(({ payload }) => payload)
const changedSince = ({ perform }: Parts, since: number) =>
  (perform({ name: 'changes', since }, NOW) as { readonly changed: readonly { readonly key: string }[] }).changed.map(
    ({ key }) => key,
  )

describe('one entry', () => {
  test('is added where there is none, and read until its end', () => {
    const parts = stateParts()
    expect([get(parts, 'a'), add(parts, 'a'), add(parts, 'a', held('b'))]).toEqual([null, true, false])
    expect(get(parts, 'a', NOW + LIFE - 1)).toEqual({ payload: 'a', version: 1, expiresAt: NOW + LIFE })
    expect(get(parts, 'a', NOW + LIFE)).toBeNull()
    expect(parts.perform({ name: 'get', collection: 'form', key: 'a' }, NOW)).toBeNull()
  })

  test('takes the place of one that has expired', () => {
    const parts = stateParts()
    add(parts, 'a', held('old', { tags: ['t'] }))
    expect(addAt(NOW + LIFE, parts, { key: 'a', held: held('new', { expiresAt: NOW + 2 * LIFE }) })).toBe(true)
    expect(get(parts, 'a', NOW + LIFE)).toMatchObject({ payload: 'new', version: 2 })
    expect(payloads(parts, 't')).toEqual([])
  })

  test('is replaced while it has the version that was read', () => {
    const parts = stateParts()
    expect(replace(parts, 'a', { held: held('b'), expected: 1 })).toBe(false)
    add(parts, 'a', held('a', { tags: ['t', 'u'] }))
    expect(replace(parts, 'a', { held: held('b', { tags: ['u', 'v'], expiresAt: NOW + 5 }), expected: 2 })).toBe(false)
    expect(replace(parts, 'a', { held: held('b', { tags: ['u', 'v'], expiresAt: NOW + 5 }), expected: 1 })).toBe(true)
    expect(get(parts, 'a')).toEqual({ payload: 'b', version: 2, expiresAt: NOW + 5 })
    expect(['t', 'u', 'v'].map((tag) => payloads(parts, tag))).toEqual([[], ['b'], ['b']])
    expect(changedSince(parts, 1)).toEqual(['a'])
  })

  test('is taken once', () => {
    const parts = stateParts()
    const take = () => parts.perform({ name: 'take', ...place('a') }, NOW)
    expect(take()).toBeNull()
    add(parts, 'a')
    expect(take()).toMatchObject({ payload: 'a' })
    expect([take(), get(parts, 'a')]).toEqual([null, null])
    expect(parts.perform({ name: 'changes', since: 0 }, NOW)).toMatchObject({ upTo: 2 })
  })

  test.each([
    { note: 'alive', now: NOW, gives: true, upTo: 2 },
    { note: 'expired, which is no change', now: NOW + LIFE, gives: false, upTo: 1 },
  ])('is removed: $note', ({ now, gives, upTo }) => {
    const parts = stateParts()
    const remove = () => parts.perform({ name: 'remove', ...place('a') }, now)
    expect(remove()).toBe(false)
    add(parts, 'a', held('a', { tags: ['t'] }))
    expect(remove()).toBe(gives)
    expect(remove()).toBe(false)
    expect(parts.database.prepare('SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM tag) AS n').get()).toEqual({
      n: 0,
    })
    expect(parts.perform({ name: 'changes', since: 0 }, NOW)).toMatchObject({ upTo })
  })
})

describe('pages', () => {
  test('hold what is alive, of a tag or of all, in the order in which it was added', () => {
    const parts = stateParts()
    for (const key of ['c', 'a', 'b']) add(parts, key, held(key, { tags: key === 'a' ? [] : ['t'] }))
    add(parts, 'd', held('d', { tags: ['t'], expiresAt: NOW }))
    parts.perform({ name: 'add', collection: 'form', key: 'e', held: held('e', { tags: ['t'] }) }, NOW)
    expect([payloads(parts, null), payloads(parts, 't'), payloads(parts, 'u')]).toEqual([['c', 'a', 'b'], ['c', 'b'], []])
    expect(page(parts, null).next).toBeNull()
  })

  test.each([{ tag: null }, { tag: 't' }])('are of a hundred entries, those that expired among them (tag $tag)', ({ tag }) => {
    const parts = stateParts()
    for (let n = 0; n < 101; n++) add(parts, `${n}`, held(`${n}`, { tags: ['t'], expiresAt: n === 0 ? NOW : NOW + LIFE }))
    const first = page(parts, tag)
    expect([first.held.length, first.next]).toEqual([99, 100])
    expect(page(parts, tag, first.next ?? 0)).toMatchObject({ held: [{ payload: '100' }], next: null })
  })

  test('are of a million characters', () => {
    const parts = stateParts()
    for (const key of ['a', 'b', 'c']) add(parts, key, held(key.repeat(524_288)))
    const first = page(parts, null)
    expect([first.held.length, first.next]).toEqual([2, 2])
    expect(page(parts, null, 2)).toMatchObject({ held: { length: 1 }, next: null })
  })
})

describe('counters', () => {
  const count = ({ perform }: Parts, by: number, { now = NOW, expiresAt = NOW + LIFE } = {}) =>
    perform({ name: 'increment', key: 'c', by, expiresAt }, now)

  test('add up until their end, which the first sets, and tell nobody', () => {
    const parts = stateParts()
    expect([count(parts, 2), count(parts, -5, { expiresAt: NOW + 9 * LIFE }), count(parts, 0)]).toEqual([2, -3, -3])
    expect(count(parts, 7, { now: NOW + LIFE, expiresAt: NOW + 2 * LIFE })).toBe(7)
    expect(parts.changes.since(null).upTo).toBe(0)
    expect(parts.database.prepare('SELECT count(*) AS n FROM tag').get()).toEqual({ n: 0 })
  })

  test('stay whole', () => {
    const parts = stateParts()
    expect([count(parts, Number.MAX_SAFE_INTEGER), count(parts, 5)]).toEqual([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER])
    const low = stateParts()
    expect([count(low, Number.MIN_SAFE_INTEGER), count(low, -5)]).toEqual([Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
  })
})

describe('an entry that cannot be opened', () => {
  test.each([
    { note: 'it was altered', sql: 'UPDATE entry SET box = zeroblob(60)', why: 'an entry of session was altered' },
    {
      note: 'its life was lengthened',
      sql: 'UPDATE entry SET expires_at = expires_at + 1',
      why: 'an entry of session was altered',
    },
    { note: 'it has another version', sql: 'UPDATE entry SET version = 9', why: 'an entry of session was altered' },
    {
      note: 'it is sealed under another key',
      sql: `UPDATE entry SET key_id = 'other'`,
      why: 'an entry of session is sealed under a key that is not configured',
    },
  ])('is told as such, neither taken nor listed, and removed: $note', ({ sql, why }) => {
    const parts = stateParts()
    add(parts, 'a')
    parts.database.exec(sql)
    const take = () => parts.perform({ name: 'take', ...place('a') }, NOW)
    for (const ask of [() => get(parts, 'a'), take, () => page(parts, null)]) {
      expect(ask).toThrow(SealedError)
      expect(ask).toThrow(why)
    }
    expect(parts.perform({ name: 'remove', ...place('a') }, NOW)).toBe(true)
  })

  test('nothing is added in place of one whose end may have been altered', () => {
    const parts = stateParts()
    add(parts, 'a')
    parts.database.exec(`UPDATE entry SET expires_at = ${NOW}`)
    expect(() => add(parts, 'a')).toThrow(SealedError)
    expect(() => get(parts, 'a')).toThrow(SealedError)
  })

  test('is none of another key, of another collection', () => {
    const parts = stateParts()
    for (const key of ['a', 'b']) add(parts, key)
    const { database } = parts
    database.exec('UPDATE entry SET box = (SELECT box FROM entry WHERE id = 1), key_id = key_id WHERE id = 2')
    expect(() => get(parts, 'b')).toThrow(SealedError)
    parts.perform({ name: 'remove', ...place('b') }, NOW)
    database.exec(`UPDATE entry SET collection = 'form'`)
    expect(() => parts.perform({ name: 'page', collection: 'form', tag: null, after: 0 }, NOW)).toThrow('an entry of form')
  })
})

describe('keys', () => {
  test('those in use are told, an old one until everything was written anew', () => {
    const database = new DatabaseSync(':memory:')
    const before = stateParts({ keys: [1], database })
    for (const key of ['a', 'b']) add(before, key)
    const after = stateParts({ keys: [2, 1], database })
    const [newest, old] = after.keyring.ids
    const used = () => after.perform({ name: 'keys' }, NOW)
    expect(used()).toEqual({ ids: [newest, old], used: [{ id: old, entries: 2 }] })
    replace(after, 'a', { held: held('a'), expected: 1 })
    const one = [
      { id: newest, entries: 1 },
      { id: old, entries: 1 },
    ].toSorted((x, y) => ((x.id ?? '') < (y.id ?? '') ? -1 : 1))
    expect(used()).toEqual({ ids: [newest, old], used: one })
  })
})

describe('sweeping', () => {
  test('takes what expired five minutes ago, five hundred at a time', () => {
    const parts = stateParts()
    for (let n = 0; n < 501; n++) add(parts, `${n}`, held('x', { expiresAt: NOW }))
    add(parts, 'young', held('x', { expiresAt: NOW + 1 }))
    const sweep = (now: number) => parts.perform({ name: 'sweep' }, now)
    expect([sweep(NOW + 299_999), sweep(NOW + 300_000), sweep(NOW + 300_000), sweep(NOW + 300_000)]).toEqual([0, 500, 1, 0])
    // Changes count too.
    expect(sweep(NOW + 600_000)).toBe(501)
  })
})

test('probes say whether it can be read and written', () => {
  const { perform, database } = stateParts()
  const probe = () => (['probeRead', 'probeWrite'] as const).map((name) => perform({ name }, NOW))
  expect(probe()).toEqual([true, true])
  database.exec('DELETE FROM mark')
  expect(probe()).toEqual([false, false])
})
