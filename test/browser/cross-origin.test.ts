// What a page of another origin can do with the session of whoever opens it, in a real browser. Another port of the same host is the
// hardest case: cookies do not tell ports apart, and to SameSite the two are one site.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describePeer } from '../support/peer.ts'
import { type DemoProcess, startDemoProcess } from '../support/started-demo.ts'
import { openVisit, type Visit } from './visit.ts'

const escaped = (html: string) => html.replaceAll('&', '&amp;').replaceAll('"', '&quot;')

/** Sends itself; in the whole window, also from a frame. */
const formTo = (url: string, note: string) =>
  `<form id="f" method="post" target="_top" action="${url}"><input name="note" value="${note}"></form><script>document.getElementById('f').submit()</script>`

/** Pages that do harm, by path. */
const pagesFor = (gateway: string): Readonly<Record<string, string>> => ({
  '/form': formTo(`${gateway}/api/notes`, 'by a form'),
  '/quiet-form': `<meta name="referrer" content="no-referrer">${formTo(`${gateway}/api/notes`, 'by a quiet form')}`,
  '/frame': `<iframe sandbox="allow-forms allow-scripts allow-top-navigation" srcdoc="${escaped(formTo(`${gateway}/api/notes`, 'by a frame'))}"></iframe>`,
  '/logout': formTo(`${gateway}/.balustrade/logout`, 'signed out'),
  '/empty': '<!doctype html><title>empty</title>',
})

describePeer('chromium', (executablePath) => {
  let browser: Browser
  let demo: DemoProcess
  let visit: Visit
  let server: Server
  let origin = ''
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    demo = await startDemoProcess()
    const pages = pagesFor(demo.printed.urls.gateway)
    server = createServer((message, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(pages[message.url ?? ''] ?? '')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://localhost:${(server.address() as AddressInfo).port}`
    visit = await openVisit(browser, { demo: demo.printed })
    await visit.go('/api/notes')
    await visit.signIn('uma')
    await visit.sees('Notes')
    await visit.page.getByLabel('A new note').fill('her own')
    await visit.press('Add')
    await visit.enterCode('uma')
    await visit.sees('Send your form')
    await visit.press('Send the form')
    await visit.sees('Notes')
  })
  afterAll(async () => {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
    await demo.stop()
  })

  const notes = async () => {
    await visit.go('/api/notes')
    await visit.sees('Notes')
    return visit.page.getByRole('listitem').allInnerTexts()
  }

  /** Opens the page, and gives the status that the gateway answers what it sends with. */
  const statusOf = async (path: string): Promise<number> => {
    const answered = visit.page.waitForResponse((response) => response.request().method() === 'POST')
    await visit.page.goto(`${origin}${path}`, { waitUntil: 'commit' })
    const response = await answered
    await visit.page.waitForURL(`${demo.printed.urls.gateway}/**`)
    return response.status()
  }

  test.each([
    { note: 'a form', path: '/form', status: 403 },
    { note: 'a form of a page that tells no referrer', path: '/quiet-form', status: 403 },
    // Of another site to browsers, so that it comes without the session.
    { note: 'a form in a sandboxed frame, which has no origin', path: '/frame', status: 401 },
    { note: 'a form that signs out', path: '/logout', status: 403 },
  ])('$note is refused, and nothing came of it', async ({ path, status }) => {
    expect(await statusOf(path)).toBe(status)
    expect(await notes()).toEqual(['her own'])
  })

  test('must pass: a form of a page of the service that tells no referrer, which comes with the origin null', async () => {
    await visit.go('/api/notes')
    await visit.page.evaluate(`document.head.insertAdjacentHTML('beforeend', '<meta name="referrer" content="no-referrer">')`)
    await visit.page.getByLabel('A new note').fill('quietly')
    const sent = visit.page.waitForRequest((request) => request.method() === 'POST')
    await visit.press('Add')
    expect((await (await sent).allHeaders())['origin']).toBe('null')
    await visit.page.getByText('quietly').waitFor()
  })

  test('a WebSocket is not opened, one of a page of the service is', async () => {
    const opens = () =>
      visit.page.evaluate(
        (url) =>
          new Promise<boolean>((resolve) => {
            const socket = new WebSocket(url)
            socket.addEventListener('open', () => resolve(true))
            socket.addEventListener('error', () => resolve(false))
          }),
        `${demo.printed.urls.gateway.replace('http', 'ws')}/socket`,
      )
    await visit.page.goto(`${origin}/empty`)
    expect(await opens()).toBe(false)
    await visit.go('/api/notes')
    expect(await opens()).toBe(true)
  })

  test('a script reads nothing and changes nothing', async () => {
    await visit.page.goto(`${origin}/empty`)
    const outcomes = await visit.page.evaluate(async (gateway) => {
      const ask = (options: RequestInit) =>
        fetch(`${gateway}/api/notes`, { credentials: 'include', ...options }).then(
          (response) => response.type,
          () => 'failed',
        )
      const form = { method: 'POST', body: new URLSearchParams({ note: 'by a script' }) }
      return [await ask({}), await ask(form), await ask({ ...form, mode: 'no-cors' })]
    }, demo.printed.urls.gateway)
    expect(outcomes).toEqual(['failed', 'failed', 'opaque'])
    expect(await notes()).not.toContain('by a script')
  })
})
