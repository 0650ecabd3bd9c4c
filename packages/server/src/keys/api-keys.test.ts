import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { by, DAY, given, isWarm, type KeyProcess, lookUpKey, newKey, openKeyWorld } from '../../../../test/support/keys.ts'
import { HOUR, START, until } from '../../../../test/support/sessions.ts'
import type { NewKey } from './new-key.ts'
import { drawKey, parseKey, writeKey } from './key-form.ts'

const idOf = (text: string): string => parseKey(text)?.id ?? ''
const forge = (id: string): string => writeKey({ id, secret: drawKey().secret })

const warm = (process: KeyProcess, text: string): Promise<void> =>
  until(async () => {
    await lookUpKey(process, text)
    return isWarm(process, text)
  })

describe('a key', () => {
  test('is found by its whole text, and nothing of it changes from one look to the next', async () => {
    const process = await openKeyWorld().open()
    const { text, key } = await given(process, { scopes: ['notes.read', 'charges.*', 'notes.read'] })
    expect(await lookUpKey(process, text)).toBe('found')
    await warm(process, text)
    const find = () => process.keys.reader.find(text, { now: START, address: {} as never, lenient: false })
    expect(find()).toBe(find())
    expect(find()).toEqual({
      status: 'found',
      unconfirmed: false,
      key: { id: key.id, subject: 'reporter', scopes: ['charges.*', 'notes.read'], expiresAt: START + 30 * DAY },
    })
  })

  test.each([
    {
      note: 'with a wrong checksum',
      change: (text: string) => `${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}`,
      gives: 'key.malformed',
    },
    { note: 'that is something else', change: () => 'balk_', gives: 'key.malformed' },
    { note: 'with a wrong secret for a right id', change: (text: string) => forge(idOf(text)), gives: 'key.unknown' },
    { note: 'that nobody gave out', change: () => writeKey(drawKey()), gives: 'key.unknown' },
  ])('$note is refused, known or not', async ({ change, gives }) => {
    const process = await openKeyWorld().open()
    const { text } = await given(process)
    expect(await lookUpKey(process, change(text))).toBe(gives)
    await warm(process, text)
    expect(await lookUpKey(process, change(text))).toBe(gives)
  })

  test('is told what is wrong with it only whole', async () => {
    const process = await openKeyWorld().open()
    const { text, key } = await given(process, { networks: ['192.0.2.0/24'] })
    expect(await lookUpKey(process, forge(key.id))).toBe('key.unknown')
    expect(await lookUpKey(process, text)).toBe('key.network')
    await process.keys.revoke(key.id, by())
    expect(await lookUpKey(process, text)).toBe('key.revoked')
    expect(await lookUpKey(process, forge(key.id))).toBe('key.unknown')
  })

  test.each([
    { note: 'a ms before', now: START + DAY - 1, gives: 'found' },
    { note: 'at its end', now: START + DAY, gives: 'key.expired' },
    { note: 'a ms after', now: START + DAY + 1, gives: 'key.expired' },
  ])('has an end: $note', async ({ now, gives }) => {
    const process = await openKeyWorld().open()
    const { text } = await given(process, { life: DAY })
    expect(await lookUpKey(process, text, { now })).toBe(gives)
    await warm(process, text)
    expect(await lookUpKey(process, text, { now })).toBe(gives)
  })

  test.each([
    { address: '192.0.2.7', gives: 'found' },
    { address: '::ffff:192.0.2.7', gives: 'found' },
    { address: '192.0.3.1', gives: 'key.network' },
    { address: '2001:db8::1', gives: 'found' },
    { address: '2001:db9::1', gives: 'key.network' },
  ])('may be bound to networks: $address is $gives', async ({ address, gives }) => {
    const process = await openKeyWorld().open()
    const { text } = await given(process, { networks: ['192.0.2.0/24', '2001:db8::/32'] })
    expect(await lookUpKey(process, text, { address })).toBe(gives)
  })
})

describe('what is asked for', () => {
  test.each<{ note: string; asked: Partial<NewKey>; refused: string }>([
    { note: 'a subject with a space', asked: { subject: 'a b' }, refused: 'subject' },
    { note: 'no subject', asked: { subject: '' }, refused: 'subject' },
    { note: 'a subject that ends in a slash', asked: { subject: 'a/' }, refused: 'subject' },
    { note: 'no owner', asked: { owner: '  ' }, refused: 'owner' },
    { note: 'an owner of two lines', asked: { owner: 'a\nb' }, refused: 'owner' },
    { note: 'what is no network', asked: { networks: ['10.0.0.0/8', 'office'] }, refused: 'networks' },
    { note: 'a longer life than the longest', asked: { life: 365 * DAY + 1 }, refused: 'life' },
    { note: 'no life', asked: { life: 0 }, refused: 'life' },
    { note: 'a life that is no number', asked: { life: Number.NaN }, refused: 'life' },
  ])('is refused: $note', async ({ asked, refused }) => {
    const process = await openKeyWorld().open()
    expect(await process.keys.create(newKey(asked), by())).toMatchObject({ ok: true, value: { refused } })
    expect(await process.keys.list(START)).toEqual({ ok: true, value: [] })
    expect(process.records).toEqual([])
  })

  test.each<{ note: string; asked: Partial<NewKey> }>([
    { note: 'the longest life', asked: { life: 365 * DAY } },
    { note: 'no scopes', asked: { scopes: [] } },
    { note: 'a subject of parts', asked: { subject: 'batch/settlements' } },
    { note: 'one letter', asked: { subject: 'a' } },
    { note: 'a team as owner', asked: { owner: 'Zahlungen & Abrechnung' } },
  ])('is given: $note', async ({ asked }) => {
    const process = await openKeyWorld().open()
    expect(await lookUpKey(process, (await given(process, asked)).text)).toBe('found')
  })
})

describe('rotation', () => {
  test('gives another key that lives as long, and lets the old one go on for the overlap', async () => {
    const process = await openKeyWorld().open()
    const { text, key } = await given(process, { networks: ['127.0.0.0/8'], life: 20 * DAY })
    const now = START + 10 * DAY
    const made = await process.keys.rotate(key.id, { overlap: HOUR }, by(now))
    if (!made.ok || 'refused' in made.value) throw new Error('not rotated')
    const { text: next, key: successor } = made.value
    expect(successor).toMatchObject({ subject: 'reporter', scopes: ['charges.read'], networks: ['127.0.0.0/8'], state: 'live' })
    expect([successor.createdAt, successor.expiresAt]).toEqual([now, now + 20 * DAY])
    expect(await lookUpKey(process, next, { now })).toBe('found')
    expect(await lookUpKey(process, text, { now: now + HOUR - 1 })).toBe('found')
    expect(await lookUpKey(process, text, { now: now + HOUR })).toBe('key.expired')
    expect(await process.keys.list(now)).toMatchObject({
      value: [{ id: key.id, state: 'rotated', rotatedTo: successor.id }, { id: successor.id }],
    })
  })

  test('never makes the old key live longer', async () => {
    const process = await openKeyWorld().open()
    const { text, key } = await given(process, { life: HOUR })
    await process.keys.rotate(key.id, { overlap: DAY }, by())
    expect(await lookUpKey(process, text, { now: START + HOUR })).toBe('key.expired')
  })

  test.each([
    { note: 'a key that is not there', prepare: async () => 'AAAAAAAAAAA', how: { overlap: 0 }, gives: { refused: 'none' } },
    {
      note: 'a revoked one',
      prepare: async (process: KeyProcess, id: string) => (await process.keys.revoke(id, by()), id),
      how: { overlap: 0 },
      gives: { refused: 'revoked' },
    },
    { note: 'into a longer life than the longest', how: { overlap: 0, life: 400 * DAY }, gives: { refused: 'life' } },
    { note: 'with an overlap into the past', how: { overlap: -1 }, gives: { refused: 'overlap' } },
  ])('is refused: $note', async ({ prepare = async (_process: KeyProcess, id: string) => id, how, gives }) => {
    const process = await openKeyWorld().open()
    const { key } = await given(process)
    const id = await prepare(process, key.id)
    expect(await process.keys.rotate(id, how, by())).toMatchObject({ ok: true, value: gives })
    expect(await process.keys.list(START)).toMatchObject({ ok: true, value: [{ id: key.id }] })
  })

  test('twenty at once, over two processes, give one key, one record and nothing else', async () => {
    const world = openKeyWorld()
    const [one, two] = [await world.open(), await world.open()]
    const { key } = await given(one)
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : two).keys.rotate(key.id, { overlap: HOUR }, by())),
    )
    const texts = made.flatMap((each) => (each.ok && 'text' in each.value ? [each.value.text] : []))
    expect(texts).toHaveLength(1)
    const won = idOf(texts[0] ?? '')
    const lost = made.filter((each) => each.ok && 'refused' in each.value)
    expect(lost).toHaveLength(19)
    for (const each of lost) expect(each).toMatchObject({ value: { refused: 'rotated', to: won } })
    const listed = await one.keys.list(START)
    expect(listed.ok && listed.value.map(({ id }) => id).toSorted()).toEqual([key.id, won].toSorted())
    const rotations = [...one.records, ...two.records].filter(
      (each) => each.kind === 'administration' && each.action === 'keys.rotated',
    )
    expect(rotations).toHaveLength(1)
  })
})

describe('revocation', () => {
  test('is seen at once here, in another process within the bound, and after a restart', async () => {
    const world = openKeyWorld()
    const [here, there] = [await world.open(), await world.open()]
    const { text, key } = await given(here)
    await warm(here, text)
    await warm(there, text)
    const changes = there.changes()
    expect(await here.keys.revoke(key.id, by())).toEqual({ ok: true, value: true })
    expect(await lookUpKey(here, text)).toBe('key.revoked')
    await until(async () => (await lookUpKey(there, text)) === 'key.revoked')
    await until(() => there.changes() > changes)
    await here.close()
    expect(await lookUpKey(await world.open(), text)).toBe('key.revoked')
  })

  test('what nobody looked at for a second is asked about anew', async () => {
    const process = await openKeyWorld().open()
    const { text } = await given(process)
    await warm(process, text)
    const before = process.lookups()
    expect(await lookUpKey(process, text)).toBe('found')
    expect(process.lookups()).toBe(before)
    process.setMode('down')
    process.advance(1_001)
    expect(await lookUpKey(process, text)).toBe('unavailable')
  })

  test('twenty at once, beside rotations, revoke once and for all', async () => {
    const world = openKeyWorld()
    const [one, two] = [await world.open(), await world.open()]
    const { text, key } = await given(one)
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => {
        const { keys } = at % 2 === 0 ? one : two
        return at % 5 === 0 ? keys.rotate(key.id, { overlap: DAY }, by()) : keys.revoke(key.id, by())
      }),
    )
    expect(made.every(({ ok }) => ok)).toBe(true)
    expect(made.filter((each) => each.ok && each.value === true)).toHaveLength(1)
    await until(async () => (await lookUpKey(two, text)) === 'key.revoked')
    const revoked = [...one.records, ...two.records].filter(
      (each) => each.kind === 'administration' && each.action === 'keys.revoked',
    )
    expect(revoked).toEqual([
      { kind: 'administration', at: START, action: 'keys.revoked', detail: { key: key.id, subject: 'reporter', by: 'ada' } },
    ])
  })

  test('of a key that is not there says so', async () => {
    const process = await openKeyWorld().open()
    expect(await process.keys.revoke('AAAAAAAAAAA', by())).toEqual({ ok: true, value: { refused: 'none' } })
  })
})

describe('while the store is silent', () => {
  test('a strict service is given no key, a lenient one those that were good within a minute, unconfirmed', async () => {
    const process = await openKeyWorld().open()
    const [{ text }, { text: cold }] = [await given(process), await given(process)]
    await warm(process, text)
    process.setMode('down')
    process.advance(2_000)
    const leniently = (which: string, more = {}) => lookUpKey(process, which, { lenient: true, ...more })
    expect(await lookUpKey(process, text)).toBe('unavailable')
    expect(await leniently(text)).toBe('unconfirmed')
    expect(await leniently(cold)).toBe('unavailable')
    expect(await leniently(forge(idOf(text)))).toBe('key.unknown')
    expect(await leniently(text, { now: START + 30 * DAY })).toBe('key.expired')
    process.advance(57_000)
    expect(await leniently(text)).toBe('unconfirmed')
    process.advance(1_500)
    expect(await leniently(text)).toBe('unavailable')
    process.setMode('up')
    await until(async () => (await lookUpKey(process, text)) === 'found')
  })

  test('one that was revoked here a moment before is not good, even if nobody could be told', async () => {
    const process = await openKeyWorld().open()
    const { text, key } = await given(process)
    await warm(process, text)
    process.setMode('unwritable')
    expect(await process.keys.revoke(key.id, by())).toEqual({ ok: false })
    process.setMode('down')
    process.advance(2_000)
    expect(await lookUpKey(process, text, { lenient: true })).toBe('unavailable')
  })

  test('nothing is given out, and whoever asks learns that', async () => {
    const process = await openKeyWorld().open()
    process.setMode('down')
    expect(await process.keys.create(newKey(), by())).toEqual({ ok: false })
    expect(await process.keys.list(START)).toEqual({ ok: false })
    expect(await process.keys.rotate('AAAAAAAAAAA', { overlap: 0 }, by())).toEqual({ ok: false })
    expect(await process.keys.identify(drawKey(), START)).toEqual({ ok: false })
    expect(process.records).toEqual([])
  })
})

describe('keys of the state', () => {
  test('may change with overlap: a key moves to the newest when it is used', async () => {
    const world = openKeyWorld()
    const before = await world.open({ stateKeys: [1] })
    const { text, key } = await given(before)
    await before.close()
    const overlapping = await world.open({ stateKeys: [2, 1] })
    const listed = async (process: KeyProcess) => {
      const all = await process.keys.list(START)
      return all.ok ? all.value.map(({ id, isUnderOldKey }) => [id, isUnderOldKey]) : null
    }
    expect(await listed(overlapping)).toEqual([[key.id, true]])
    expect(await lookUpKey(overlapping, text)).toBe('found')
    await until(async () => JSON.stringify(await listed(overlapping)) === JSON.stringify([[key.id, false]]))
    expect(await lookUpKey(overlapping, text)).toBe('found')
    await overlapping.close()
    const after = await world.open({ stateKeys: [2] })
    expect(await lookUpKey(after, text)).toBe('found')
    expect(await lookUpKey(after, forge(key.id))).toBe('key.unknown')
  })

  test('that went leave nobody able to tell of a key that was changed, but not used, since another came', async () => {
    const world = openKeyWorld()
    const before = await world.open({ stateKeys: [1] })
    const { text, key } = await given(before)
    await before.close()
    const overlapping = await world.open({ stateKeys: [2, 1] })
    await overlapping.keys.rotate(key.id, { overlap: DAY }, by())
    await overlapping.close()
    const after = await world.open({ stateKeys: [2] })
    expect(await lookUpKey(after, text)).toBe('unavailable')
  })
})

describe('what is kept', () => {
  test('holds neither the secret nor the text: not the files, not the records, not what is told of keys', async () => {
    const world = openKeyWorld()
    const process = await world.open()
    const { text, key } = await given(process)
    const secret = parseKey(text)?.secret ?? ''
    await warm(process, text)
    await process.keys.rotate(key.id, { overlap: HOUR }, by())
    await process.keys.revoke(key.id, by())
    const told = [await process.keys.list(START), await process.keys.identify({ id: key.id, secret }, START), process.records]
    const entries = await process.store.list('api-key')
    await process.close()
    for (const shown of [inspect(told, { depth: null }), inspect(entries, { depth: null }), world.bytes().toString('latin1')]) {
      expect(shown).not.toContain(secret)
      expect(shown).not.toContain(text.slice(-6))
    }
    expect(inspect(told, { depth: null })).not.toContain('mac')
  })

  test('is the last use, which another process and a restart know', async () => {
    const world = openKeyWorld()
    const process = await world.open()
    const { text } = await given(process)
    await given(process, { subject: 'idle' })
    await lookUpKey(process, text, { now: START + HOUR })
    await lookUpKey(process, text, { now: START + 5 })
    await process.close()
    const after = await world.open()
    const listed = await after.keys.list(START)
    const uses = listed.ok ? listed.value.map(({ subject, usedAt }) => [subject, usedAt]) : []
    expect(uses).toEqual(
      expect.arrayContaining([
        ['reporter', START + HOUR],
        ['idle', null],
      ]),
    )
  })
})

test('keys that nobody gave out cost one lookup each, or none, and are not remembered', async () => {
  const process = await openKeyWorld().open()
  const made = Array.from({ length: 200 }, () => writeKey(drawKey()))
  for (const text of made) expect(await lookUpKey(process, text)).toBe('key.unknown')
  expect(process.lookups()).toBe(200)
  for (const text of made)
    expect(await lookUpKey(process, `${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}`)).toBe('key.malformed')
  expect(process.lookups()).toBe(200)
  const all = await Promise.all(Array.from({ length: 2_000 }, () => lookUpKey(process, writeKey(drawKey()))))
  expect(new Set(all)).toEqual(new Set(['key.unknown', 'unavailable']))
  const { text } = await given(process)
  await warm(process, text)
  process.advance(1_001)
  const flood = Array.from({ length: 2_000 }, () => lookUpKey(process, writeKey(drawKey())))
  expect(await lookUpKey(process, text)).toBe('found')
  await Promise.all(flood)
})
