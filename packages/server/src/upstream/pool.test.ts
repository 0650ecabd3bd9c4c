import type { IncomingMessage } from 'node:http'
import { request as askNode } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { http, type RoughUpstream, startRough } from '../../../../test/bypass/rough-upstreams.ts'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { createUpstreamPool, type PoolLimits, type UpstreamPool } from './pool.ts'

const NO_BODY = null as unknown as IncomingMessage
const LIMITS: PoolLimits = { connections: 2, headBytes: 4_096, headWithin: 400 }

/** What became of one request. */
interface Got {
  readonly status: number | null
  readonly body: string
  readonly end: string
}

let upstream: RoughUpstream
let acting: (socket: Socket, head: string) => void
const sockets: Socket[] = []
beforeAll(async () => {
  upstream = await startRough((socket, head) => {
    if (!sockets.includes(socket)) sockets.push(socket)
    acting(socket, head)
  })
})
afterAll(() => upstream.close())

const makePool = (limits: Partial<PoolLimits> = {}): UpstreamPool => {
  const made = createUpstreamPool({
    origin: upstream.origin,
    tls: { ca: undefined },
    connectWithin: 1_000,
    limits: { ...LIMITS, ...limits },
    monotonic: () => performance.now(),
  })
  onTestFinished(made.destroy)
  return made
}

const ask = (pool: UpstreamPool, target = '/', method = 'GET'): Promise<Got> =>
  new Promise((resolve) => {
    let status: number | null = null
    let body = ''
    pool.send(
      { method, target, headers: ['host', 'a.test'], framing: 0, body: NO_BODY },
      {
        onHead: (head) => {
          status = head.status
        },
        onData: (bytes) => {
          body += bytes.toString('latin1')
        },
        onEnd: () => resolve({ status, body, end: 'complete' }),
        onFailure: (end) => resolve({ status, body, end }),
      },
    )
  })

/** The same through another client of HTTP. */
const askOracle = (): Promise<Got> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(upstream.origin)
    let status: number | null = null
    let body = ''
    const asked = askNode({ host: hostname, port, agent: false }, (response) => {
      status = response.statusCode ?? null
      response.setEncoding('latin1')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status, body, end: 'complete' }))
      response.on('error', () => resolve({ status, body, end: 'failed' }))
    })
    asked.setTimeout(1_000, () => asked.destroy())
    asked.on('error', () => resolve({ status, body, end: 'failed' }))
    asked.on('upgrade', () => resolve({ status: 101, body, end: 'failed' }))
    asked.end()
  })

/** The other client reads the same, or calls the connection broken for what stands behind the answer, which ours never reads. */
const expectSame = (oracle: Got, ours: Got, note?: string): void => {
  const told = { status: oracle.status, body: oracle.end === 'failed' ? ours.body : oracle.body }
  expect(told, note).toEqual({ status: ours.status, body: ours.body })
  expect(ours.body.startsWith(oracle.body), note).toBe(true)
}

/** Writes an answer in pieces and hangs up. */
const inPieces = (text: string, cuts: readonly number[] = []) => {
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < text.length), text.length])].sort((a, b) => a - b)
  return (socket: Socket) => {
    let from = 0
    for (const end of ends) {
      socket.write(text.slice(from, end), 'latin1')
      from = end
    }
    socket.end()
  }
}

const countSockets = async (pool: UpstreamPool, answer: string): Promise<number> => {
  acting = (socket) => socket.write(answer)
  const before = sockets.length
  for (let n = 0; n < 4; n++) await ask(pool)
  return sockets.length - before
}

describe('connections', () => {
  test.each([
    ['of a stated length', http('200 OK', 'ab'), 1],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n', 1],
    ['that close', http('200 OK', 'ab', ['Connection: close']), 4],
    ['with something behind them', `${http('200 OK', 'ab')}HTTP/1.1`, 4],
  ])('serve another request after answers %s as far as that is safe', async (_note, answer, opened) => {
    expect(await countSockets(makePool(), answer)).toBe(opened)
  })

  test('are at most as many as allowed; who comes later waits, and each gets its own answer', async () => {
    acting = (socket, head) => setTimeout(() => socket.write(http('200 OK', head.split(' ')[1])), 20)
    const before = sockets.length
    const pool = makePool()
    const targets = Array.from({ length: 9 }, (_none, n) => `/${n}`)
    const got = await Promise.all(targets.map((target) => ask(pool, target)))
    expect(got.map(({ body }) => body)).toEqual(targets)
    expect(sockets.length - before).toBe(2)
  })

  test('are given up when nothing comes, also by who waits for one', async () => {
    acting = () => {}
    const pool = makePool({ connections: 1 })
    const got = await Promise.all([ask(pool), ask(pool)])
    expect(got.map(({ end }) => end)).toEqual(['upstream.timeout', 'upstream.timeout'])
  })

  test('end when bytes come that nobody asked for', async () => {
    acting = (socket) => socket.write(http('200 OK', 'ab'))
    const pool = makePool()
    await ask(pool)
    sockets.at(-1)?.write(http('200 OK', 'for somebody else'))
    await vi.waitFor(() => expect(sockets.at(-1)?.destroyed).toBe(true))
    expect((await ask(pool)).body).toBe('ab')
  })

  test('whose answer was held back to its last byte carry the next request', async () => {
    acting = (socket, head) => socket.write(http('200 OK', head.split(' ')[1]))
    const pool = makePool({ connections: 1 })
    const heldBack = (): Promise<void> =>
      new Promise((resolve, reject) => {
        let hold: () => void = () => {}
        pool.send(
          { method: 'GET', target: '/held', headers: ['host', 'a.test'], framing: 0, body: NO_BODY },
          {
            onHead: (_head, flow) => {
              hold = flow.pause
            },
            onData: () => hold(),
            onEnd: resolve,
            onFailure: reject,
          },
        )
      })
    const before = sockets.length
    await heldBack()
    expect(await ask(pool, '/next')).toEqual({ status: 200, body: '/next', end: 'complete' })
    expect(sockets.length - before).toBe(1)
  })

  test('of a pool that is retired finish what they carry', async () => {
    acting = (socket) => setTimeout(() => socket.write(http('200 OK', 'ab')), 50)
    const pool = makePool()
    const [under, emptied] = [ask(pool), vi.fn<() => void>()]
    pool.retire(emptied)
    expect((await under).body).toBe('ab')
    await vi.waitFor(() => expect(emptied).toHaveBeenCalledTimes(1))
  })

  test('of a pool that is destroyed fail what they carry and what waits', async () => {
    acting = () => {}
    const pool = makePool({ connections: 1 })
    const got = [ask(pool), ask(pool)]
    pool.destroy()
    expect((await Promise.all(got)).map(({ end }) => end)).toEqual(['upstream.unreachable', 'upstream.unreachable'])
  })
})

test('of an exchange that was aborted nothing is told, and its answer reaches nobody', async () => {
  acting = (socket, head) => setTimeout(() => socket.write(http('200 OK', head.split(' ')[1])), 30)
  const pool = makePool({ connections: 1 })
  const told = vi.fn<() => void>()
  const sink = { onHead: told, onData: told, onEnd: told, onFailure: told }
  pool.send({ method: 'GET', target: '/gone', headers: [], framing: 0, body: NO_BODY }, sink).abort()
  expect((await ask(pool, '/next')).body).toBe('/next')
  expect(told).not.toHaveBeenCalled()
})

const head = fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', 'HTTP/1.1 204 No Content', 'HTTP/1.1 404 Not Found')
const field = fc.constantFrom(
  'Content-Length: 3',
  'Content-Length: 0',
  'Content-Length: 03',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip',
  'Connection: close',
  'Connection: keep-alive',
  'X-A: 1',
  ' folded',
  'X-B : 2',
  'X-C',
)
const body = fc.constantFrom(
  'abc',
  '',
  '3\r\nabc\r\n0\r\n\r\n',
  '3\nabc\r\n0\r\n\r\n',
  '3 \r\nabc\r\n0\r\n\r\n',
  '2\r\nabc\r\n0\r\n\r\n',
  'abcHTTP/1.1 200 OK\r\n\r\n',
)
const eol = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r')

describe('answers', () => {
  test('property: one that is taken for whole is what node:http reads, however it is cut', { timeout: 60_000 }, async () => {
    const answer = fc
      .tuple(head, fc.array(field, { maxLength: 3 }), eol, body)
      .map(([first, fields, end, rest]) => `${[first, ...fields].join(end)}${end}${end}${rest}`)
    const pool = makePool()
    let whole = 0
    await fc.assert(
      fc.asyncProperty(answer, fc.array(fc.nat(120), { maxLength: 4 }), async (text, cuts) => {
        acting = inPieces(text, cuts)
        const ours = await ask(pool)
        if (ours.end !== 'complete') return
        whole++
        expectSame(await askOracle(), ours)
      }),
      { numRuns: 400 },
    )
    expect(whole).toBeGreaterThan(40)
  })

  describeCorpus('http-parsing/llhttp-cases.json', (path) => {
    interface Case {
      readonly title: string
      readonly type: string
      readonly input: string
      readonly error: readonly { readonly code: string }[] | null
    }
    const cases = (JSON.parse(readFileSync(join(path), 'utf8')) as readonly Case[]).filter(({ type }) => type === 'response')
    test('what a strict parser must refuse is not taken for whole', async () => {
      const pool = makePool()
      for (const { title, input } of cases.filter(({ error }) => error !== null)) {
        acting = inPieces(input)
        const got = await ask(pool)
        // An error behind the first answer is that of the next one, which nobody reads.
        if (got.end === 'complete') expectSame(await askOracle(), got, title)
      }
      expect(cases.length).toBeGreaterThan(70)
    })

    test('what is well formed is read as node:http reads it, or refused for being read in two ways', async () => {
      const pool = makePool()
      const stricter: string[] = []
      for (const { title, input } of cases.filter(({ error }) => error === null)) {
        acting = inPieces(input)
        const [ours, oracle] = [await ask(pool), await askOracle()]
        if (ours.end === 'complete') expectSame(oracle, ours, title)
        else if (oracle.end === 'complete') stricter.push(title)
      }
      expect(stricter.length, stricter.join('\n')).toBeLessThanOrEqual(12)
    })
  })
})
