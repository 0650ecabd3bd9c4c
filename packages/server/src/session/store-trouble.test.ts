import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  at,
  begun,
  lookUp,
  lookUpLeniently,
  MINUTE,
  openWorld,
  person,
  settle,
  type SessionProcess,
  type SessionWorld,
  START,
  until,
} from '../../../../test/support/sessions.ts'
import type { Ending } from './sessions.ts'

let world: SessionWorld
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.close())

/** The store is silent, and the last look at it was so many ms ago, or a little more. */
const silence = (process: SessionProcess, ms: number): void => {
  process.setMode('down')
  process.advance(ms)
}

describe('while nobody can be asked', () => {
  test('a strict service is told so, a lenient one goes on for a minute with what was good', async () => {
    const one = await world.open()
    const [seen, unseen] = [await begun(one), await begun(one)]
    await settle(one, [seen.secret])
    silence(one, 1_001)
    expect(await lookUp(one, seen.secret)).toBe('unavailable')
    expect(await lookUpLeniently(one, seen.secret)).toBe('unconfirmed')
    one.advance(45_000)
    expect(await lookUp(one, seen.secret)).toBe('unavailable')
    expect(await lookUpLeniently(one, seen.secret)).toBe('unconfirmed')
    for (const secret of [unseen.secret, 'A'.repeat(43)]) expect(await lookUpLeniently(one, secret)).toBe('unavailable')
    one.advance(14_000)
    expect(await lookUpLeniently(one, seen.secret)).toBe('unavailable')
  })

  test('one that changed as this process was told is not given on the strength of what was before', async () => {
    const [here, there] = [await world.open(), await world.open()]
    const [ended, good] = [await begun(there), await begun(there)]
    await settle(here, [ended.secret, good.secret])
    here.setMode('watched')
    const rings = here.rings()
    await there.sessions.end({ secret: ended.secret }, { ...at(), by: 'operator' })
    await until(() => here.rings() > rings)
    expect(await lookUpLeniently(here, ended.secret)).toBe('unavailable')
    expect(await lookUpLeniently(here, good.secret)).toMatch(/^(?:found|unconfirmed)$/)
  })

  test('its lives go on', async () => {
    const one = await world.open({ absolute: 5 * MINUTE, idle: 2 * MINUTE })
    const { secret } = await begun(one)
    await settle(one, [secret])
    silence(one, 1_001)
    expect(await lookUpLeniently(one, secret, START + 2 * MINUTE)).toBe('session.expired')
    expect(await lookUpLeniently(one, secret, START + 2 * MINUTE - 1)).toBe('unconfirmed')
    expect(await lookUpLeniently(one, secret, START + 4 * MINUTE - 2)).toBe('unconfirmed')
    expect(await lookUpLeniently(one, secret, START + 5 * MINUTE)).toBe('session.expired')
  })

  test('nobody logs in, steps up or is listed', async () => {
    const one = await world.open()
    const { secret, session } = await begun(one)
    one.setMode('down')
    const by = { claims: {}, tokens: { idToken: null, refreshToken: null } }
    expect(await one.sessions.begin(person(), { ...at(), replaces: null })).toEqual({ ok: false })
    expect(await one.sessions.elevate(secret, person(), at())).toEqual({ ok: false })
    expect(await one.sessions.renew(session.id, by, START)).toEqual({ ok: false })
    expect(await one.sessions.tokensOf(secret, START)).toEqual({ ok: false })
    expect(await one.sessions.list(START)).toEqual({ ok: false })
    one.setMode('up')
    expect(await lookUp(one, secret)).toBe('found')
    expect(one.records).toHaveLength(1)
  })

  test('a step-up that could not be written leaves nothing that counts', async () => {
    const one = await world.open()
    const { secret } = await begun(one)
    one.setMode('unwritable')
    expect(await one.sessions.elevate(secret, person(), at())).toEqual({ ok: false })
    one.setMode('up')
    expect(await lookUp(one, secret)).toBe('found')
    expect(await one.sessions.list(START)).toMatchObject({ ok: true, value: [{ subject: 'ada' }] })
  })
})

describe('when it answers again', () => {
  test('everything is found out anew, and what was ended meanwhile is over', async () => {
    const [here, there] = [await world.open(), await world.open()]
    const [ended, good] = [await begun(here), await begun(here)]
    await settle(here, [ended.secret, good.secret])
    silence(here, 1_001)
    expect(await lookUpLeniently(here, ended.secret)).toBe('unconfirmed')
    await there.sessions.end({ secret: ended.secret }, { ...at(), by: 'operator' })
    expect(await lookUpLeniently(here, ended.secret)).toBe('unconfirmed')
    const rings = here.rings()
    here.setMode('up')
    expect(await lookUp(here, ended.secret)).toBe('session.none')
    expect(await lookUpLeniently(here, ended.secret)).toBe('session.none')
    expect(await lookUp(here, good.secret)).toBe('found')
    await until(() => here.rings() > rings)
  })
})

const unwritten: readonly {
  readonly note: string
  readonly which: (given: { readonly secret: string; readonly id: string }) => Ending
}[] = [
  { note: 'by secret', which: ({ secret }) => ({ secret }) },
  { note: 'by id', which: ({ id }) => ({ id }) },
  { note: 'of the provider', which: () => ({ provider: 'corp', sid: 's1' }) },
  { note: 'of the person', which: () => ({ provider: 'corp', subject: 'ada' }) },
  { note: 'of all', which: () => 'all' },
]

describe.each(unwritten)('an end that could not be written, $note', ({ which }) => {
  test.each(['down', 'unwritable'] as const)('is told as such and counts here at once; later everywhere (%s)', async (mode) => {
    const [here, there] = [await world.open(), await world.open()]
    const { secret, session } = await begun(here, { sid: 's1' })
    for (const process of [here, there]) await settle(process, [secret])
    here.setMode(mode)
    const rings = here.rings()
    const ended = await here.sessions.end(which({ secret, id: session.id }), { ...at(), by: 'logout' })
    expect(ended).toEqual({ ok: false })
    expect(await lookUp(here, secret)).toBe('session.none')
    await until(() => here.rings() > rings)
    here.advance(1_001)
    expect(await lookUp(here, secret)).not.toBe('found')
    expect(await lookUpLeniently(here, secret)).toBe('session.none')
    expect(await lookUp(there, secret)).toBe('found')

    here.setMode('up')
    expect(await lookUp(here, secret)).toBe('session.none')
    expect(await here.sessions.elevate(secret, person(), at())).toEqual({ ok: true, value: null })
    await until(async () => (await lookUp(there, secret)) === 'session.none')
    await until(() => here.records.some((record) => record.kind === 'authentication' && record.outcome === 'ended'))
    // Logging in again is not undone by it.
    expect(await lookUp(here, (await begun(here, {}, START + 1)).secret, START + 1)).toBe('found')
  })
})

test('made-up secrets that are logged out meanwhile neither fill the memory nor make anybody forget', async () => {
  const one = await world.open()
  const { secret } = await begun(one)
  await settle(one, [secret])
  one.setMode('down')
  for (let n = 0; n < 10_100; n++) await one.sessions.end({ secret: `made-up-${n}` }, { ...at(), by: 'logout' })
  expect(await one.sessions.end({ secret }, { ...at(), by: 'logout' })).toEqual({ ok: false })
  expect(await lookUpLeniently(one, secret)).toBe('session.none')
})
