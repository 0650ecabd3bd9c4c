import { describe, expect, test } from 'vitest'
import { keyParts, type KeyTestParts, LONGEST_LIFE } from '../../../../test/support/key-parts.ts'
import { by, DAY, newKey } from '../../../../test/support/keys.ts'
import { HOUR, START } from '../../../../test/support/sessions.ts'
import type { KeptKey } from './kept-key.ts'
import { parseKey } from './key-form.ts'
import type { GivenOut, NewKey } from './new-key.ts'
import { createKeyWriter } from './write-keys.ts'

const NOT_OK = { ok: false }
const value = (given: unknown) => ({ ok: true, value: given })

const given = async ({ create }: KeyTestParts, asked: Partial<NewKey> = {}, now = START): Promise<GivenOut> => {
  const made = await create(newKey(asked), by(now))
  if (!made.ok || 'refused' in made.value) throw new Error(JSON.stringify(made))
  return made.value
}
const kept = async ({ ledger }: KeyTestParts, id: string): Promise<KeptKey | null> => {
  const read = await ledger.read(id)
  return read.ok ? (read.value?.kept ?? null) : null
}
const ids = async ({ ledger }: KeyTestParts) => {
  const all = await ledger.list()
  return all.ok ? all.value.map(({ id }) => id) : null
}
const actions = ({ records }: KeyTestParts) => records.map((record) => (record.kind === 'administration' ? record.action : ''))

/** Another process writes a key whenever this one is about to change it, the next so many times. */
const disturbed = (change: (kept: KeptKey) => KeptKey = (same) => same) => {
  let [id, times] = ['', 0]
  const parts: KeyTestParts = keyParts({
    beforeReplacing: async () => {
      if (times-- <= 0) return
      const entry = await parts.real.get('api-key', id)
      const old = await kept(parts, id)
      if (!entry.ok || entry.value === null || old === null) throw new Error('there is no key to disturb')
      const { expiresAt, tags, version } = entry.value
      const { id: _id, ...said } = change(old)
      const next = JSON.parse(JSON.stringify(said)) as typeof entry.value.value
      await parts.real.compareAndSet('api-key', id, { value: next, expiresAt, tags, expected: version })
    },
  })
  return {
    parts,
    disturb: (which: string, howOften: number) => {
      ;[id, times] = [which, howOften]
    },
  }
}

describe('giving out', () => {
  test('keeps what was asked for, scopes once and in order, and tells the log who did it', async () => {
    const parts = keyParts()
    const { text, key } = await given(parts, { scopes: ['b', 'a', 'b'], networks: ['10.0.0.0/8'], life: DAY })
    const taken = parseKey(text)
    expect(taken?.id).toBe(key.id)
    expect(await kept(parts, key.id)).toEqual({
      id: key.id,
      hash: parts.hashing.hash(taken?.secret ?? ''),
      subject: 'reporter',
      owner: 'payments@example.com',
      scopes: ['a', 'b'],
      networks: ['10.0.0.0/8'],
      createdAt: START,
      expiresAt: START + DAY,
      life: DAY,
      revokedAt: null,
      rotatedTo: null,
    })
    expect(key).toMatchObject({ usedAt: null, state: 'live', isUnderOldKey: false })
    const { id, subject, owner, scopes, networks, expiresAt } = key
    const detail = { key: id, subject, owner, scopes, networks, expiresAt, by: 'ada' }
    expect(parts.records).toEqual([{ kind: 'administration', at: START, action: 'keys.created', detail }])
  })

  test.each<{ note: string; asked: Partial<NewKey>; refused: object }>([
    { note: 'no subject', asked: { subject: '' }, refused: { refused: 'subject' } },
    { note: 'a subject that ends in a slash', asked: { subject: 'a/' }, refused: { refused: 'subject' } },
    { note: 'an owner of two lines', asked: { owner: 'a\nb' }, refused: { refused: 'owner' } },
    { note: 'an owner of spaces', asked: { owner: '  ' }, refused: { refused: 'owner' } },
    {
      note: 'more scopes than may be',
      asked: { scopes: Array.from({ length: 1_001 }, (_, n) => `${n}`) },
      refused: { refused: 'scopes' },
    },
    { note: 'a network that is none', asked: { networks: ['10.0.0.0/8', 'x'] }, refused: { refused: 'networks' } },
    {
      note: 'more networks than may be',
      asked: { networks: Array.from({ length: 1_001 }, () => '10.0.0.0/8') },
      refused: { refused: 'networks' },
    },
    { note: 'no life', asked: { life: 0 }, refused: { refused: 'life', longest: LONGEST_LIFE } },
    { note: 'a life that is no number', asked: { life: Number.NaN }, refused: { refused: 'life', longest: LONGEST_LIFE } },
    { note: 'a life that is too long', asked: { life: LONGEST_LIFE + 1 }, refused: { refused: 'life', longest: LONGEST_LIFE } },
  ])('is refused: $note', async ({ asked, refused }) => {
    const parts = keyParts()
    expect(await parts.create(newKey(asked), by())).toEqual(value(refused))
    expect([await ids(parts), parts.records]).toEqual([[], []])
  })

  test.each<{ note: string; asked: Partial<NewKey> }>([
    { note: 'as many scopes as may be', asked: { scopes: Array.from({ length: 1_000 }, (_, n) => `${n}`) } },
    { note: 'as many networks as may be', asked: { networks: Array.from({ length: 1_000 }, () => '10.0.0.0/8') } },
    { note: 'the longest life', asked: { life: LONGEST_LIFE } },
    { note: 'a subject of one character', asked: { subject: 'a' } },
    { note: 'a subject with a slash in it', asked: { subject: 'a/b' } },
  ])('must pass: $note', async ({ asked }) => {
    const parts = keyParts()
    expect(await ids(parts)).toHaveLength(0)
    await given(parts, asked)
    expect(await ids(parts)).toHaveLength(1)
  })

  test('gives nothing where the store does not answer', async () => {
    const parts = keyParts({ silent: ['add'] })
    expect(await parts.create(newKey(), by())).toEqual(NOT_OK)
    expect(parts.records).toEqual([])
  })
})

describe('an id that is taken', () => {
  const takenFirst = (times: number) => {
    const parts = keyParts()
    let left = times
    const add: typeof parts.ledger.add = (key) =>
      left-- > 0 ? Promise.resolve({ ok: true, value: false }) : parts.ledger.add(key)
    const log = { append: () => ({ accepted: true, durable: () => Promise.resolve(true) }) }
    const { ledger, hashing } = parts
    return createKeyWriter({ ledger: { ...ledger, add }, hashing, log, longestLife: LONGEST_LIFE, onChanged: () => {} })
  }

  test('is drawn again, fifty times', async () => {
    expect(await takenFirst(49).create(newKey(), by())).toMatchObject({ ok: true, value: { key: { subject: 'reporter' } } })
    expect(await takenFirst(50).create(newKey(), by())).toEqual(NOT_OK)
  })
})

describe('rotating', () => {
  test('gives a new key as long as the old one lived, and lets the old one end', async () => {
    const parts = keyParts()
    const { key } = await given(parts, { life: DAY })
    const made = await parts.rotate(key.id, { overlap: HOUR }, by(START + 1))
    if (!made.ok || !('text' in made.value)) throw new Error('refused')
    const { key: next } = made.value
    expect(await kept(parts, key.id)).toMatchObject({ rotatedTo: next.id, expiresAt: START + 1 + HOUR, revokedAt: null })
    expect(await kept(parts, next.id)).toMatchObject({ life: DAY, expiresAt: START + 1 + DAY, rotatedTo: null })
    const detail = { key: key.id, subject: 'reporter', to: next.id, overlap: HOUR, expiresAt: START + 1 + DAY, by: 'ada' }
    expect(parts.records.at(-1)).toEqual({ kind: 'administration', at: START + 1, action: 'keys.rotated', detail })
    expect(actions(parts)).toEqual(['keys.created', 'keys.rotated'])
  })

  test.each([
    { note: 'another life', life: 2 * DAY, how: { overlap: 0, life: HOUR }, gives: HOUR },
    { note: 'a life that is too long by now is cut', life: LONGEST_LIFE + DAY, how: { overlap: 0 }, gives: LONGEST_LIFE },
  ])('$note', async ({ life, how, gives }) => {
    const parts = keyParts()
    const { key } = await given(parts)
    const read = await parts.ledger.read(key.id)
    if (!read.ok || read.value === null) throw new Error('not there')
    await parts.ledger.rewrite({ ...read.value.kept, life }, read.value.version)
    const made = await parts.rotate(key.id, how, by())
    expect(made).toMatchObject({ ok: true, value: { key: { expiresAt: START + gives } } })
  })

  test('never lengthens the old one', async () => {
    const parts = keyParts()
    const { key } = await given(parts, { life: DAY })
    await parts.rotate(key.id, { overlap: 5 * DAY }, by())
    expect(await kept(parts, key.id)).toMatchObject({ expiresAt: START + DAY })
  })

  test.each<{ note: string; change: Partial<KeptKey>; how?: object; refused: object }>([
    { note: 'one that was revoked', change: { revokedAt: 1, rotatedTo: 'B' }, refused: { refused: 'revoked' } },
    {
      note: 'one that was rotated',
      change: { rotatedTo: 'BBBBBBBBBBB', expiresAt: START },
      refused: { refused: 'rotated', to: 'BBBBBBBBBBB' },
    },
    { note: 'one at its end', change: { expiresAt: START }, refused: { refused: 'expired' } },
    {
      note: 'a life that is too long',
      change: {},
      how: { life: LONGEST_LIFE + 1 },
      refused: { refused: 'life', longest: LONGEST_LIFE },
    },
    { note: 'an overlap below nothing', change: {}, how: { overlap: -1 }, refused: { refused: 'overlap' } },
  ])('is refused: $note', async ({ change, how, refused }) => {
    const parts = keyParts()
    const { key } = await given(parts)
    const read = await parts.ledger.read(key.id)
    if (!read.ok || read.value === null) throw new Error('not there')
    await parts.ledger.rewrite({ ...read.value.kept, ...change }, read.value.version)
    expect(await parts.rotate(key.id, { overlap: 0, ...how }, by())).toEqual(value(refused))
    expect(await ids(parts)).toEqual([key.id])
    expect(actions(parts)).toEqual(['keys.created'])
  })

  test('of a key that is not there is refused', async () => {
    expect(await keyParts().rotate('AAAAAAAAAAA', { overlap: 0 }, by())).toEqual(value({ refused: 'none' }))
  })

  test.each([
    { note: 'revoked', change: (old: KeptKey) => ({ ...old, revokedAt: START }), refused: { refused: 'revoked' } },
    { note: 'rotated', change: (old: KeptKey) => ({ ...old, rotatedTo: 'B' }), refused: { refused: 'rotated', to: 'B' } },
  ])('takes the new key back where the old one was $note meanwhile', async ({ change, refused }) => {
    const { parts, disturb } = disturbed(change)
    const { key } = await given(parts)
    disturb(key.id, 1)
    expect(await parts.rotate(key.id, { overlap: 0 }, by())).toEqual(value(refused))
    expect(await ids(parts)).toEqual([key.id])
    expect(actions(parts)).toEqual(['keys.created'])
  })

  test('takes the new key back where the old one went meanwhile', async () => {
    const { parts, disturb } = disturbed((old) => ({ ...old, owner: 7 as unknown as string }))
    const { key } = await given(parts)
    disturb(key.id, 1)
    expect(await parts.rotate(key.id, { overlap: 0 }, by())).toEqual(value({ refused: 'none' }))
    expect(await ids(parts)).toEqual([])
  })

  test.each([
    { note: 'the old one cannot be read', silent: 'get' },
    { note: 'the new one cannot be added', silent: 'add' },
    { note: 'the old one cannot be changed', silent: 'compareAndSet' },
  ])('says so where $note', async ({ silent }) => {
    const parts = keyParts()
    const { key } = await given(parts)
    parts.silence([silent])
    expect(await parts.rotate(key.id, { overlap: 0 }, by())).toEqual(NOT_OK)
    expect(actions(parts)).toEqual(['keys.created'])
    expect(await kept(parts, key.id).then((old) => old?.rotatedTo ?? null)).toBeNull()
  })
})

describe('revoking', () => {
  test('counts once, and says when', async () => {
    const parts = keyParts()
    const { key } = await given(parts)
    await parts.known.ask(key.id)
    expect(await parts.revoke(key.id, by(START + 1))).toEqual(value(true))
    expect(await parts.revoke(key.id, by(START + 2))).toEqual(value(false))
    expect(await kept(parts, key.id)).toMatchObject({ revokedAt: START + 1 })
    expect(actions(parts)).toEqual(['keys.created', 'keys.revoked'])
    const detail = { key: key.id, subject: 'reporter', by: 'ada' }
    expect(parts.records.at(-1)).toEqual({ kind: 'administration', at: START + 1, action: 'keys.revoked', detail })
    expect(parts.told.changed).toBe(1)
  })

  test('is tried again where another write came between, fifty times', async () => {
    const { parts, disturb } = disturbed()
    const [one, two] = [await given(parts), await given(parts)]
    disturb(one.key.id, 49)
    expect(await parts.revoke(one.key.id, by())).toEqual(value(true))
    disturb(two.key.id, 50)
    expect(await parts.revoke(two.key.id, by())).toEqual(NOT_OK)
  })

  test.each(['get', 'compareAndSet'])('says so where the store does not answer (%s)', async (silent) => {
    const parts = keyParts()
    const { key } = await given(parts)
    await parts.known.ask(key.id)
    parts.silence([silent])
    expect(await parts.revoke(key.id, by())).toEqual(NOT_OK)
    expect(actions(parts)).toEqual(['keys.created'])
    // What may have been written counts as a change.
    expect(parts.told.changed).toBe(silent === 'get' ? 0 : 1)
  })

  test('of a key that is not there says so', async () => {
    expect(await keyParts().revoke('AAAAAAAAAAA', by())).toEqual(value({ refused: 'none' }))
  })
})

describe('hashing anew', () => {
  test('replaces the hash alone, and is told', async () => {
    const parts = keyParts()
    const { key } = await given(parts)
    const read = await parts.ledger.read(key.id)
    if (!read.ok || read.value === null) throw new Error('not there')
    await parts.known.ask(key.id)
    await parts.rehash(read.value.kept, read.value.version, 'other')
    expect(await kept(parts, key.id)).toEqual({ ...read.value.kept, hash: parts.hashing.hash('other') })
    expect(parts.told.changed).toBe(1)
    await parts.rehash(read.value.kept, read.value.version, 'stale')
    parts.silence(['compareAndSet'])
    await parts.rehash(read.value.kept, read.value.version, 'unheard')
    expect(await kept(parts, key.id)).toMatchObject({ hash: parts.hashing.hash('other') })
    expect(parts.told.changed).toBe(1)
  })
})
