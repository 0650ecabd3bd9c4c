import { connect } from 'node:http2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nouns, serviceFile } from '../bypass/stage.ts'
import { type PacedUpstream, startPaced } from '../streams/paced-upstream.ts'
import { openPolicy, serve, type Serving } from '../streams/serving.ts'
import { type BulkUpstream, startBulk } from '../streams/transfer.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { answerOf, connectHttp2, type Http2Client, makeTls } from '../support/http2.ts'
import { makeIssuer } from '../support/issuer.ts'

const HOST = 'app.example.com'
const tls = makeTls([HOST])
const MIB = 1_048_576

const clientOf = (port: number): Promise<Http2Client> => connectHttp2({ port, host: HOST, ca: tls.ca })

describe('an event stream', () => {
  const grant = (group: string) => `  ${group}:\n    who: { group: ${group} }\n    what: { path: /** }\n`

  test('that loses its grant is reset alone; others of its connection go on', async () => {
    const issuer = await makeIssuer()
    const upstream = await startPaced()
    const app = (rules: string) =>
      serviceFile({
        name: 'app',
        upstream: upstream.origin,
        more: '    streams: { recheck: 1h }\n',
        rules: `grants:\n${rules}`,
      })
    const policy = { 'nouns.yaml': nouns(issuer.url), 'app.yaml': app(grant('users') + grant('admins')) }
    const gateway = await startGateway({ policy, ...tls })
    const client = await clientOf(gateway.port)
    const open = async (group: string) =>
      client.ask({ ':path': `/events/${group}`, authorization: `Bearer ${await issuer.token({ groups: [group] })}` })
    const [user, admin] = [open('users'), open('admins')]
    await expect.poll(() => upstream.waiting.length).toBe(2)
    for (const response of upstream.waiting) response.write('data: 1\n\n')

    gateway.write('app.yaml', app(grant('admins')))
    await gateway.running.reload()
    expect(await user).toMatchObject({ status: 200, whole: false, reset: 2 })
    for (const response of upstream.waiting) response.end('data: 2\n\n')
    expect(await admin).toMatchObject({ status: 200, body: 'data: 1\n\ndata: 2\n\n', whole: true })
    await expect
      .poll(async () =>
        (await gateway.records()).flatMap((record) => (record.kind === 'completion' ? [record.end] : [])).toSorted(),
      )
      .toEqual(['complete', 'decision.lost'])
    client.close()
    await Promise.all([gateway.close(), upstream.close(), issuer.close()])
  })
})

describe('a large body', () => {
  let upstream: BulkUpstream
  let gateway: TestGateway
  let client: Http2Client
  beforeEach(async () => {
    upstream = await startBulk()
    gateway = await startGateway({ policy: openPolicy(upstream.origin), ...tls })
    client = await clientOf(gateway.port)
  })
  afterEach(async () => {
    client.close()
    await gateway.close()
    await upstream.close()
  })

  /** Until it has been the same for a while. */
  const settled = async (of: () => number): Promise<number> => {
    let before = -1
    while (before !== of()) {
      before = of()
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    return before
  }

  test('is not read from the upstream before its client takes it', async () => {
    const size = 64 * MIB
    const stream = client.session.request({ ':authority': HOST, ':path': `/down/${size}` })
    stream.pause()
    let received = 0
    const done = new Promise<void>((resolve) => stream.on('end', resolve))
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    stream.pause()
    await expect.poll(upstream.sent).toBeGreaterThan(0)
    expect(await settled(upstream.sent)).toBeLessThan(size / 2)
    stream.resume()
    await done
    expect(received).toBe(size)
  })

  test('is not read from its client before the upstream takes it', async () => {
    const size = 64 * MIB
    upstream.read(false)
    let sent = 0
    const stream = client.session.request({ ':authority': HOST, ':path': '/up', ':method': 'POST', 'content-length': size })
    const answer = answerOf(stream)
    const piece = Buffer.alloc(65_536, 'a')
    const more = (): void => {
      while (sent < size && stream.write(piece)) sent += piece.length
      if (sent >= size) return void stream.end()
      sent += piece.length
      stream.once('drain', more)
    }
    more()
    await expect.poll(() => sent).toBeGreaterThan(65_536)
    expect(await settled(() => sent)).toBeLessThan(size / 2)
    upstream.read(true)
    expect((await answer).status).toBe(200)
    expect(upstream.received()).toBe(size)
  })
})

describe('SIGTERM', () => {
  let upstream: PacedUpstream
  let gateway: Serving
  beforeEach(async () => {
    upstream = await startPaced()
  })
  afterEach(async () => {
    await gateway.close()
    await upstream.close()
  })

  test('breaks no answer, says GOAWAY, and ends with 0 after the last stream', async () => {
    gateway = await serve({ policy: openPolicy(upstream.origin), config: 'limits: { drain: 900000 }', ...tls })
    const [busy, idle] = [await clientOf(gateway.port), await clientOf(gateway.port)]
    const codes: number[] = []
    for (const { session } of [busy, idle]) session.on('goaway', (code) => codes.push(code))
    expect((await idle.ask({ ':path': '/first' })).whole).toBe(true)
    const long = ['/held/1', '/late/1'].map((path) => busy.ask({ ':path': path }))
    await expect.poll(() => upstream.waiting.length).toBe(2)

    const ended = gateway.end()
    await expect.poll(() => idle.session.destroyed).toBe(true)
    expect(busy.session.destroyed).toBe(false)
    for (const response of upstream.waiting) response.end('the end')
    for (const answer of await Promise.all(long)) {
      expect(answer).toMatchObject({ status: 200, whole: true })
      expect(answer.body).toContain('the end')
    }
    expect(await ended).toBe(0)
    expect([codes.length > 1, new Set(codes)]).toEqual([true, new Set([0])])
  })

  test('serves what is asked until the client has heard of it, or refuses it so that it can be asked elsewhere', async () => {
    gateway = await serve({ policy: openPolicy(upstream.origin), config: 'limits: { drain: 900000 }', ...tls })
    const clients = await Promise.all([1, 2, 3].map(() => clientOf(gateway.port)))
    const answers: { readonly path: string; readonly whole: boolean; readonly reset: number }[] = []
    const loops = clients.map(async ({ ask, session }, name) => {
      for (let n = 0; !session.closed && !session.destroyed; n++) {
        const path = `/${name}/${n}`
        answers.push({ path, ...(await ask({ ':path': path })) })
      }
    })
    await expect.poll(() => answers.length).toBeGreaterThan(20)
    expect(await gateway.end()).toBe(0)
    await Promise.all(loops)
    // REFUSED_STREAM: a client that has just heard of it, or that we told so; nobody was asked, and it may ask again elsewhere.
    const broken = answers.filter(({ whole, reset, path }) => !whole && (reset !== 7 || upstream.served.includes(path)))
    expect(broken).toEqual([])
  })

  test('waits no longer than `drain`: what is open is cut, never rounded off', async () => {
    gateway = await serve({ policy: openPolicy(upstream.origin), config: 'limits: { drain: 700 }', ...tls })
    const client = await clientOf(gateway.port)
    const long = ['/late/1', '/held/1', '/events/1'].map((path) => client.ask({ ':path': path }))
    await expect.poll(() => upstream.waiting.length).toBe(3)
    expect(await gateway.end()).toBe(0)
    for (const { whole } of await Promise.all(long)) expect(whole).toBe(false)
    const ends = (await gateway.records()).flatMap((record) => (record.kind === 'completion' ? [record.end] : []))
    expect(ends).toEqual(['gateway.draining', 'gateway.draining', 'gateway.draining'])
  })
})

test('a client that trusts nobody is not answered', async () => {
  const gateway = await startGateway({ policy: openPolicy('http://127.0.0.1:1'), ...tls })
  const session = connect(`https://${HOST}:${gateway.port}`, { host: '127.0.0.1', port: gateway.port, servername: HOST })
  const failed = await new Promise<Error>((resolve) => session.once('error', resolve))
  expect(failed.message).toContain('self-signed')
  await gateway.close()
})
