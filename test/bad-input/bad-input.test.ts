// What goes wrong around a gateway, and what it answers: each row is a row of docs/guides/when-things-fail.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompletionRecord } from '../../packages/core/src/model/log-record.ts'
import { type Act, http, type RoughUpstream, startRough } from '../bypass/rough-upstreams.ts'
import { nouns, publicRule, serviceFile } from '../bypass/stage.ts'
import { root } from '../house/tree.ts'
import { sendRaw, startGateway, type TestGateway } from '../support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../support/issuer.ts'

const LIMITS =
  'limits: { upstream-connect: 500, upstream-header: 800, header-deadline: 500, body-idle: 500, upstream-body-idle: 800 }'

const usersMay = (service: string): string => `grants:\n  ${service}-users:\n    who: { group: users }\n    what: { path: /** }\n`

const OWN: Act = (socket) => socket.write(http('200 OK', 'here'))
/** How the upstream of `app` acts, by path. */
const ACTS: Readonly<Record<string, Act>> = {
  '/hangs': () => {},
  '/lies': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  '/stops': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab'),
}

let issuer: TestIssuer
let upstream: RoughUpstream
let gateway: TestGateway
/** An address where nobody listens. */
let nowhere: string
beforeAll(async () => {
  issuer = await makeIssuer()
  upstream = await startRough((socket, head) => (ACTS[head.split(' ')[1] ?? ''] ?? OWN)(socket, head))
  const gone = await startRough(() => {})
  await gone.close()
  nowhere = gone.origin
  const open = (name: string) => `public:\n${publicRule(`${name}-open`, '{ path: /** }')}`
  const provider = `  lost:\n    issuer: ${nowhere}\n    loopback: true\n    profile: rfc9068\n    algorithms: [ES256]\n    lifetime: 1h\n    groups-claim: groups\n    complete: [groups, mfa]\n`
  const lost = serviceFile({ name: 'lost', upstream: upstream.origin, rules: usersMay('lost') }).replace(
    'providers: corp',
    'providers: lost',
  )
  gateway = await startGateway({
    policy: {
      'nouns.yaml': nouns(issuer.url).replace('groups: [users', `${provider}groups: [users`),
      'app.yaml': serviceFile({ name: 'app', upstream: upstream.origin, rules: open('app') }),
      'down.yaml': serviceFile({ name: 'down', upstream: nowhere, rules: open('down') }),
      'users.yaml': serviceFile({ name: 'users', upstream: upstream.origin, rules: usersMay('users') }),
      'lost.yaml': lost,
    },
    config: LIMITS,
  })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
  await issuer.close()
})

const head = (host: string, target: string, ...fields: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, `Host: ${host}.example.com`, 'Connection: close', ...fields, '', ''].join('\r\n')

const bearer = async (claims: Readonly<Record<string, unknown>>): Promise<string> =>
  `Authorization: Bearer ${await issuer.token({ groups: ['users'], ...claims })}`
const seconds = (): number => Math.floor(Date.now() / 1_000)

interface Row {
  readonly note: string
  readonly bytes: () => string | Promise<string>
  /** 0: no answer, the connection is closed. */
  readonly status: number
  /** Code of the reason in the answer; null: the answer is the upstream's, broken off, or none. */
  readonly code: string | null
  /** Reason of the decision in the log; null: it allowed. */
  readonly recorded: string | null
  /** How the exchange ended, for what was allowed. */
  readonly end?: string
  readonly reached: boolean
}

const rows: readonly Row[] = [
  {
    note: 'upstream down',
    bytes: () => head('down', '/'),
    status: 502,
    code: 'upstream.unreachable',
    recorded: null,
    end: 'complete',
    reached: false,
  },
  {
    note: 'upstream hanging',
    bytes: () => head('app', '/hangs'),
    status: 504,
    code: 'upstream.timeout',
    recorded: null,
    end: 'complete',
    reached: true,
  },
  {
    note: 'upstream lying about its length',
    bytes: () => head('app', '/lies'),
    status: 502,
    code: 'upstream.invalid',
    recorded: null,
    end: 'complete',
    reached: true,
  },
  {
    note: 'upstream stopping within a body',
    bytes: () => head('app', '/stops'),
    status: 200,
    code: null,
    recorded: null,
    end: 'upstream.timeout',
    reached: true,
  },
  {
    note: 'client slow with its header',
    bytes: () => 'GET / HTTP/1.1\r\nHost: app.example.com\r\nX-',
    status: 408,
    code: 'gateway.too_slow',
    recorded: 'gateway.too_slow',
    reached: false,
  },
  {
    note: 'client slow with its body',
    bytes: () => 'POST /hangs HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 1000\r\n\r\na',
    status: 0,
    code: null,
    recorded: null,
    end: 'client.gone',
    reached: true,
  },
  {
    note: 'header of 100 kB',
    bytes: () => head('app', '/', `X-Long: ${'a'.repeat(100_000)}`),
    status: 431,
    code: 'gateway.header_too_large',
    recorded: 'gateway.header_too_large',
    reached: false,
  },
  {
    note: '2,500 header fields',
    bytes: () => head('app', '/', ...Array.from({ length: 2_500 }, (_none, n) => `X-${n}: 1`)),
    status: 431,
    code: 'gateway.header_too_large',
    recorded: 'gateway.header_too_large',
    reached: false,
  },
  {
    note: 'bytes that are no HTTP',
    bytes: () => '\u0016\u0003\u0001\u0002\u0000hello',
    status: 400,
    code: 'gateway.bad_message',
    recorded: 'gateway.bad_message',
    reached: false,
  },
  {
    note: 'identity provider down',
    bytes: async () => head('lost', '/', await bearer({ iss: nowhere })),
    status: 503,
    code: 'credential.keys_unavailable',
    recorded: 'credential.keys_unavailable',
    reached: false,
  },
  {
    note: 'clock of the provider ahead',
    bytes: async () => head('users', '/', await bearer({ iat: seconds() + 600, exp: seconds() + 900 })),
    status: 401,
    code: 'credential.not_yet_valid',
    recorded: 'credential.not_yet_valid',
    reached: false,
  },
  {
    note: 'clock of the provider behind',
    bytes: async () => head('users', '/', await bearer({ iat: seconds() - 600, exp: seconds() - 300 })),
    status: 401,
    code: 'credential.expired',
    recorded: 'credential.expired',
    reached: false,
  },
]

const codeIn = (body: string): string | null => /urn:balustrade:[a-z]+:([a-z_.]+)/.exec(body)?.[1] ?? null

describe('what goes wrong is answered as the guide says, and recorded', () => {
  test.each(rows)('$note', async (row) => {
    const before = { heads: upstream.heads.length, records: (await gateway.records()).length }
    const got = await sendRaw(gateway.port, await row.bytes(), { idle: 20_000 })
    expect([got.status, codeIn(got.body), got.closed]).toEqual([row.status, row.code, true])
    expect(upstream.heads.length - before.heads).toBe(row.reached ? 1 : 0)
    const news = async () => (await gateway.records()).slice(before.records)
    const decided = async () => (await news()).flatMap((record) => (record.kind === 'decision' ? [record] : []))
    await expect.poll(async () => (await decided()).length).toBe(1)
    const [decision] = await decided()
    expect([decision?.outcome === 'allow', decision?.reasons[0]?.code ?? null]).toEqual([row.recorded === null, row.recorded])
    if (row.end === undefined) return
    const ends = async () =>
      (await news()).filter((record): record is CompletionRecord => record.kind === 'completion').map(({ end }) => end)
    await expect.poll(ends).toEqual([row.end])
  })

  test('and then the gateway serves as before', async () => {
    expect((await sendRaw(gateway.port, head('app', '/'))).body).toBe('here')
    const token = await bearer({})
    expect((await sendRaw(gateway.port, head('users', '/', token))).status).toBe(200)
  })

  test('in a guide that names every row', () => {
    const guide = readFileSync(join(root, 'docs', 'guides', 'when-things-fail.md'), 'utf8')
    for (const { note } of rows) expect(guide).toContain(note)
  })
})
