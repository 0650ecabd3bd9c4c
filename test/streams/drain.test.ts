import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CompletionRecord } from '../../packages/core/src/model/log-record.ts'
import { sendRaw, startGateway, type TestGateway } from '../support/gateway.ts'
import { type PacedUpstream, startPaced } from './paced-upstream.ts'
import { type Heard, HOST, openConnection, openPolicy, openSocket, serve, type Serving } from './serving.ts'

let upstream: PacedUpstream
let gateway: Serving

const PROXIED = "  - { address: '127.0.0.1:0', proxy-protocol: { from: [127.0.0.0/8] } }"
const PROXY_LINE = 'PROXY TCP4 127.0.0.9 127.0.0.1 4000 80\r\n'

const begin = async (limits: string, listeners?: string): Promise<void> => {
  const policy = openPolicy(upstream.origin)
  gateway = await serve({ policy, config: `limits: { ${limits} }`, ...(listeners === undefined ? {} : { listeners }) })
}

const ends = async (): Promise<readonly string[]> =>
  (await gateway.records())
    .filter((record): record is CompletionRecord => record.kind === 'completion')
    .map(({ end }) => end)
    .toSorted()

interface Asked {
  readonly target: string
  readonly heard: Heard | null
}

/** Asks on one connection until it is closed, for a new target each time. */
const askOn = async (name: string) => {
  const connection = await openConnection(gateway.port)
  const answers: Asked[] = []
  const ask = async () => {
    for (let n = 0; !connection.closed(); n++) {
      const target = `/${name}/${n}`
      answers.push({ target, heard: await connection.ask(target) })
    }
  }
  return { answers, over: ask() }
}

const askLong = async (target: string): Promise<() => Promise<Heard | null>> => {
  const connection = await openConnection(gateway.port)
  const answer = connection.ask(target)
  return () => answer
}

/** Longer than any test: what ends before it did not end for it. */
const LONG = 'drain: 900000'

describe('SIGTERM', () => {
  beforeEach(async () => {
    upstream = await startPaced()
  })
  afterEach(async () => {
    await gateway.close()
    await upstream.close()
  })

  test('breaks no answer, tells who keeps a connection to go, hangs up on WebSockets, and ends with 0', async () => {
    await begin(LONG)
    const loops = await Promise.all(['one', 'two', 'three', 'four'].map(askOn))
    const long = await Promise.all(['/held/1', '/held/2', '/late/1'].map(askLong))
    const idle = await openConnection(gateway.port)
    expect((await idle.ask('/first'))?.status).toBe(200)
    const unused = await openConnection(gateway.port)
    const socket = await openSocket(gateway.port)
    await expect.poll(() => upstream.waiting.length).toBe(3)
    await expect.poll(() => Math.min(...loops.map(({ answers }) => answers.length))).toBeGreaterThan(3)

    const ended = gateway.end()
    await socket.closed
    await Promise.all(loops.map(({ over }) => over))
    await expect.poll(() => [idle.closed(), unused.closed()]).toEqual([true, true])
    for (const response of upstream.waiting) response.end('the end')
    for (const answer of long) {
      const heard = await answer()
      expect([heard?.status, heard?.whole]).toEqual([200, true])
      expect(heard?.body).toContain('the end')
    }
    expect(await ended).toBe(0)

    const asked = loops.flatMap(({ answers }) => answers)
    expect(asked.filter(({ heard }) => heard !== null && (heard.status !== 200 || !heard.whole))).toEqual([])
    const answered = new Set(asked.filter(({ heard }) => heard !== null).map(({ target }) => target))
    expect(upstream.served.filter((target) => /^\/(one|two|three|four)/.test(target) && !answered.has(target))).toEqual([])
    for (const { answers } of loops)
      expect(answers.findLast(({ heard }) => heard !== null)?.heard?.head).toMatch(/^connection: close/im)
    expect(new Set(await ends())).toEqual(new Set(['complete', 'gateway.draining']))
  })

  test('waits for what does not end no longer than `drain`: it is cut, never rounded off, and the status is 0', async () => {
    await begin('drain: 700')
    const long = await Promise.all(['/late/1', '/held/1', '/events/1'].map(askLong))
    await expect.poll(() => upstream.waiting.length).toBe(3)
    expect(await gateway.end()).toBe(0)
    for (const answer of long) expect((await answer())?.whole ?? false).toBe(false)
    expect(await ends()).toEqual(['gateway.draining', 'gateway.draining', 'gateway.draining'])
  })

  test('is over at once when nobody asks, kept and unused connections notwithstanding, behind a PROXY header too', async () => {
    await begin(LONG, PROXIED)
    const used = await openConnection(gateway.port)
    used.socket.write(PROXY_LINE)
    expect((await used.ask('/first'))?.status).toBe(200)
    const unused = await openConnection(gateway.port)
    unused.socket.write(PROXY_LINE)
    expect(await gateway.end()).toBe(0)
    expect([used.closed(), unused.closed()]).toEqual([true, true])
  })
})

describe('the deadline for a header', () => {
  let here: TestGateway | null = null
  afterEach(() => here?.close())

  test.each([
    ['of a plain listener', {}, ''],
    ['behind a PROXY header', { listeners: PROXIED }, PROXY_LINE],
  ])('%s ends a connection that sends half of one', async (_note, listeners, first) => {
    here = await startGateway({
      policy: openPolicy('http://127.0.0.1:1'),
      config: 'limits: { header-deadline: 300 }',
      ...listeners,
    })
    const got = await sendRaw(here.port, `${first}GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-`, { idle: 30_000 })
    expect([got.status, got.closed]).toEqual([408, true])
  })
})
