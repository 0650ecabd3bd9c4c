import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPolicy } from '../streams/serving.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { connectHttp2, type Http2Client, makeTls } from '../support/http2.ts'
import { foldedValues, startUpstream, type Upstream } from '../support/upstream.ts'

const HOST = 'app.example.com'
const tls = makeTls([HOST, 'other.example.com'])

describe('a request over HTTP/2', () => {
  let upstream: Upstream
  let gateway: TestGateway
  let client: Http2Client
  beforeAll(async () => {
    upstream = await startUpstream()
    gateway = await startGateway({ policy: openPolicy(upstream.origin), ...tls })
    client = await connectHttp2({ port: gateway.port, host: HOST, ca: tls.ca })
  })
  afterAll(async () => {
    client.close()
    await gateway.close()
    await upstream.close()
  })

  test('goes to the upstream as the HTTP/1.1 request it stands for', async () => {
    const answer = await client.ask({
      ':path': '/a?b=1',
      cookie: ['one=1', 'two=2'],
      'x-forwarded-for': '6.6.6.6',
      te: 'trailers',
    })
    expect([answer.status, answer.whole]).toEqual([200, true])
    const served = upstream.served.at(-1)
    expect([served?.method, served?.target]).toEqual(['GET', '/a?b=1'])
    const of = (name: string) => foldedValues(served as never, name)
    expect([of('host'), of('cookie'), of('x-forwarded-for'), of('te')]).toEqual([[HOST], ['one=1; two=2'], ['127.0.0.1'], []])
    expect(of('transfer-encoding')).toEqual([])
  })

  test('has its body sent on, of stated length or not', async () => {
    const body = 'x'.repeat(300_000)
    const stated = await client.ask({ ':method': 'POST', ':path': '/', 'content-length': body.length }, body)
    expect([stated.status, upstream.served.at(-1)?.body.length]).toEqual([200, body.length])
    expect(foldedValues(upstream.served.at(-1) as never, 'content-length')).toEqual([String(body.length)])
    const unstated = await client.ask({ ':method': 'POST', ':path': '/' }, body)
    expect([unstated.status, upstream.served.at(-1)?.body.length]).toEqual([200, body.length])
    expect(foldedValues(upstream.served.at(-1) as never, 'transfer-encoding')).toEqual(['chunked'])
  })

  test('with HEAD has an answer without body', async () => {
    const answer = await client.ask({ ':method': 'HEAD', ':path': '/' })
    expect([answer.status, answer.whole, answer.body]).toEqual([200, true, ''])
  })

  test('for another host than the connection was made for is misdirected, and the connection goes on', async () => {
    const other = await client.ask({ ':authority': 'other.example.com', ':path': '/' })
    expect([other.status, other.whole]).toEqual([421, true])
    expect(JSON.parse(other.body)).toMatchObject({ reasons: [{ code: 'request.misdirected' }] })
    expect((await client.ask({ ':path': '/' })).status).toBe(200)
  })

  test('as early data is refused', async () => {
    expect((await client.ask({ ':path': '/', 'early-data': '1' })).status).toBe(425)
  })

  test('is recorded with what was sent, received and how it ended', async () => {
    const answer = await client.ask({ ':method': 'POST', ':path': '/kept' }, 'hello')
    const id = answer.headers['balustrade-decision']
    await expect
      .poll(async () => (await gateway.records()).filter((record) => 'id' in record && record.id === id))
      .toMatchObject([
        { kind: 'decision', outcome: 'allow' },
        { kind: 'completion', status: 200, end: 'complete' },
      ])
  })

  test.each([
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1', 'h2'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [undefined, false],
  ])('is offered in the handshake: %j gives %s', async (ALPNProtocols, chosen) => {
    const socket = connect({
      port: gateway.port,
      host: '127.0.0.1',
      servername: HOST,
      ca: tls.ca,
      ...(ALPNProtocols && { ALPNProtocols }),
    })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    expect(socket.alpnProtocol).toBe(chosen)
    socket.destroy()
  })

  test('leaves HTTP/1.1 on the same listener as it is', async () => {
    const socket = connect({ port: gateway.port, host: '127.0.0.1', servername: HOST, ca: tls.ca, ALPNProtocols: ['http/1.1'] })
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write(`GET /one HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)
    await closed
    expect(text.slice(0, 15)).toBe('HTTP/1.1 200 OK')
    expect(upstream.served.at(-1)?.target).toBe('/one')
  })
})
