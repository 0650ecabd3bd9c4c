import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DecisionRecord } from '../../packages/core/src/model/log-record.ts'
import { CALLERS, POLICY, type PointRequest, REQUESTS } from '../points/requests.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { connectHttp2, makeTls } from '../support/http2.ts'
import { makeIssuer, type TestIssuer } from '../support/issuer.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const HOST = 'app.example.com'
const tls = makeTls([HOST, 'other.example.com'])

/** What HTTP/2 has no way to say, or another name for: test/http2/frames.test.ts. */
const OF_HTTP1: ReadonlySet<string> = new Set(['Connection names Authorization', 'h2c', 'an absolute URI of another host'])

interface Got {
  readonly status: number
  readonly decision: string
  readonly challenge: string | undefined
  readonly body: string
}

/** Fields of a request by name and value, without Host. */
const fieldsOf = ({ fields = [], body }: PointRequest, token: string | null): readonly (readonly [string, string])[] => [
  ...(token === null ? [] : [['authorization', `Bearer ${token}`] as const]),
  ...fields.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)] as const),
  ...(body === undefined ? [] : [['content-length', String(body.length)] as const]),
]

const overHttp1 = async (port: number, request: PointRequest, token: string | null): Promise<Got> => {
  const { method = 'GET', target, host = HOST, body = '' } = request
  const socket = connect({ port, host: '127.0.0.1', servername: host, ca: tls.ca, ALPNProtocols: ['http/1.1'] })
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  const lines = fieldsOf(request, token).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${lines.join('')}\r\n${body}`, 'latin1')
  await new Promise((resolve) => socket.once('close', resolve))
  const at = text.indexOf('\r\n\r\n')
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(text.slice(0, at))?.[1]?.trim()
  const challenge = field('www-authenticate')
  return {
    status: Number(text.slice(9, 12)),
    decision: field('balustrade-decision') ?? '',
    challenge,
    body: text.slice(at + 4),
  }
}

const overHttp2 = async (port: number, request: PointRequest, token: string | null): Promise<Got> => {
  const { method = 'GET', target, host = HOST, body } = request
  const client = await connectHttp2({ port, host, ca: tls.ca })
  const headers: Record<string, string | string[]> = { ':method': method, ':path': target }
  for (const [name, value] of fieldsOf(request, token))
    headers[name] = name in headers ? [headers[name] ?? '', value].flat() : value
  const answer = await client.ask(headers, body)
  client.close()
  expect(answer.whole).toBe(true)
  const of = (name: string) => answer.headers[name] as string | undefined
  return {
    status: answer.status,
    decision: of('balustrade-decision') ?? '',
    challenge: of('www-authenticate'),
    body: answer.body,
  }
}

/** Everything of a record but which, when and how long. */
const comparable = (record: DecisionRecord) => ({
  ...record,
  seq: 0,
  id: '',
  at: 0,
  latency: 0,
  who: record.who === null ? null : { ...record.who, factors: record.who.factors.map(({ level }) => level) },
})

describe('HTTP/2 gives the same answers and the same records as HTTP/1.1', () => {
  let issuer: TestIssuer
  let upstream: Upstream
  let gateway: TestGateway
  const tokens = new Map<string, string>()
  beforeAll(async () => {
    issuer = await makeIssuer()
    upstream = await startUpstream()
    gateway = await startGateway({ policy: { 'app.yaml': POLICY(issuer.url, upstream.origin) }, ...tls })
    for (const [name, claims] of Object.entries(CALLERS)) tokens.set(name, await issuer.token(claims()))
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
    await issuer.close()
  })

  const recordOf = async (id: string): Promise<DecisionRecord> => {
    await expect.poll(async () => (await gateway.decisions()).some((record) => record.id === id)).toBe(true)
    return (await gateway.decisions()).find((record) => record.id === id) as DecisionRecord
  }
  /** As it was served, without what is of one decision alone. */
  const lastServed = () => {
    const { method, target, rawHeaders, body } = upstream.served.at(-1) ?? { method: '', target: '', rawHeaders: [], body: '' }
    const kept = rawHeaders.filter(
      (_, at) => !/^(balustrade-decision|x-balustrade-assertion)$/i.test(rawHeaders[at - (at % 2)] ?? ''),
    )
    return { method, target, kept: kept.map((word, at) => (at % 2 === 0 ? word.toLowerCase() : word)), body }
  }

  test.each(
    REQUESTS.filter(({ note }) => !OF_HTTP1.has(note)).map(
      (one) => [`${one.method ?? 'GET'} ${one.target.slice(0, 60)}: ${one.note}`, one] as const,
    ),
  )('%s', async (_, request) => {
    const token = request.as === undefined ? null : (tokens.get(request.as) ?? null)
    const before = upstream.served.length
    const old = await overHttp1(gateway.port, request, token)
    const servedOld = lastServed()
    const young = await overHttp2(gateway.port, request, token)
    expect([old.status, young.status]).toEqual([request.status, request.status])
    expect(young.challenge).toBe(old.challenge)
    if (request.status !== 200) expect(young.body.replaceAll(young.decision, '')).toBe(old.body.replaceAll(old.decision, ''))
    expect(upstream.served.length).toBe(before + (request.status === 200 ? 2 : 0))
    expect(lastServed()).toEqual(servedOld)
    const records = [await recordOf(old.decision), await recordOf(young.decision)] as const
    expect(records[1].reasons[0]?.code ?? null).toBe(request.reason)
    expect(comparable(records[1])).toEqual(comparable(records[0]))
  })

  test('leaves out only what HTTP/2 cannot say', () => {
    expect(REQUESTS.filter(({ note }) => OF_HTTP1.has(note)).length).toBe(OF_HTTP1.size)
  })
})
