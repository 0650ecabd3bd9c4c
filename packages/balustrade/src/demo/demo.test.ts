import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser, createBrowser } from '../../../../test/oidc/browser.ts'
import { type DemoProcess, personOf, startDemoProcess } from '../../../../test/support/started-demo.ts'
import type { DemoRequest } from './requests.ts'

const MAIN = join(import.meta.dirname, '..', 'main.ts')
const run = promisify(execFile)

/** Executes the very line that is printed; curl leaves a WebSocket by its time limit. */
const execute = async ({ command }: DemoRequest): Promise<string> => {
  const { stdout } = await run('sh', ['-c', `${command} || true`], { encoding: 'latin1' })
  return stdout
}

const balustrade = async (...words: readonly string[]): Promise<string> =>
  (await run(process.execPath, ['--conditions=source', MAIN, ...words])).stdout

const README = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'README.md'), 'utf8')
const tour = README.slice(README.indexOf('## Two minutes'), README.indexOf('## The verbs'))

/** Rows of the tour: what is asked, the status promised, and what is quoted of the answer. */
const rows = Array.from(tour.matchAll(/^\| (?!request |---)(.+?) \| (\d{3})(.*) \|$/gm), ([, note = '', status, rest = '']) => ({
  note,
  status: Number(status),
  // A quoted address or the name of a block is no part of the answer.
  quoted: Array.from(rest.matchAll(/`([^`]+)`/g), ([, text = '']) => text).filter(
    (text) => /[=":]/.test(text) && !text.startsWith('['),
  ),
}))

/** Command lines of the tour, without what follows them. */
const lines = Array.from(tour.matchAll(/^npm run balustrade -- (.*?)\s+#.*$/gm), ([, line = '']) => line)

describe('the demo', () => {
  let demo: DemoProcess
  beforeAll(async () => {
    demo = await startDemoProcess()
  }, 30_000)
  afterAll(() => demo.stop())

  test('prints requests of every kind of answer', () => {
    const { requests, urls } = demo.printed
    expect(requests.length).toBe(urls.elsewhere === null ? 9 : 10)
    expect(new Set(requests.map(({ status }) => status))).toEqual(new Set([200, 401, 403, 101]))
  })

  test('every printed request comes out as printed', async () => {
    for (const request of demo.printed.requests) {
      const got = await execute(request)
      expect({ note: request.note, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(got)?.[1]) }).toEqual({
        note: request.note,
        status: request.status,
      })
      for (const text of request.shows) expect(got.toLowerCase()).toContain(text.toLowerCase())
    }
  }, 30_000)

  test('is what npm start runs', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'package.json'), 'utf8')
    const { scripts } = JSON.parse(text) as { readonly scripts: Readonly<Record<string, string>> }
    expect(scripts['start']?.split(' && ').at(-1)).toBe('npm run --silent demo')
    expect(scripts['demo']).toBe('node --conditions=source packages/balustrade/src/main.ts demo')
    expect(scripts['balustrade']).toBe('node --conditions=source packages/balustrade/src/main.ts')
  })

  test('the tour of the README is what is printed, and comes out as it says', async () => {
    const { requests, urls } = demo.printed
    const notes = requests.map(({ note }) => note)
    expect(
      rows
        .map(({ note }) => note)
        .filter((note) => urls.elsewhere !== null || !note.includes('elsewhere'))
        .sort(),
    ).toEqual(notes.sort())
    expect(rows.flatMap(({ quoted }) => quoted).length).toBeGreaterThan(4)
    for (const { note, status, quoted } of rows) {
      const request = requests.find((each) => each.note === note)
      if (request === undefined) continue
      const got = await execute(request)
      expect({ note, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(got)?.[1]) }).toEqual({ note, status })
      for (const text of quoted) expect(got.toLowerCase()).toContain(text.toLowerCase())
    }
  }, 60_000)

  test('the commands of the tour show what happened, and why', async () => {
    const { requests, folder } = demo.printed
    const refused = requests.find(({ note }) => note === 'a member is in the wrong group to administer')
    const id = /balustrade-decision: (\S+)/i.exec(await execute(refused as DemoRequest))?.[1] ?? ''
    const said: string[] = []
    for (const line of lines) {
      const words = line.split(' ').map((word) => (word === '<folder>' ? folder.log : word === '<id>' ? id : word))
      said.push(await balustrade(...words))
    }
    expect(said).toEqual([
      expect.stringContaining('deny GET localhost/admin/users by demo/mia'),
      expect.stringMatching(/decision: deny[^]*Judged again by the policy of that time: the same/),
    ])
  }, 60_000)

  test('metrics and the log are where it says, and the log is whole', async () => {
    const { urls, folder } = demo.printed
    const metrics = await (await fetch(urls.metrics, { signal: AbortSignal.timeout(5_000) })).text()
    expect(metrics).toContain('balustrade_decisions_total{service="demo",outcome="allow"')
    const shown = await balustrade('log', 'show', folder.log, '--kind', 'decision', '-n', '20')
    expect(shown).toContain('challenge GET localhost/admin/users by demo/ada')
    expect(await balustrade('log', 'verify', folder.log, '--key', folder.logKey)).toContain('The log is whole')
  }, 30_000)

  test('what the gateway itself writes is no change of the policy', () => {
    expect(demo.told().match(/The policy is in force/g)).toHaveLength(1)
  })

  test('an edited policy is in force soon, and a faulty one changes nothing', async () => {
    const { urls, folder } = demo.printed
    const rules = join(folder.policy, 'rules.yaml')
    const before = readFileSync(rules, 'utf8')
    const front = async () => (await fetch(`${urls.gateway}/`, { signal: AbortSignal.timeout(5_000) })).status
    writeFileSync(rules, before.slice(0, before.indexOf('public:')))
    await expect.poll(front, { timeout: 10_000 }).toBe(401)
    writeFileSync(rules, `${before}nonsense: 1\n`)
    await expect.poll(demo.told, { timeout: 10_000 }).toContain('the last good one stays in force')
    expect(await front()).toBe(401)
    writeFileSync(rules, before)
    await expect.poll(front, { timeout: 10_000 }).toBe(200)
  }, 40_000)

  test('an open WebSocket is cut when the grant goes', async () => {
    const { requests, folder } = demo.printed
    const socket = requests.find(({ status }) => status === 101) as DemoRequest
    const rules = join(folder.policy, 'rules.yaml')
    const before = readFileSync(rules, 'utf8')
    let ended = false
    const open = execute({ ...socket, command: socket.command.replace('-m 2', '-m 60') }).then((got) => {
      ended = true
      return got
    })
    const opened = async () => (await balustrade('log', 'show', folder.log, '--kind', 'decision', '-n', '1')).includes('/socket')
    await expect.poll(opened, { timeout: 20_000 }).toBe(true)
    expect(ended).toBe(false)
    writeFileSync(rules, before.replace(/^ {2}members-open-the-socket:\n(?: {4}.*\n)*/m, ''))
    expect(await open).toContain('101')
    writeFileSync(rules, before)
  }, 90_000)

  test('an interrupt ends it, and the temporary folder is gone', async () => {
    const ended = new Promise((resolve) => demo.child.once('exit', (code) => resolve(code)))
    demo.child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(existsSync(demo.printed.folder.policy)).toBe(false)
  }, 15_000)
})

describe('the demo over TLS', () => {
  let demo: DemoProcess
  beforeAll(async () => {
    demo = await startDemoProcess('--tls')
  })
  afterAll(() => demo.stop())

  test('every printed request comes out as printed, to who trusts the authority that is named', async () => {
    expect(demo.printed.folder.ca).not.toBeNull()
    for (const request of demo.printed.requests) {
      const got = await execute(request)
      expect({ note: request.note, status: Number(/^HTTP\/(?:1\.1|2) (\d{3})/.exec(got)?.[1]) }).toEqual({
        note: request.note,
        status: request.status,
      })
    }
    const [first] = demo.printed.requests as [DemoRequest]
    expect(await execute({ ...first, command: first.command.replace(/--cacert \S+ /, '') })).toBe('')
  })

  test('plain http is not answered', async () => {
    const [first] = demo.printed.requests as [DemoRequest]
    expect(await execute({ ...first, command: first.command.replace('https:', 'http:') })).not.toContain('Sample service')
  })
})

describe('a demo in a folder of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-folder-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const notes = (demo: DemoProcess, browser: Browser) => browser.go(`${demo.printed.urls.gateway}/api/notes`)

  test('is the same demo after a restart: people, their secrets, and who was logged in; what is kept of them reloads nothing', async () => {
    const browser = createBrowser('localhost')
    const first = await startDemoProcess('--folder', folder)
    const page = await notes(first, browser)
    const fields = new URLSearchParams({ do: 'password', name: 'mia', password: personOf(first.printed, 'mia').password })
    const shown = await browser.submit(page.url, fields.toString(), first.printed.urls.provider)
    expect(shown.body).toContain('<strong>demo/mia</strong>')
    await first.stop()

    const second = await startDemoProcess('--folder', folder)
    const secretsOf = (demo: DemoProcess) => demo.printed.people.map(({ password, totpSecret }) => ({ password, totpSecret }))
    expect(secretsOf(second)).toEqual(secretsOf(first))
    expect((await notes(second, browser)).body).toContain('<strong>demo/mia</strong>')
    expect(await balustrade('sessions', 'list', '--config', second.printed.folder.config)).toContain('demo/mia')
    for (const each of [first, second]) expect(each.told().match(/The policy is in force/g)).toHaveLength(1)
    await second.stop()
  })
})
