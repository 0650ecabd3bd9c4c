// People log in at the demo with a real browser: what they see, what they must prove, and where they come to.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describePeer } from '../support/peer.ts'
import { type DemoProcess, startDemoProcess } from '../support/started-demo.ts'
import { addAuthenticator, openVisit, type Visit } from './visit.ts'

describePeer('chromium', (executablePath) => {
  let browser: Browser
  let demo: DemoProcess
  let visit: Visit
  beforeAll(async () => {
    // As root, in a container, Chromium has no sandbox of its own.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    demo = await startDemoProcess()
  })
  afterAll(async () => {
    await browser.close()
    await demo.stop()
  })
  beforeEach(async () => {
    visit = await openVisit(browser, { demo: demo.printed })
  })
  afterEach(() => visit.close())

  const textOf = () => visit.page.getByRole('main').innerText()
  const path = () => new URL(visit.page.url()).pathname
  const atGateway = () => new URL(visit.page.url()).origin === demo.printed.urls.gateway

  test('a member who is asked to log in comes to the page that was asked for', async () => {
    await visit.go('/')
    await visit.sees('Sample service')
    await visit.page.getByRole('link', { name: 'Notes' }).click()
    await visit.signIn('mia')
    await visit.sees('Notes')
    expect({ path: path(), atGateway: atGateway() }).toEqual({ path: '/api/notes', atGateway: true })
    expect(await textOf()).toContain('demo/mia, of members')
  })

  test('a wrong password is told, and the right one goes on from there', async () => {
    await visit.go('/api/notes')
    await visit.signIn('mia', 'wrong')
    await visit.page.getByRole('alert').waitFor()
    expect(await visit.page.getByRole('alert').innerText()).toBe('This name and password do not belong together.')
    await visit.signIn('mia')
    await visit.sees('Notes')
  })

  test('who cancels is told so, and may try again', async () => {
    await visit.go('/api/notes')
    await visit.sees('Sign in')
    await visit.press('Cancel')
    await visit.sees('Signing in did not work')
    expect(atGateway()).toBe(true)
    await visit.page.getByRole('link', { name: 'Try again' }).click()
    await visit.sees('Sign in')
  })

  describe.each([
    { note: 'with script', script: true, name: 'mia' },
    { note: 'without script', script: false, name: 'uma' },
  ])('a form that needs a second factor, $note', ({ script, name }) => {
    test('is kept over the step-up, shown before it is sent, and sent once', async () => {
      await visit.close()
      visit = await openVisit(browser, { demo: demo.printed, script })
      await visit.go('/api/notes')
      await visit.signIn(name)
      await visit.sees('Notes')
      const note = `a note of ${name} & <others>`
      await visit.page.getByLabel('A new note').fill(note)
      await visit.press('Add')
      await visit.enterCode(name)
      await visit.sees('Send your form')
      await visit.press('Send the form')
      await visit.sees('Notes')
      const notes = await visit.page.getByRole('listitem').allInnerTexts()
      expect(notes.filter((each) => each === note)).toHaveLength(1)
      await visit.page.getByLabel('A new note').fill(`another ${note}`)
      await visit.press('Add')
      await visit.page.getByText(`another ${note}`).waitFor()
    })
  })

  test('a member is told that administration is not for members; logging in again would not help', async () => {
    await visit.go('/admin/users')
    await visit.signIn('mia')
    await visit.sees('Not allowed')
    expect(await textOf()).toContain('Nothing in the policy allows this request.')
  })

  test('who signs out is signed out here and at the provider, and what is open is cut', async () => {
    await visit.go('/api/live')
    await visit.signIn('mia')
    await visit.sees('Live')
    await visit.page.getByText('connected').waitFor()
    const other = await visit.context.newPage()
    await other.goto(`${demo.printed.urls.gateway}/.balustrade/logout`)
    await other.getByRole('button', { name: 'Sign out' }).click()
    await other.waitForURL(`${demo.printed.urls.provider}/**`)
    await visit.page.getByText(/closed: /).waitFor()
    await other.getByRole('button', { name: 'Sign out' }).click()
    await other.getByRole('heading', { name: 'You are signed out' }).waitFor()
    expect(new URL(other.url()).pathname).toBe('/.balustrade/logged-out')
    await visit.go('/api/notes')
    await visit.sees('Sign in')
  })

  test('every page of a logout is in order', async () => {
    await visit.go('/api/notes')
    await visit.signIn('gus')
    await visit.sees('Not allowed')
    await visit.go('/.balustrade/logout')
    await visit.sees('Sign out')
    await visit.press('Sign out')
    await visit.page.waitForURL(`${demo.printed.urls.provider}/**`)
    await visit.sees('Sign out')
    await visit.press('Sign out')
    await visit.sees('You are signed out')
  })

  test('administrators step up with a passkey, again when it is too old, and only from the office', async () => {
    const rules = join(demo.printed.folder.policy, 'rules.yaml')
    const before = readFileSync(rules, 'utf8')
    await addAuthenticator(visit)
    await visit.go('/admin/users')
    await visit.signIn('ada')
    await visit.enterCode('ada')
    await visit.sees('Create a passkey')
    await visit.press('Create a passkey')
    await visit.sees('Use your passkey')
    await visit.press('Use a passkey')
    await visit.sees('Administration')
    expect({ path: path(), atGateway: atGateway() }).toEqual({ path: '/admin/users', atGateway: true })

    writeFileSync(rules, before.replace('max-age: 15m', 'max-age: 8s'))
    await visit.page.waitForTimeout(10_000)
    await visit.go('/admin/users')
    await visit.sees('Use your passkey')
    await visit.press('Use a passkey')
    await visit.sees('Administration')
    writeFileSync(rules, before)

    const { elsewhere } = demo.printed.urls
    if (elsewhere === null) return
    await visit.page.goto(`${elsewhere}/admin/users`)
    await visit.sees('Not allowed')
    expect(await textOf()).toContain('network')
  })

  describe('over TLS', () => {
    let secure: DemoProcess
    beforeAll(async () => {
      secure = await startDemoProcess('--tls')
    })
    afterAll(() => secure.stop())

    test('a login, a step-up with a form, and a logout that the provider tells the gateway of, go through', async () => {
      await visit.close()
      visit = await openVisit(browser, { demo: secure.printed })
      await visit.go('/api/notes')
      await visit.signIn('mia')
      await visit.sees('Notes')
      const cookies = await visit.context.cookies(secure.printed.urls.gateway)
      expect(cookies.find(({ name }) => name.startsWith('__Host-balustrade'))).toMatchObject({
        secure: true,
        httpOnly: true,
        path: '/',
      })
      await visit.page.getByLabel('A new note').fill('over TLS')
      await visit.press('Add')
      await visit.enterCode('mia')
      await visit.sees('Send your form')
      await visit.press('Send the form')
      await visit.page.getByText('over TLS').waitFor()
      await visit.page.goto(`${secure.printed.urls.provider}/session/end`)
      await visit.sees('Sign out')
      await visit.press('Sign out')
      await visit.sees('Signed out')
      await visit.go('/api/notes')
      await visit.sees('Sign in')
    })
  })
})
