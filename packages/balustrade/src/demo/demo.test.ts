import { type ChildProcess, spawn } from 'node:child_process'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DemoRequest } from './start-demo.ts'

const MAIN = join(import.meta.dirname, '..', 'main.ts')

interface Printed {
  readonly requests: readonly DemoRequest[]
  readonly places: Readonly<Record<string, string>>
}

const start = (): { readonly child: ChildProcess; readonly printed: Promise<Printed> } => {
  const child = spawn(process.execPath, ['--conditions=source', MAIN, 'demo', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = new Promise<Printed>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text) as Printed)
    })
    child.once('exit', () => reject(new Error('the demo ended')))
  })
  return { child, printed }
}

const UPGRADE = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

const send = ({ url, family, token, websocket }: DemoRequest): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(websocket ? UPGRADE : {}) }
    const sent = httpRequest(url, { family, headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })

describe('the demo', () => {
  let child: ChildProcess
  let printed: Printed
  beforeAll(async () => {
    const started = start()
    child = started.child
    printed = await started.printed
  }, 30_000)
  afterAll(() => void child.kill('SIGKILL'))

  test('prints five requests or more, and each comes out as printed', async () => {
    expect(printed.requests.length).toBeGreaterThanOrEqual(5)
    for (const request of printed.requests) expect([request.note, await send(request)]).toEqual([request.note, request.status])
  })

  test('shows metrics where it says', async () => {
    const text = await (await fetch(printed.places.metrics as string, { signal: AbortSignal.timeout(5_000) })).text()
    expect(text).toContain('balustrade_decisions_total{service="demo",outcome="allow"')
  })

  test('ends on an interrupt', async () => {
    const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  })
})
