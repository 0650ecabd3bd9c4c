import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendRaw, startGateway, type TestGateway } from '../support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../support/issuer.ts'
import { foldedValues, startUpstream, type Upstream } from '../support/upstream.ts'

const policy = (issuer: string, upstream: string) => `balustrade: 1
service: app
services:
  app:
    hosts: [app.example.com]
    upstream: ${upstream}
    audience: https://api.example
    providers: corp
    routing: { case: sensitive, trailing-slash: distinct }
    cors: { origins: ['https://spa.example.com'], methods: [GET, POST], headers: [content-type], credentials: true }
providers:
  corp:
    issuer: ${issuer}
    loopback: true
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 1h
    groups-claim: groups
    complete: [groups, mfa]
    mfa: { acr: { silver: any, gold: phishing-resistant }, proved-at: auth_time }
groups: [users, admins]
networks: { office: [127.0.0.1], elsewhere: ['::1'] }
grants:
  users-use:
    who: { group: users }
    what: { path: /api/** }
  admins-administer:
    who: { group: admins }
    what: { path: /admin/** }
    how: { mfa: { level: phishing-resistant, max-age: 15m }, network: office }
  sockets:
    who: { group: users }
    what: { method: GET, path: /socket, upgrade: websocket }
public:
  home:
    what: { method: GET, path: / }
    owner: a@example.com
    approved-by: b@example.com
    reason: landing page
    review: 2030-01-01
`

describe('one request through the gateway', () => {
  let issuer: TestIssuer
  let upstream: Upstream
  let gateway: TestGateway
  beforeAll(async () => {
    issuer = await makeIssuer()
    upstream = await startUpstream()
    gateway = await startGateway({ policy: { 'app.yaml': policy(issuer.url, upstream.origin) } })
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
    await issuer.close()
  })

  const get = async (path: string, token?: string, more = '') =>
    sendRaw(
      gateway.port,
      `GET ${path} HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n${token === undefined ? '' : `Authorization: Bearer ${token}\r\n`}${more}\r\n`,
    )

  test('a public page is served to anybody, with identity headers set empty', async () => {
    const got = await get('/', undefined, 'X-Auth-User: admin\r\nX.Balustrade_User: admin\r\nX_Forwarded_For: 6.6.6.6\r\n')
    expect(got.status).toBe(200)
    const served = upstream.served.at(-1)
    expect(served?.target).toBe('/')
    expect(foldedValues(served as never, 'x-auth-user')).toEqual([])
    expect(foldedValues(served as never, 'x-balustrade-user')).toEqual([''])
    expect(foldedValues(served as never, 'x-forwarded-for')).toEqual(['127.0.0.1'])
  })

  test('no credential where one is needed: 401 with a challenge', async () => {
    const got = await get('/api/x')
    expect(got.status).toBe(401)
    expect(got.head).toContain(
      'www-authenticate: Bearer realm="app", resource_metadata="http://app.example.com/.well-known/oauth-protected-resource"',
    )
  })

  test('a member is served, and the upstream learns who it is', async () => {
    const got = await get('/api/x?q=1', await issuer.token({ groups: ['users'] }))
    expect(got.status).toBe(200)
    expect(upstream.served.at(-1)?.target).toBe('/api/x?q=1')
    expect(foldedValues(upstream.served.at(-1) as never, 'x-balustrade-user')).toEqual(['corp/alice'])
    expect(foldedValues(upstream.served.at(-1) as never, 'authorization')).toEqual([])
  })

  test('a stranger to the group is refused', async () => {
    expect((await get('/admin/x', await issuer.token({ groups: ['users'] }))).status).toBe(403)
  })

  test('an administrator without fresh proof is asked to step up', async () => {
    const got = await get(
      '/admin/x',
      await issuer.token({ groups: ['admins'], acr: 'silver', auth_time: Math.floor(Date.now() / 1000) - 60 }),
    )
    expect(got.status).toBe(401)
    expect(got.head).toContain('error="insufficient_user_authentication"')
    expect(got.head).toContain('acr_values="gold"')
    expect(got.head).toContain('max_age="900"')
  })

  test('an administrator with fresh proof is served', async () => {
    const got = await get(
      '/admin/x',
      await issuer.token({ groups: ['admins'], acr: 'gold', auth_time: Math.floor(Date.now() / 1000) - 60 }),
    )
    expect(got.status).toBe(200)
  })

  test('an ambiguous path is refused and recorded', async () => {
    const got = await get('/api/../admin/x')
    expect(got.status).toBe(400)
    expect(got.closed).toBe(true)
  })

  test('an unknown host is nobody', async () => {
    expect((await sendRaw(gateway.port, 'GET / HTTP/1.1\r\nHost: other.example.com\r\n\r\n')).status).toBe(404)
  })

  test('a preflight of a listed origin is answered here', async () => {
    const before = upstream.served.length
    const got = await sendRaw(
      gateway.port,
      'OPTIONS /api/x HTTP/1.1\r\nHost: app.example.com\r\nOrigin: https://spa.example.com\r\nAccess-Control-Request-Method: POST\r\n\r\n',
    )
    expect(got.status).toBe(204)
    expect(got.head).toContain('access-control-allow-origin: https://spa.example.com')
    expect(upstream.served.length).toBe(before)
  })

  test('a websocket is tunnelled for whom it is granted', async () => {
    const token = await issuer.token({ groups: ['users'] })
    const head = `GET /socket HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`
    const got = await sendRaw(gateway.port, `${head}Authorization: Bearer ${token}\r\n\r\nhello`)
    expect(got.status).toBe(101)
    expect(got.body).toBe('hello')
    expect((await sendRaw(gateway.port, `${head}\r\n`)).status).toBe(401)
  })

  test('a body is streamed to the upstream', async () => {
    const token = await issuer.token({ groups: ['users'] })
    const got = await sendRaw(
      gateway.port,
      `POST /api/x HTTP/1.1\r\nHost: app.example.com\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    )
    expect(got.status).toBe(200)
    expect(upstream.served.at(-1)?.body).toBe('hello')
  })

  test('metadata and keys are published', async () => {
    expect((await get('/.well-known/oauth-protected-resource')).body).toContain('"authorization_servers"')
    expect((await get('/.balustrade/keys')).body).toContain('"EdDSA"')
    expect((await get('/.balustrade/other')).status).toBe(404)
  })

  test('every decision is in the log with its id', async () => {
    const got = await get('/api/x')
    const id = /balustrade-decision: (\S+)/.exec(got.head)?.[1]
    await new Promise((resolve) => setTimeout(resolve, 50))
    const decisions = await gateway.decisions()
    expect(decisions.find((record) => record.id === id)?.outcome).toBe('challenge')
  })
})
