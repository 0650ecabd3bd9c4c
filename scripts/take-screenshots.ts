// `node --conditions=source scripts/take-screenshots.ts`: takes the pictures of docs/images anew, with a Chromium of this machine: the
// pages that people see who use the demo with a browser. CHROMIUM names another program.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { peer } from '../test/support/peer.ts'
import { codeOf, personOf, type PrintedDemo, startDemoProcess } from '../test/support/started-demo.ts'

const folder = join(import.meta.dirname, '..', 'docs', 'images')
const SIZE = { width: 760, height: 380 }

function findBrowser(): string {
  const names = [process.env['CHROMIUM'] ?? 'chromium', 'chromium-browser', 'google-chrome']
  const found = names.map((name) => (name.includes('/') ? name : peer(name))).find((path) => path !== null)
  if (found === undefined) throw new Error('No Chromium is installed; install one, or name it in CHROMIUM.')
  return found
}

/** What is pictured, and how to come there. */
interface Picture {
  readonly file: string
  readonly heading: string
  readonly steps: (page: Page, demo: PrintedDemo) => Promise<unknown>
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

async function signIn(page: Page, demo: PrintedDemo, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(personOf(demo, name).password)
  await press(page, 'Sign in')
}

const pictures: readonly Picture[] = [
  {
    file: 'refusal.png',
    heading: 'Not allowed',
    steps: async (page, demo) => {
      await page.goto(`${demo.urls.gateway}/admin/users`)
      await signIn(page, demo, 'mia')
    },
  },
  {
    file: 'form-kept.png',
    heading: 'Send your form',
    steps: async (page, demo) => {
      await page.goto(`${demo.urls.gateway}/api/notes`)
      await signIn(page, demo, 'mia')
      await page.getByLabel('A new note').fill('Buy paint for the railing')
      await press(page, 'Add')
      await page.getByLabel(/^Code/).fill(codeOf(demo, 'mia'))
      await press(page, 'Continue')
    },
  },
]

async function take(browser: Browser, demo: PrintedDemo, picture: Picture): Promise<void> {
  const page = await browser.newPage({ viewport: SIZE })
  await picture.steps(page, demo)
  await page.getByRole('heading', { level: 1, name: picture.heading }).waitFor()
  await page.screenshot({ path: join(folder, picture.file) })
  await page.close()
  console.log(`wrote docs/images/${picture.file}`)
}

async function main(): Promise<void> {
  const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] })
  mkdirSync(folder, { recursive: true })
  const { printed, stop } = await startDemoProcess()
  try {
    for (const picture of pictures) await take(browser, printed, picture)
  } finally {
    await browser.close()
    await stop()
  }
}

await main()
