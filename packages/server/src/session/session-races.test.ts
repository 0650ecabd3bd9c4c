import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { at, begun, lookUp, openWorld, person, type SessionWorld, START, warm } from '../../../../test/support/sessions.ts'
import type { Ending } from './sessions.ts'

let world: SessionWorld
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.close())

const wide: readonly { readonly note: string; readonly ending: Ending }[] = [
  { note: 'of the person', ending: { provider: 'corp', subject: 'ada' } },
  { note: 'of the session at the provider', ending: { provider: 'corp', sid: 's1' } },
  { note: 'of all', ending: 'all' },
]

describe.each(wide)('an end $note while there are step-ups in another process', ({ ending }) => {
  test('leaves none of them', async () => {
    const [here, there] = [await world.open(), await world.open()]
    for (let round = 0; round < 15; round++) {
      const made = await begun(here, { sid: 's1' })
      // One after the other, each under a new id, until one is refused.
      const secrets = [made.secret]
      const stepUps = (async () => {
        for (;;) {
          const next = await there.sessions.elevate(secrets.at(-1) ?? '', person({ sid: 's1' }), at())
          if (!next.ok || next.value === null) return
          secrets.push(next.value.secret)
        }
      })()
      for (let turn = 0; turn < round; turn++) await here.sessions.list(START)
      expect(await here.sessions.end(ending, { ...at(), by: 'provider' })).toMatchObject({ ok: true })
      await stepUps
      expect(await here.sessions.list(START)).toEqual({ ok: true, value: [] })
      for (const secret of secrets) expect(await lookUp(here, secret)).toBe('session.none')
    }
  })
})

test('requests that are under way with the old secret are refused from the moment the step-up is done', async () => {
  const one = await world.open()
  for (let round = 0; round < 30; round++) {
    const { secret } = await begun(one)
    if (round % 2 === 0) await warm(one, secret)
    const words: string[] = []
    let isDone = false
    const asking = (async () => {
      while (!words.includes('session.none')) {
        const word = await lookUp(one, secret)
        if (isDone) words.push(word)
        await new Promise((resolve) => void setImmediate(resolve))
      }
    })()
    const made = await one.sessions.elevate(secret, person(), at())
    isDone = true
    expect(made).toMatchObject({ ok: true, value: { session: { subject: 'ada' } } })
    await asking
    expect(words).toEqual(['session.none'])
  }
})

test('a use that is written while a session ends brings nothing back', async () => {
  const one = await world.open({ idle: 100 })
  const { secret } = await begun(one)
  for (let ms = 1; ms < 50; ms++) await lookUp(one, secret, START + ms)
  await one.sessions.end({ secret }, { ...at(START + 50), by: 'logout' })
  await one.sessions.close()
  const next = await world.open({ idle: 100 })
  expect(await lookUp(next, secret, START + 60)).toBe('session.none')
  expect(await next.sessions.list(START + 60)).toEqual({ ok: true, value: [] })
})

test('refreshes and step-ups at once lose neither', async () => {
  const [here, there] = [await world.open(), await world.open()]
  const { secret, session } = await begun(here)
  const tokens = { idToken: null, refreshToken: 'r2' }
  const [renewed, elevated] = await Promise.all([
    there.sessions.renew(session.id, { claims: { email: 'new@example.com' }, tokens }, START),
    here.sessions.elevate(secret, person({ proof: { amr: ['hwk'] } }), at()),
  ])
  if (!elevated.ok || elevated.value === null || !renewed.ok) throw new Error('refused')
  const kept = await here.sessions.tokensOf(elevated.value.secret, START)
  // The refresh came first and its token went along, or it found the session gone and nothing of it was kept.
  expect(kept).toEqual({ ok: true, value: renewed.value === null ? { idToken: null, refreshToken: null } : tokens })
})

test('neither the files of the store nor the log ever see a secret, a token or a claim that is nobody else’s business', async () => {
  const one = await world.open()
  const canary = 'CANARY-of-the-session'
  const given = { claims: { email: canary }, tokens: { idToken: canary, refreshToken: canary }, sid: canary, subject: 'ada' }
  const first = await begun(one, given)
  const made = await one.sessions.elevate(first.secret, person(given), at())
  if (!made.ok || made.value === null) throw new Error('refused')
  const second = await begun(one, given)
  await warm(one, second.secret)
  await one.sessions.end({ secret: second.secret }, { ...at(), by: 'logout' })
  await one.sessions.renew(made.value.session.id, { claims: { email: canary }, tokens: given.tokens }, START)
  await one.close()
  const secrets = [first.secret, made.value.secret, second.secret].flatMap((secret) => [
    secret,
    Buffer.from(secret, 'base64url').toString('latin1'),
  ])
  const files = readdirSync(world.folder).map((name) => readFileSync(join(world.folder, name)).toString('latin1'))
  expect(files.join('').length).toBeGreaterThan(0)
  const log = JSON.stringify(one.records)
  for (const text of [...files, log]) for (const hidden of [canary, ...secrets]) expect(text.includes(hidden)).toBe(false)
  expect(log).toContain(made.value.session.id)
})
