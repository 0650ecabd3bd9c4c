// What strangers can have kept is bounded: logins under way and forms, for each address and in all.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage } from './relying-party.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 30_000)
afterAll(() => stage.close())

test('an address that begins logins without end is told to wait; others, and who is logged in, are not disturbed', async () => {
  const browser = await stage.loggedIn()
  const start = String((await stage.browser().go(`${stage.origin}/page`, { redirects: 0 })).headers['location'])
  const begin = async () => (await stage.browser().go(new URL(start, stage.origin).href, { redirects: 0 })).status
  const statuses = new Map<number, number>()
  for (let sent = 0; sent < 1_010; sent += 10) {
    for (const status of await Promise.all(Array.from({ length: 10 }, begin)))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  // One place was taken by the login before. A store under load may refuse one or the other in time, which takes a place as well.
  expect(statuses.get(429)).toBe(11)
  expect((statuses.get(303) ?? 0) + (statuses.get(503) ?? 0)).toBe(999)
  expect(statuses.get(303)).toBeGreaterThan(900)
  expect((await browser.script(`${stage.origin}/`)).status).toBe(200)
}, 60_000)

test('so many forms are kept and no more', async () => {
  const answers: number[] = []
  for (let sent = 0; sent < 22; sent++) {
    const browser = stage.browser()
    browser.cookies.set('balustrade-login', `${'C'.repeat(42)}${String.fromCharCode(65 + sent)}`)
    answers.push((await browser.submit(`${stage.origin}/pay`, 'a=1')).status)
  }
  // A form that was kept goes on to a login, for which this address has no place left; one that was not is answered itself.
  expect(answers).toEqual([...Array.from({ length: 20 }, () => 429), 401, 401])
}, 60_000)
