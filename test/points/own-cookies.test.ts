// What passes of cookies between a browser and what stands behind a point: never those of the point itself, in either direction.
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Application, createApplication } from '../../packages/core/src/application.ts'
import { CONDITIONS } from '../../packages/core/src/catalogue.ts'
import { createLogKey } from '../../packages/core/src/decision-log/log-key.ts'
import { createGuard } from '../../packages/core/src/middleware/node.ts'
import { compilePolicy } from '../../packages/core/src/policy/index.ts'
import { sendRaw, startGateway, type TestGateway } from '../support/gateway.ts'

const SECRET = 's'.repeat(43)
const SENT = `a=1; __Host-balustrade=${SECRET}; b="2"; balustrade=${SECRET}; BALUSTRADE-login=${SECRET}; c=3`
const LEFT = 'a=1; b="2"; c=3'
const SET = [
  'd=4; Path=/',
  `__Host-balustrade=${SECRET}; Path=/; Secure`,
  `=balustrade=${SECRET}`,
  'balustrade-login=; Max-Age=0',
]

const policy = (upstream: string) => `balustrade: 1
service: app
services:
  app: { hosts: [app.example.com], upstream: '${upstream}', forward-credential: true, routing: { case: sensitive, trailing-slash: distinct } }
public:
  all:
    what: { path: /**, any: [{ upgrade: websocket }, { method: [GET, POST] }] }
    owner: a@example.com
    approved-by: b@example.com
    reason: looks at cookies alone
    review: 2036-01-01
`

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const close = async (server: Server): Promise<void> => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** Remembers the Cookie fields it was sent, and sets cookies under every name. */
const createRecorder = () => {
  const cookies: unknown[] = []
  const server = createServer((message, response) => {
    cookies.push([
      message.headers.cookie,
      message.rawHeaders.filter((_, i) => i % 2 === 1 && /^cookie$/i.test(message.rawHeaders[i - 1] ?? '')),
    ])
    response.setHeader('Set-Cookie', SET)
    response.end('{}')
  })
  server.on('upgrade', (message, socket) => {
    cookies.push([message.headers.cookie])
    socket.on('error', () => socket.destroy())
    const lines = SET.map((value) => `set-cookie: ${value}\r\n`).join('')
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n${lines}\r\n`)
  })
  return { server, cookies }
}

const setIn = (head: string): readonly string[] =>
  [...head.matchAll(/^set-cookie: (.*)$/gim)].map(([, value = '']) => value.trim())

const bytesOf = (cookie: string, more: readonly string[] = ['Connection: close']): string =>
  ['GET /a HTTP/1.1', 'Host: app.example.com', `Cookie: ${cookie}`, ...more, '', ''].join('\r\n')

describe('cookies of the point', () => {
  const behind = createRecorder()
  const inside = createRecorder()
  let gateway: TestGateway
  let application: Application
  let guarded: Server
  let port: number
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-cookies-'))

  beforeAll(async () => {
    const text = policy(`http://127.0.0.1:${await listen(behind.server)}`)
    gateway = await startGateway({ policy: { 'app.yaml': text } })
    const { image } = compilePolicy([{ path: 'app.yaml', text }], { conditions: CONDITIONS, now: Date.now() })
    if (image === null) throw new Error('the policy has faults')
    application = await createApplication({
      image,
      log: { folder, origin: 'app.example.com/decisions', key: createLogKey().key },
    })
    const handler = inside.server.listeners('request')[0] as Parameters<ReturnType<typeof createGuard>['protect']>[0]
    guarded = createServer(createGuard(application).protect(handler))
    port = await listen(guarded)
  })
  afterAll(async () => {
    await close(guarded)
    await application.close()
    await gateway.close()
    await close(behind.server)
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([
    { note: 'among others', cookie: SENT, seen: LEFT },
    { note: 'alone', cookie: `__Host-balustrade=${SECRET}`, seen: undefined },
    { note: 'not there at all', cookie: LEFT, seen: LEFT },
  ])('do not reach what is behind it, nor come from there: $note', async ({ cookie, seen }) => {
    const lines = seen === undefined ? [] : [seen]
    const byGateway = await sendRaw(gateway.port, bytesOf(cookie), { idle: 10_000 })
    const byMiddleware = await sendRaw(port, bytesOf(cookie), { idle: 10_000 })
    expect([byGateway.status, byMiddleware.status]).toEqual([200, 200])
    expect([behind.cookies.at(-1), inside.cookies.at(-1)]).toEqual([
      [seen, lines],
      [seen, lines],
    ])
    expect([setIn(byGateway.head), setIn(byMiddleware.head)]).toEqual([[SET[0]], [SET[0]]])
  })

  test('nor through the handshake of a WebSocket', async () => {
    const handshake = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ]
    const head = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write(bytesOf(SENT, handshake)))
      socket.on('data', (bytes) => (text += bytes.toString('latin1')))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    expect(head).toMatch(/^HTTP\/1\.1 101 /)
    expect([behind.cookies.at(-1), setIn(head)]).toEqual([[LEFT], [SET[0]]])
  })
})
