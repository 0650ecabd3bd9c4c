// Faults that people who log in must survive: the provider is down or tells nonsense, the store is busy or gone, a clock is off.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DecisionRecord } from '../../packages/core/src/model/log-record.ts'
import { openStage, type Stage, type StageOptions } from './relying-party.ts'

let stage: Stage
const open = async (options: StageOptions = {}): Promise<void> => {
  await stage.close()
  stage = await openStage(options)
}
beforeEach(async () => {
  stage = await openStage()
}, 30_000)
afterEach(() => stage.close())

const loginStatus = async (): Promise<number> => (await stage.browser().go(`${stage.origin}/`)).status

describe('the provider', () => {
  test('is down: sessions go on, a login gets one clear page, and all is well afterwards', async () => {
    const browser = await stage.loggedIn()
    stage.provider.behave({ down: true })
    expect((await browser.script(`${stage.origin}/`)).status).toBe(200)
    const served = stage.served.length
    const shown = await stage.browser().go(`${stage.origin}/`, { redirects: 1 })
    expect([303, 503]).toContain(shown.status)
    expect(stage.served.length).toBe(served)
    stage.provider.behave({})
    expect(await loginStatus()).toBe(200)
  }, 60_000)

  test('was never up: 503 with the reason, no half of a login', async () => {
    stage.provider.behave({ down: true })
    const shown = await stage.browser().go(`${stage.origin}/`)
    expect(shown.status).toBe(503)
    expect(shown.body).toContain('The provider cannot be reached.')
    expect(shown.headers['retry-after']).toBeDefined()
  }, 60_000)

  test.each([
    { note: 'hangs up when the code is redeemed', mischief: { tokenStatus: 503 }, status: [502, 503] },
    { note: 'has no keys any more', mischief: { keySetText: '{"keys":[]}' }, status: [502, 503] },
    { note: 'has a key set that is none', mischief: { keySetText: 'garbage' }, status: [502, 503] },
    { note: 'has a key set without end', mischief: { keySetText: `{"keys":[${'{},'.repeat(600_000)}{}]}` }, status: [502, 503] },
  ])(
    '$note: the login is refused, nothing weakens',
    async ({ mischief, status }) => {
      stage.provider.behave(mischief)
      const served = stage.served.length
      expect(status).toContain(await loginStatus())
      expect(stage.served.length).toBe(served)
      stage.provider.behave({})
    },
    60_000,
  )

  test('does not answer for its keys any more: those that are known are good for logins', async () => {
    await stage.loggedIn()
    stage.provider.behave({ keySetText: 'garbage' })
    expect(await loginStatus()).toBe(200)
  }, 60_000)
})

describe('a clock that is off', () => {
  const shifted = (seconds: number) => ({
    idToken: (all: Readonly<Record<string, unknown>>) => ({
      ...all,
      ...Object.fromEntries(['iat', 'exp', 'auth_time'].map((name) => [name, Number(all[name]) + seconds])),
    }),
  })
  test.each([
    { note: 'half a minute ahead', seconds: 25, status: 200 },
    { note: 'half a minute behind', seconds: -25, status: 200 },
    { note: 'five minutes ahead', seconds: 300, status: 502 },
    { note: 'ten minutes behind: what it issues has expired', seconds: -600, status: 502 },
  ])(
    '$note',
    async ({ seconds, status }) => {
      stage.provider.behave(shifted(seconds))
      expect(await loginStatus()).toBe(status)
    },
    60_000,
  )

  test('proof dated far ahead is never fresh', async () => {
    stage.provider.proves({ acr: 'passkey' })
    const browser = await stage.loggedIn()
    stage.provider.behave({ idToken: (all) => ({ ...all, auth_time: Math.floor(Date.now() / 1_000) + 50 }) })
    const other = stage.browser()
    expect((await other.go(`${stage.origin}/admin/x`)).status).not.toBe(200)
    stage.provider.behave({})
    expect((await browser.go(`${stage.origin}/admin/x`)).status).toBe(200)
  }, 60_000)
})

describe('the store', () => {
  test('is busy with a writer that does not end: sessions go on, logins get 503 in time, and work afterwards', async () => {
    const browser = await stage.loggedIn()
    const other = new DatabaseSync(join(stage.folder, 'state.db'))
    other.exec('BEGIN IMMEDIATE')
    const began = Date.now()
    expect((await browser.script(`${stage.origin}/`)).status).toBe(200)
    expect(await loginStatus()).toBe(503)
    expect(Date.now() - began).toBeLessThan(3_000)
    other.exec('ROLLBACK')
    other.close()
    await expect.poll(loginStatus, { timeout: 20_000, interval: 500 }).toBe(200)
  }, 60_000)

  /** Takes every table away, or gives it back. */
  const rename = (from: RegExp, to: (name: string) => string): void => {
    const other = new DatabaseSync(join(stage.folder, 'state.db'))
    const tables = other.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as unknown as readonly {
      readonly name: string
    }[]
    for (const { name } of tables) if (from.test(name)) other.exec(`ALTER TABLE "${name}" RENAME TO "${to(name)}"`)
    other.close()
  }
  const destroy = (): void => rename(/^(?!sqlite_)/, (name) => `gone_${name}`)
  const restore = (): void => rename(/^gone_/, (name) => name.slice('gone_'.length))
  const decisions = async (): Promise<readonly DecisionRecord[]> => stage.decisions()

  test('is gone, at a strict service: nobody knows whether a session was ended, so nobody gets in', async () => {
    const browser = await stage.loggedIn()
    destroy()
    const ask = async () => (await browser.script(`${stage.origin}/`)).status
    await expect.poll(ask, { timeout: 10_000, interval: 200 }).toBe(503)
    expect(await loginStatus()).toBe(503)
    restore()
    await expect.poll(ask, { timeout: 10_000, interval: 200 }).toBe(200)
  }, 60_000)

  test('is gone, at a lenient service: what was good just now is for a minute, and the log says so', async () => {
    await open({ service: '    sessions: lenient\n' })
    const browser = await stage.loggedIn()
    destroy()
    const unconfirmed = async () => {
      expect((await browser.script(`${stage.origin}/`)).status).toBe(200)
      return (await decisions()).filter(({ who }) => who?.unconfirmed === true).length
    }
    await expect.poll(unconfirmed, { timeout: 10_000, interval: 200 }).toBeGreaterThan(0)
    expect(await loginStatus()).toBe(503)
    const stranger = stage.browser()
    stranger.cookies.set('balustrade', 'B'.repeat(43))
    expect((await stranger.script(`${stage.origin}/`)).status).toBe(503)
  }, 60_000)
})
