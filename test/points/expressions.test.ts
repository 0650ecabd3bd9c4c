import { join } from 'node:path'
import { CONDITIONS, createImageStore, type PolicyImage, replayDecision } from '@balustrade/core/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stage, startStage } from '../bypass/stage.ts'
import { sendRaw } from '../support/gateway.ts'

const policy = (issuer: string, upstream: string) => `balustrade: 1
service: app
services:
  app:
    hosts: [app.example.com]
    upstream: ${upstream}
    audience: https://api.example
    providers: corp
    routing: { trailing-slash: distinct }
providers:
  corp:
    issuer: ${issuer}
    loopback: true
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 1h
    groups-claim: groups
    complete: [groups, claims]
    claims: { tenant: string, limit: number }
groups: [users]
grants:
  users-use:
    who: { group: users }
    what: { path: /tenants/$tenant/charges/$amount }
    how:
      if: |
        principal.claims.tenant == captures.tenant
          && int(captures.amount) <= 1000
          && double(captures.amount) <= principal.claims.limit
guardrails:
  from-here:
    when: { if: '!cidr("127.0.0.0/8").containsIP(request.address)' }
    how: never
`

describe('an expression, from the document to the answer and back', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage({ policy: (issuer, upstream) => ({ 'app.yaml': policy(issuer, upstream) }) })
  })
  afterAll(() => stage.close())

  const post = async (path: string, claims: Readonly<Record<string, unknown>>) => {
    const token = await stage.issuer.token({ groups: ['users'], ...claims })
    const head = `POST ${path} HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nContent-Length: 0\r\n\r\n`
    return (await sendRaw(stage.gateway.port, head)).status
  }

  test.each([
    { note: 'within', path: '/tenants/acme/charges/500', claims: { tenant: 'acme', limit: 500 }, status: 200 },
    { note: 'beyond the limit', path: '/tenants/acme/charges/501', claims: { tenant: 'acme', limit: 500 }, status: 403 },
    { note: 'another tenant', path: '/tenants/globex/charges/1', claims: { tenant: 'acme', limit: 500 }, status: 403 },
    {
      note: 'another spelling of the tenant',
      path: '/tenants/ACME/charges/1',
      claims: { tenant: 'ACME', limit: 500 },
      status: 403,
    },
    { note: 'no number', path: '/tenants/acme/charges/1e1', claims: { tenant: 'acme', limit: 500 }, status: 403 },
    { note: 'a claim of another form', path: '/tenants/acme/charges/1', claims: { tenant: 'acme', limit: '500' }, status: 503 },
    { note: 'no limit', path: '/tenants/acme/charges/1', claims: { tenant: 'acme' }, status: 403 },
  ])('$note: $status', async ({ path, claims, status }) => expect(await post(path, claims)).toBe(status))

  test('every decision is judged again as it was, though the log keeps no claim', async () => {
    const store = createImageStore(join(stage.gateway.folder, 'log'))
    const decisions = await stage.gateway.decisions()
    expect(decisions.length).toBeGreaterThanOrEqual(7)
    for (const record of decisions) {
      const image = JSON.parse(store.read(record.digest?.policy ?? '') ?? '') as PolicyImage
      expect(replayDecision(record, image, CONDITIONS)).toMatchObject({ judged: true, same: true })
    }
  })
})
