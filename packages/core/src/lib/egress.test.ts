import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FetchJsonOptions, fetchJson, sendRequest } from './egress.ts'

const OPTIONS: FetchJsonOptions = { maxBytes: 2_000, deadlineMs: 5_000, allowLoopback: true }
const seen: { url: string; headers: NodeJS.Dict<string | string[]> }[] = []

const json = (body: string | Buffer, headers: Record<string, string> = {}): RequestListener => {
  return (_request, response) => response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body)
}
const endless: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const write = (): void => {
    while (!response.destroyed && response.write('[1],'.repeat(1_000)));
    if (!response.destroyed) response.once('drain', write)
  }
  write()
}

const ROUTES: Readonly<Record<string, RequestListener>> = {
  '/good': json('{"keys":[]}', { 'cache-control': 'max-age=60', date: 'Tue, 24 Nov 2026 10:00:00 GMT' }),
  '/charset': json('{}', { 'content-type': 'application/jwk-set+json; charset=UTF-8' }),
  '/latin1': json('{}', { 'content-type': 'application/json; charset=iso-8859-1' }),
  '/html': json('{}', { 'content-type': 'text/html' }),
  '/text-json': json('{}', { 'content-type': 'text/json' }),
  '/no-type': (_request, response) => response.end('{}'),
  '/garbage': json('<html>'),
  '/empty': json(''),
  '/duplicate': json('{"iss":"a","iss":"b"}'),
  '/bom': json('\ufeff{}'),
  '/not-utf8': json(Buffer.from([0x22, 0xff, 0x22])),
  '/deep': json(`${'['.repeat(100)}${']'.repeat(100)}`),
  '/exact': json(`"${'a'.repeat(1_998)}"`),
  '/large': json(`"${'a'.repeat(1_999)}"`),
  '/declared': json('{}', { 'content-length': '2001' }),
  '/endless': endless,
  '/bomb': json(gzipSync(Buffer.alloc(10_000_000, 32)), { 'content-encoding': 'gzip' }),
  '/identity': json('{}', { 'content-encoding': 'identity' }),
  '/redirect': (_request, response) => response.writeHead(302, { location: '/good' }).end(),
  '/missing': (_request, response) => response.writeHead(404, { 'content-type': 'application/json' }).end('{}'),
  '/partial': (_request, response) => response.writeHead(206, { 'content-type': 'application/json' }).end('{}'),
  '/silent': () => {},
  '/trickle': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  },
  '/cut': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
    response.write('{"a":1}')
    setImmediate(() => response.destroy())
  },
  '/reset': (request) => request.socket.destroy(),
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
const closing: (() => void)[] = []
const start = async (server: Server): Promise<number> => {
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return listen(server)
}

let port = 0
beforeAll(async () => {
  port = await start(
    createServer((request, response) => {
      seen.push({ url: request.url ?? '', headers: request.headers })
      ROUTES[(request.url ?? '').split('?')[0] as string]?.(request, response)
    }),
  )
})
afterAll(() => {
  for (const close of closing) close()
})

const get = (path: string, options: Partial<FetchJsonOptions> = {}) =>
  fetchJson(`http://127.0.0.1:${port}${path}`, { ...OPTIONS, ...options })

test('gives the document and the two headers', async () => {
  expect(await get('/good?a=b')).toEqual({
    ok: true,
    value: { keys: [] },
    cacheControl: 'max-age=60',
    date: 'Tue, 24 Nov 2026 10:00:00 GMT',
  })
  const { url, headers } = seen.at(-1) as (typeof seen)[0]
  expect(url).toBe('/good?a=b')
  expect(headers).toEqual({
    host: `127.0.0.1:${port}`,
    accept: 'application/json',
    'accept-encoding': 'identity',
    connection: 'close',
  })
})

test.each([
  { note: 'a JSON type with charset', path: '/charset' },
  { note: 'exactly as long as allowed', path: '/exact' },
])('reads $note', async ({ path }) => {
  expect(await get(path)).toMatchObject({ ok: true, cacheControl: null })
})

test.each([
  { note: 'HTML', path: '/html', code: 'type' },
  { note: 'another charset', path: '/latin1', code: 'type' },
  { note: 'text/json', path: '/text-json', code: 'type' },
  { note: 'no type', path: '/no-type', code: 'type' },
  { note: 'garbage', path: '/garbage', code: 'json' },
  { note: 'nothing', path: '/empty', code: 'json' },
  { note: 'a duplicate key', path: '/duplicate', code: 'json' },
  { note: 'a byte order mark', path: '/bom', code: 'json' },
  { note: 'not UTF-8', path: '/not-utf8', code: 'json' },
  { note: 'too deep', path: '/deep', code: 'json' },
  { note: 'one byte too long', path: '/large', code: 'size' },
  { note: 'too long by its header', path: '/declared', code: 'size' },
  { note: 'endless', path: '/endless', code: 'size' },
  { note: 'a gzip bomb', path: '/bomb', code: 'encoding' },
  { note: 'any encoding header', path: '/identity', code: 'encoding' },
  { note: 'a redirect', path: '/redirect', code: 'status' },
  { note: 'not found', path: '/missing', code: 'status' },
  { note: 'a part', path: '/partial', code: 'status' },
  { note: 'a body that is cut', path: '/cut', code: 'connection' },
  { note: 'a reset', path: '/reset', code: 'connection' },
])('refuses $note', async ({ path, code }) => {
  expect(await get(path)).toMatchObject({ ok: false, code })
})

test.each([
  { note: 'no answer', path: '/silent' },
  { note: 'a byte now and then', path: '/trickle' },
])('the deadline covers $note', async ({ path }) => {
  expect(await get(path, { deadlineMs: 150 })).toMatchObject({ ok: false, code: 'deadline' })
})

test('the deadline covers the look-up of the name, and a late address is not used', async () => {
  const before = seen.length
  const resolve = (): Promise<string[]> => new Promise((settle) => setTimeout(() => settle(['127.0.0.1']), 300))
  expect(await fetchJson(`http://slow.example:${port}/good`, { ...OPTIONS, deadlineMs: 50, resolve })).toMatchObject({
    ok: false,
    code: 'deadline',
  })
  expect(seen.length).toBe(before)
})

test('a follower of redirects would have asked twice', async () => {
  const before = seen.length
  await get('/redirect')
  expect(seen.slice(before).map(({ url }) => url)).toEqual(['/redirect'])
})

test('a closed port, and a server that speaks something else', async () => {
  const tcp = createTcpServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .end('SSH-2.0-x\r\n'),
  )
  await new Promise<void>((settle) => tcp.listen(0, '127.0.0.1', settle))
  const { port: other } = tcp.address() as AddressInfo
  expect(await fetchJson(`http://127.0.0.1:${other}/`, OPTIONS)).toMatchObject({ ok: false, code: 'connection' })
  await new Promise((settle) => tcp.close(settle))
  expect(await fetchJson(`http://127.0.0.1:${other}/`, OPTIONS)).toMatchObject({ ok: false, code: 'connection' })
})

test('a header section beyond 16 KiB', async () => {
  const huge = await start(createServer(json('{}', { 'x-padding': 'a'.repeat(20_000) })))
  expect(await fetchJson(`http://127.0.0.1:${huge}/`, OPTIONS)).toMatchObject({ ok: false, code: 'connection' })
})

describe('URLs', () => {
  test.each([
    { note: 'nothing', url: '' },
    { note: 'a path', url: '/good' },
    { note: 'another scheme', url: 'ftp://example.com/' },
    { note: 'a file', url: 'file:///etc/passwd' },
    { note: 'data', url: 'data:application/json,{}' },
    { note: 'credentials', url: 'https://user:pass@example.com/' },
    { note: 'a user', url: 'https://user@example.com/' },
    { note: 'an empty user', url: 'https://@example.com/' },
    { note: 'a fragment', url: 'https://example.com/#a' },
    { note: 'an empty fragment', url: 'https://example.com/#' },
    { note: 'a backslash', url: 'https:\\\\example.com/' },
    { note: 'a backslash after the host', url: 'https://example.com\\@evil/' },
    { note: 'one slash', url: 'https:/example.com/' },
    { note: 'three slashes', url: 'https:///example.com/' },
    { note: 'a space', url: ' https://example.com/' },
    { note: 'a tab', url: 'https://exa\tmple.com/' },
    { note: 'a newline', url: 'https://example.com/\n' },
    { note: 'a U-label', url: 'https://b\u00fccher.example/' },
    { note: 'percent in the host', url: 'https://ex%61mple.com/' },
    { note: 'an underscore in the host', url: 'https://a_b.example/' },
    { note: 'short IPv4', url: 'https://127.1/' },
    { note: 'hex IPv4', url: 'https://0x7f.0.0.1/' },
    { note: 'a number', url: 'https://2130706433/' },
    { note: 'octal', url: 'https://0177.0.0.1/' },
    { note: 'no host', url: 'https://:443/' },
    { note: 'a port out of range', url: 'https://example.com:65536/' },
    { note: 'port 0', url: 'https://example.com:0/' },
    { note: 'a very long URL', url: `https://example.com/${'a'.repeat(3_000)}` },
  ])('refuses $note', async ({ url }) => {
    const resolve = (): Promise<string[]> => Promise.reject(new Error('not to be asked'))
    expect(await fetchJson(url, { ...OPTIONS, resolve })).toMatchObject({ ok: false, code: 'url' })
  })

  test.each(
    [
      'http://LOCAL.example:PORT/good',
      'HTTP://local.example:PORT/good',
      'http://local.example.:PORT/good',
      'http://[::ffff:127.0.0.1]:PORT/good',
    ].map((url) => ({ url })),
  )('reads $url', async ({ url }) => {
    const options = { ...OPTIONS, resolve: async () => ['127.0.0.1'] }
    const fetched = await fetchJson(url.replace('PORT', String(port)), options)
    // Node may lack IPv6 loopback, and writes a mapped address in hex, which is not how this one is spelled.
    if (url.includes('[')) expect(fetched).toMatchObject({ ok: false, code: 'url' })
    else expect(fetched).toMatchObject({ ok: true })
  })
})

describe('addresses', () => {
  test.each([
    { note: 'loopback by default', url: 'http://127.0.0.1:1/', options: { allowLoopback: false } },
    { note: 'a private address', url: 'https://10.0.0.1/', options: {} },
    { note: 'metadata whatever is allowed', url: 'https://169.254.169.254/', options: { allowPrivate: true } },
    { note: 'IPv6 loopback by default', url: 'https://[::1]/', options: { allowLoopback: false } },
  ])('refuses $note', async ({ url, options }) => {
    expect(await fetchJson(url, { ...OPTIONS, ...options })).toMatchObject({ ok: false, code: 'address' })
  })

  test.each([
    { note: 'one bad address among good ones', found: ['8.8.8.8', '10.0.0.1'], code: 'address' },
    { note: 'a mapped one', found: ['::ffff:169.254.169.254'], code: 'address' },
    { note: 'no address', found: [], code: 'name' },
    { note: 'what is no address', found: ['127.1'], code: 'name' },
    { note: 'an address and what is none', found: ['127.0.0.1', 'x'], code: 'name' },
    { note: 'http to a public address', found: ['8.8.8.8'], code: 'url' },
    { note: 'http to a name with a public address beside loopback', found: ['127.0.0.1', '8.8.8.8'], code: 'url' },
  ])('of a name: $note', async ({ found, code }) => {
    expect(await fetchJson('http://some.example/', { ...OPTIONS, resolve: async () => found })).toMatchObject({ ok: false, code })
  })

  test('goes on to the next address of a name when one does not answer', async () => {
    const options = { ...OPTIONS, resolve: async () => ['127.0.0.2', '127.0.0.1'] }
    expect(await fetchJson(`http://two.example:${port}/good`, options)).toMatchObject({ ok: true })
  })

  test('a resolver that fails', async () => {
    const resolve = (): Promise<never> => Promise.reject(new Error('SERVFAIL'))
    expect(await fetchJson('https://some.example/', { ...OPTIONS, resolve })).toMatchObject({ ok: false, code: 'name' })
  })

  test('connects to the address that was checked, whatever the name resolves to afterwards', async () => {
    let asked = 0
    const resolve = async (): Promise<string[]> => {
      asked++
      return [asked === 1 ? '127.0.0.1' : '169.254.169.254']
    }
    expect(await fetchJson(`http://rebind.example:${port}/good`, { ...OPTIONS, resolve })).toMatchObject({ ok: true })
    expect([asked, seen.at(-1)?.headers['host']]).toEqual([1, `rebind.example:${port}`])
  })

  test('localhost by the resolver of the system', async () => {
    expect(await fetchJson(`http://localhost:${port}/good`, OPTIONS)).toMatchObject({ ok: true })
    expect(await fetchJson(`http://localhost:${port}/good`, { ...OPTIONS, allowLoopback: false })).toMatchObject({
      ok: false,
      code: 'address',
    })
  })
})

describe('TLS', () => {
  test('verifies the certificate for the name', async () => {
    await import('reflect-metadata')
    const { X509CertificateGenerator, PemConverter, SubjectAlternativeNameExtension } = await import('@peculiar/x509')
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=test',
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: 'idp.example' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    })
    const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
    const names: unknown[] = []
    const server = createTlsServer({ key, cert: certificate.toString('pem') }, json('{"a":1}'))
    server.on('secureConnection', (socket) => names.push(socket.servername))
    const tls = await start(server as unknown as Server)
    const options = { ...OPTIONS, ca: certificate.toString('pem'), resolve: async () => ['127.0.0.1'] }
    expect(await fetchJson(`https://idp.example:${tls}/`, options)).toMatchObject({ ok: true, value: { a: 1 } })
    expect(await fetchJson(`https://127.0.0.1:${tls}/`, options)).toMatchObject({ ok: true })
    expect(await fetchJson(`https://other.example:${tls}/`, options)).toMatchObject({ ok: false, code: 'connection' })
    expect(await fetchJson(`https://idp.example:${tls}/`, { ...OPTIONS, resolve: options.resolve })).toMatchObject({
      ok: false,
      code: 'connection',
    })
    expect(await fetchJson(`https://127.0.0.1:${port}/good`, options)).toMatchObject({ ok: false, code: 'connection' })
    expect(names).toContain('idp.example')
  })
})

describe('any request of ours', () => {
  const received: { method: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = []
  let at = 0
  beforeAll(async () => {
    at = await start(
      createServer((request, response) => {
        const chunks: Uint8Array[] = []
        request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        request.on('end', () => {
          received.push({ method: request.method ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
          const status = Number((request.url ?? '').slice(1))
          response.writeHead(status, { 'content-type': 'text/plain', location: '/200' }).end('x'.repeat(status))
        })
      }),
    )
  })
  const post = (url: string, options: Partial<FetchJsonOptions> = {}) =>
    sendRequest(
      { url, method: 'POST', headers: { 'content-type': 'text/plain', host: 'evil.example' }, body: Buffer.from('a=ü') },
      { ...OPTIONS, ...options },
    )

  test('is sent with its body, and whatever comes is given', async () => {
    for (const status of [200, 302, 400, 503]) {
      const answer = await post(`http://127.0.0.1:${at}/${status}`)
      expect(answer).toMatchObject({ ok: true, status, headers: { 'content-type': 'text/plain' } })
      expect(answer.ok && answer.bytes.length).toBe(status)
    }
    expect(received).toHaveLength(4)
    expect(received[0]).toMatchObject({
      method: 'POST',
      body: 'a=ü',
      headers: { 'content-length': '4', host: `127.0.0.1:${at}` },
    })
    expect(received[0]?.headers).not.toHaveProperty('transfer-encoding')
  })

  test('goes where a document may be fetched, and weighs no more', async () => {
    const count = received.length
    expect(await post(`http://127.0.0.1:${at}/200`, { allowLoopback: false })).toMatchObject({ ok: false, code: 'address' })
    expect(await post('https://169.254.169.254/token')).toMatchObject({ ok: false, code: 'address' })
    expect(await post('https://token.example/', { resolve: async () => ['10.0.0.1'] })).toMatchObject({
      ok: false,
      code: 'address',
    })
    expect(received).toHaveLength(count)
    expect(await post(`http://127.0.0.1:${at}/503`, { maxBytes: 502 })).toMatchObject({ ok: false, code: 'size' })
  })
})
