import { describe, expect, test } from 'vitest'
import { at, person, START } from '../../../../test/support/sessions.ts'
import { sessionParts } from '../../../../test/support/session-parts.ts'
import { firstKept, type KeptSession } from './kept-session.ts'
import { EPOCH_KEY, sidTag, subjectTag } from './session-ledger.ts'
import type { Authenticated } from './sessions.ts'

const keptOf = (id: string, given: Partial<Authenticated> = {}, epoch = 0): KeptSession =>
  firstKept(person({ sid: 's1', ...given }), { id, epoch, now: at().now, absolute: 1_000 })
const NOT_OK = { ok: false }
const value = (given: unknown) => ({ ok: true, value: given })
const EXPIRES = { expiresAt: START + 1_000 }

describe('a session in the store', () => {
  test('is added once, read, rewritten while it is what was read, and removed', async () => {
    const { ledger } = sessionParts()
    const kept = keptOf('a')
    expect(await ledger.read('a')).toEqual(value(null))
    expect(await ledger.add(kept)).toEqual(value(true))
    expect(await ledger.add(kept)).toEqual(value(false))
    const read = await ledger.read('a')
    if (!read.ok || read.value === null) throw new Error('not there')
    expect(read.value).toMatchObject({ kept, usedAt: START })
    const next = { ...kept, usedAt: START + 1 }
    expect(await ledger.rewrite(next, read.value.version)).toEqual(value(true))
    expect(await ledger.rewrite(kept, read.value.version)).toEqual(value(false))
    expect(await ledger.remove('a')).toEqual(value(next))
    expect(await ledger.remove('a')).toEqual(value(null))
  })

  test('is found by its person and by each of its sessions at the provider', async () => {
    const { ledger } = sessionParts()
    await ledger.add({ ...keptOf('a'), sids: ['s1', 's2'] })
    await ledger.add(keptOf('b', { subject: 'bob', sid: null }))
    const found = async (tag: string) => {
      const listed = await ledger.tagged(tag)
      return listed.ok ? listed.value.map(({ id }) => id) : null
    }
    expect(await found(subjectTag('corp', 'ada'))).toEqual(['a'])
    expect(await found(subjectTag('corp', 'bob'))).toEqual(['b'])
    expect(await found(subjectTag('partner', 'ada'))).toEqual([])
    expect([await found(sidTag('corp', 's1')), await found(sidTag('corp', 's2'))]).toEqual([['a'], ['a']])
    expect(await found(sidTag('partner', 's1'))).toEqual([])
  })

  test('that cannot be read back is none, and is removed all the same', async () => {
    const { ledger, real } = sessionParts()
    await real.add('session', 'a', { value: { provider: 'corp' }, expiresAt: Infinity, tags: ['t'] })
    expect(await ledger.read('a')).toEqual(value(null))
    expect(await ledger.list()).toEqual(value([]))
    expect(await ledger.everything()).toEqual(value([{ id: 'a', kept: null }]))
    expect(await ledger.tagged('t')).toEqual(value([{ id: 'a', kept: null }]))
    expect(await ledger.remove('a')).toEqual(value(null))
    expect(await real.get('session', 'a')).toEqual(value(null))
  })

  test('that goes on under another id leaves a mark under its tags for a minute, and no use', async () => {
    const { ledger, real } = sessionParts()
    await ledger.add(keptOf('a'))
    await ledger.keepUse('a', { at: START + 5, ...EXPIRES })
    const read = await ledger.read('a')
    if (!read.ok || read.value === null) throw new Error('not there')
    expect(await ledger.supersede({ ...read.value, version: read.value.version + 9 }, START)).toEqual(value(false))
    expect(await real.get('used', 'session:a')).toMatchObject({ value: { value: START + 5 } })
    expect(await ledger.supersede(read.value, START)).toEqual(value(true))
    expect(await ledger.read('a')).toEqual(value(null))
    expect(await real.get('session', 'a')).toMatchObject({ value: { value: null, expiresAt: START + 60_000 } })
    expect(await real.get('used', 'session:a')).toEqual(value(null))
    expect(await ledger.tagged(sidTag('corp', 's1'))).toEqual(value([{ id: 'a', kept: null }]))
  })

  test('is not superseded where the store does not answer, and its use stays', async () => {
    const { ledger, real, silence, answerAll } = sessionParts()
    await ledger.add(keptOf('a'))
    await ledger.keepUse('a', { at: START + 5, ...EXPIRES })
    const read = await ledger.read('a')
    if (!read.ok || read.value === null) throw new Error('not there')
    silence(['compareAndSet'])
    expect(await ledger.supersede(read.value, START)).toEqual(NOT_OK)
    answerAll()
    expect(await real.get('used', 'session:a')).toMatchObject({ value: { value: START + 5 } })
  })
})

describe('the epoch', () => {
  test('is none at first, and one more each time', async () => {
    const { ledger, real } = sessionParts()
    expect(await ledger.epoch()).toEqual(value(0))
    expect(await ledger.nextEpoch()).toEqual(value(1))
    expect(await ledger.nextEpoch()).toEqual(value(2))
    expect(await ledger.epoch()).toEqual(value(2))
    expect(await real.get('epoch', EPOCH_KEY)).toMatchObject({ value: { expiresAt: Number.MAX_SAFE_INTEGER } })
  })

  test('ends those that were begun in another, which are listed for removal alone', async () => {
    const { ledger } = sessionParts()
    await ledger.add(keptOf('a'))
    await ledger.add(keptOf('b', {}, 1))
    await ledger.nextEpoch()
    expect(await ledger.read('a')).toEqual(value(null))
    expect(await ledger.read('b')).toMatchObject({ value: { kept: { epoch: 1 } } })
    expect(await ledger.list()).toMatchObject({ value: [{ kept: { session: { id: 'b' } } }] })
    expect(await ledger.everything()).toMatchObject({ value: [{ id: 'a' }, { id: 'b' }] })
  })

  test('that is no number counts as none', async () => {
    const { ledger, real } = sessionParts()
    await real.add('epoch', EPOCH_KEY, { value: 'x', expiresAt: Infinity, tags: [] })
    expect(await ledger.epoch()).toEqual(value(0))
  })
})

describe('the last use', () => {
  test('is the latest that was kept, and none before the latest authentication', async () => {
    const { ledger } = sessionParts()
    await ledger.add(keptOf('a'))
    const usedAt = async () => {
      const [read, listed] = [await ledger.read('a'), await ledger.list()]
      return [read.ok ? read.value?.usedAt : null, listed.ok ? listed.value[0]?.usedAt : null]
    }
    for (const [use, kept, gives] of [
      [START - 5, START - 5, START],
      [START + 5, START + 5, START + 5],
      [START + 5, START + 5, START + 5],
      [START + 4, START + 5, START + 5],
      [START + 6, START + 6, START + 6],
    ] as const) {
      expect(await ledger.keepUse('a', { at: use, ...EXPIRES })).toEqual(value(kept))
      expect(await usedAt()).toEqual([gives, gives])
    }
  })

  test('lives as long as the session', async () => {
    const { ledger, real } = sessionParts()
    await ledger.keepUse('a', { at: START, ...EXPIRES })
    expect(await real.get('used', 'session:a')).toMatchObject({ value: EXPIRES })
    expect(await real.get('used', 'session:b')).toEqual(value(null))
  })

  test('is not kept where others come between twenty times', async () => {
    let times = 0
    const parts = sessionParts({
      beforeReplacing: async () => {
        if (times-- <= 0) return
        const entry = await parts.real.get('used', 'session:a')
        if (!entry.ok || entry.value === null) throw new Error('not there')
        await parts.real.compareAndSet('used', 'session:a', { value: START, ...EXPIRES, tags: [], expected: entry.value.version })
      },
    })
    await parts.ledger.keepUse('a', { at: START, ...EXPIRES })
    times = 19
    expect(await parts.ledger.keepUse('a', { at: START + 1, ...EXPIRES })).toEqual(value(START + 1))
    times = 20
    expect(await parts.ledger.keepUse('a', { at: START + 2, ...EXPIRES })).toEqual(NOT_OK)
  })
})

test.each<{ note: string; silent: string; ask: (parts: ReturnType<typeof sessionParts>) => Promise<unknown> }>([
  { note: 'a session', silent: 'get', ask: ({ ledger }) => ledger.read('a') },
  { note: 'the sessions of a tag', silent: 'tagged', ask: ({ ledger }) => ledger.tagged('t') },
  { note: 'all there is', silent: 'list', ask: ({ ledger }) => ledger.everything() },
  { note: 'the sessions', silent: 'list', ask: ({ ledger }) => ledger.list() },
  { note: 'the sessions, where the epoch is not told', silent: 'get', ask: ({ ledger }) => ledger.list() },
  { note: 'the epoch', silent: 'get', ask: ({ ledger }) => ledger.epoch() },
  { note: 'a new epoch, which cannot be read', silent: 'get', ask: ({ ledger }) => ledger.nextEpoch() },
  { note: 'a new epoch, which cannot be written', silent: 'add', ask: ({ ledger }) => ledger.nextEpoch() },
  { note: 'a use', silent: 'get', ask: ({ ledger }) => ledger.keepUse('a', { at: 1, ...EXPIRES }) },
])('whoever asks for $note is told when the store does not answer', async ({ silent, ask }) => {
  const parts = sessionParts()
  parts.silence([silent])
  expect(await ask(parts)).toEqual(NOT_OK)
})

test.each([
  { note: 'the epoch', silent: 1 },
  { note: 'the last use', silent: 2 },
])('a session is not given without $note', async ({ silent }) => {
  const parts = sessionParts()
  await parts.ledger.add(keptOf('a'))
  const reading = parts.ledger.read('a')
  // The session is read; what belongs to it is not told.
  parts.silence(['get'], silent)
  expect(await reading).toEqual(NOT_OK)
})
