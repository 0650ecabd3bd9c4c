// Pages of the gateway itself around a login, in a real browser: the choice between providers, and every way in which a login ends in
// nothing. Each is looked at as people see it who do not see it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HostileProvider, startHostileProvider } from '../oidc/hostile-provider.ts'
import { CLIENT_ID, openStage, type Stage } from '../oidc/relying-party.ts'
import { describePeer } from '../support/peer.ts'
import { accessibilityFaults } from './accessible.ts'

const pictures = process.env['BALUSTRADE_PICTURES'] ?? null

describePeer('chromium', (executablePath) => {
  let browser: Browser
  let partner: HostileProvider
  let stage: Stage
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    partner = await startHostileProvider(CLIENT_ID)
    stage = await openStage({ partner: partner.issuer })
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await stage.close()
    await partner.close()
  })

  interface Seat {
    readonly page: Page
    readonly session: CDPSession
  }

  /** A browser without anything of former visits, and without script: no page here needs any. */
  const sit = async (): Promise<Seat> => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 760, height: 480 } })
    context.setDefaultTimeout(20_000)
    const page = await context.newPage()
    return { page, session: await context.newCDPSession(page) }
  }

  const sees = async ({ page, session }: Seat, heading: string, text: string): Promise<void> => {
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    expect(await page.locator('main').innerText()).toContain(text)
    expect(await accessibilityFaults(page, session)).toEqual([])
    if (pictures === null) return
    mkdirSync(pictures, { recursive: true })
    await page.screenshot({
      path: join(
        pictures,
        `${heading}-${text}`
          .toLowerCase()
          .replaceAll(/[^a-z]+/g, '-')
          .slice(0, 80) + '.png',
      ),
    })
  }

  test('people choose between providers, by keyboard alone, and come to what they wanted', async () => {
    const seat = await sit()
    await seat.page.goto(`${stage.origin}/page`)
    await sees(seat, 'Sign in', 'With whom do you have an account?')
    expect(await seat.page.getByRole('link').allInnerTexts()).toEqual(['Example Ltd', 'Partner Inc'])
    await seat.page.keyboard.press('Tab')
    await seat.page.keyboard.press('Tab')
    await seat.page.keyboard.press('Enter')
    await seat.page.getByText('served /page for partner/alice').waitFor()
    expect(partner.at('/authorize')).toHaveLength(1)
  }, 60_000)

  test('a form of a page that lets forms go nowhere else is kept over a step-up, and sent again', async () => {
    const seat = await sit()
    await seat.page.goto(`${stage.origin}/form`)
    await seat.page.getByRole('link', { name: 'Example Ltd' }).click()
    await seat.page.getByRole('heading', { name: 'Pay' }).waitFor()
    stage.provider.proves({ acr: 'otp' })
    await seat.page.getByLabel('Amount').fill('12 & 3')
    await seat.page.getByRole('button', { name: 'Pay' }).click()
    await sees(seat, 'Send your form', 'was kept and has not been sent yet')
    await seat.page.getByRole('button', { name: 'Send the form' }).click()
    await seat.page.getByText('served /pay for op/alice').waitFor()
    expect(stage.served.filter((line) => line.includes('/pay'))).toEqual(['POST /pay amount=12+%26+3'])
    stage.provider.proves({})
  }, 60_000)

  test('a step-up goes to the provider of the session, without a choice', async () => {
    const seat = await sit()
    await seat.page.goto(`${stage.origin}/page`)
    await seat.page.getByRole('link', { name: 'Example Ltd' }).click()
    await seat.page.getByText('served /page for op/alice').waitFor()
    stage.provider.proves({ acr: 'passkey' })
    await seat.page.goto(`${stage.origin}/admin/users`)
    await seat.page.getByText('served /admin/users for op/alice').waitFor()
    stage.provider.proves({})
  }, 60_000)

  test('a provider that vouches for less ends in one refusal, not in a circle', async () => {
    const seat = await sit()
    await seat.page.goto(`${stage.origin}/page`)
    await seat.page.getByRole('link', { name: 'Example Ltd' }).click()
    const before = stage.provider.at('/authorize').length
    stage.provider.proves({ acr: 'otp' })
    await seat.page.goto(`${stage.origin}/admin/users`)
    await sees(seat, 'Signing in did not work', 'did not vouch for the proof that was asked for')
    expect(stage.provider.at('/authorize').length - before).toBe(1)
    stage.provider.proves({})
  }, 60_000)

  test.each([
    { note: 'a provider that does not redeem its own codes', mischief: { tokenStatus: 503 }, text: 'The provider' },
    { note: 'a token of somebody else', mischief: { signedBy: 'stranger' as const }, text: 'not signed by the provider' },
    {
      note: 'a provider that says no',
      mischief: {
        callback: (all: object) => ({
          ...all,
          code: undefined,
          error: 'access_denied',
          error_description: '<b>ask the attacker</b>',
        }),
      },
      text: 'The provider did not sign you in.',
    },
  ])(
    '$note: a page that says so, in our words',
    async ({ mischief, text }) => {
      const seat = await sit()
      stage.provider.behave(mischief)
      await seat.page.goto(`${stage.origin}/page`)
      await seat.page.getByRole('link', { name: 'Example Ltd' }).click()
      await sees(seat, 'Signing in did not work', text)
      expect(await seat.page.content()).not.toContain('attacker')
      stage.provider.behave({})
    },
    60_000,
  )
})
