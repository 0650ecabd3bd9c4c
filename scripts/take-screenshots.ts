// `node --conditions=source scripts/take-screenshots.ts`: takes the pictures of docs/images anew, with a Chromium of this machine: the pages
// of the demo's refusals as a browser shows them. CHROMIUM names another program.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as ask, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoRequest } from '../packages/balustrade/src/demo/requests.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs', 'images')
const MAIN = join(root, 'packages', 'balustrade', 'src', 'main.ts')
const SIZE = '760,340'

interface Picture {
  /** Note of the demo's request. */
  readonly note: string
  readonly file: string
}

const pictures: readonly Picture[] = [
  { note: 'a member is in the wrong group to administer', file: 'refusal.png' },
  { note: 'an administrator whose proof is forty minutes old', file: 'step-up.png' },
]

function findBrowser(): string {
  const names = [process.env['CHROMIUM'] ?? 'chromium', 'chromium-browser', 'google-chrome']
  const found = names.find((name) => spawnSync(name, ['--version']).status === 0)
  if (found === undefined) throw new Error('No Chromium is installed; install one, or name it in CHROMIUM.')
  return found
}

interface Demo {
  readonly requests: readonly DemoRequest[]
  readonly close: () => void
}

async function startDemo(): Promise<Demo> {
  const words = ['--conditions=source', MAIN, 'demo', '--port', '0', '--json']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.endsWith('\n}\n')) break
  }
  const { requests } = JSON.parse(text) as { readonly requests: readonly DemoRequest[] }
  return { requests, close: () => void child.kill('SIGINT') }
}

/** Sends what a browser asks for to the demo with the credential of one request: browsers send none by themselves. */
async function lendCredential(target: URL, authorization: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host: target.host, authorization }
    const sent = ask({ host: '127.0.0.1', port: target.port, path: incoming.url, method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(sent)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function take(browser: string, picture: Picture, { command }: DemoRequest): Promise<void> {
  const target = new URL(/http:\S+/.exec(command)?.[0] ?? '')
  const server = await lendCredential(target, /Authorization: ([^"]+)/.exec(command)?.[1] ?? '')
  const profile = mkdtempSync(join(tmpdir(), 'balustrade-browser-'))
  const { port } = server.address() as AddressInfo
  const words = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${profile}`,
    `--window-size=${SIZE}`,
    `--screenshot=${join(folder, picture.file)}`,
    `http://127.0.0.1:${port}${target.pathname}`,
  ]
  const child = spawn(browser, words, { stdio: 'ignore' })
  await once(child, 'exit')
  server.close()
  rmSync(profile, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const browser = findBrowser()
  mkdirSync(folder, { recursive: true })
  const demo = await startDemo()
  try {
    for (const picture of pictures) {
      const found = demo.requests.find(({ note }) => note === picture.note)
      if (found === undefined) throw new Error(`The demo has no request with the note: ${picture.note}`)
      await take(browser, picture, found)
      console.log(`wrote docs/images/${picture.file}`)
    }
  } finally {
    demo.close()
  }
}

await main()
