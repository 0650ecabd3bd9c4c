// A person at a real browser, for tests of what people see: goes to pages of the demo, answers the identity provider, and looks at
// every page it comes to.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { expect } from 'vitest'
import { codeOf, personOf, type PrintedDemo } from '../support/started-demo.ts'
import { accessibilityFaults } from './accessible.ts'

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** The browser's own protocol. One for all: when a session ends, so does what others set up. */
  readonly session: CDPSession
  /** Goes to a path of the gateway, and looks at the page it comes to. */
  readonly go: (path: string) => Promise<void>
  /** Presses a button, and looks at the page that follows. */
  readonly press: (name: string) => Promise<void>
  /** Looks at the page: its heading is this one, and nothing is wrong with it for anybody. */
  readonly sees: (heading: string) => Promise<void>
  readonly signIn: (name: string, password?: string) => Promise<void>
  readonly enterCode: (name: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** A folder for pictures of every page that is seen, where BALUSTRADE_PICTURES names one. */
const pictures = process.env['BALUSTRADE_PICTURES'] ?? null

export const openVisit = async (
  browser: Browser,
  { demo, script = true }: { readonly demo: PrintedDemo; readonly script?: boolean },
): Promise<Visit> => {
  const context = await browser.newContext({
    javaScriptEnabled: script,
    viewport: { width: 760, height: 560 },
    ignoreHTTPSErrors: true,
  })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  let seen = 0

  const picture = async (heading: string): Promise<void> => {
    if (pictures === null) return
    mkdirSync(pictures, { recursive: true })
    seen += 1
    const name = `${Date.now()}-${seen}-${heading.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.png`
    await page.screenshot({ path: join(pictures, name) })
  }

  /** A machine that is busy may keep a login too late; the page says so, and a person presses its button. */
  const tryAgain = async (wanted: string): Promise<void> => {
    const busy = page.getByText('The sign-in could not be kept.')
    const either = page.getByRole('heading', { level: 1, name: wanted, exact: true }).or(busy)
    await either.first().waitFor()
    if (await busy.isVisible()) await page.getByRole('link', { name: 'Try again' }).click()
  }

  const sees = async (heading: string): Promise<void> => {
    await tryAgain(heading)
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    expect({ heading, faults: await accessibilityFaults(page, session) }).toEqual({ heading, faults: [] })
    await picture(heading)
  }

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()

  return {
    page,
    context,
    session,
    go: async (path) => void (await page.goto(`${demo.urls.gateway}${path}`)),
    press,
    sees,
    signIn: async (name, password = personOf(demo, name).password) => {
      await sees('Sign in')
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Password').fill(password)
      await page.keyboard.press('Enter')
    },
    enterCode: async (name) => {
      await sees('Enter a code')
      await page.getByLabel(/^Code of your authenticator app/).fill(codeOf(demo, name))
      await press('Continue')
    },
    close: () => context.close(),
  }
}

/** Gives the browser an authenticator that verifies its user: what a phone or a laptop with a fingerprint reader is. */
export const addAuthenticator = async ({ session }: Visit): Promise<void> => {
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}
