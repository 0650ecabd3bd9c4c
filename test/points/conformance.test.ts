import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Application, createApplication } from '../../packages/core/src/application.ts'
import { CONDITIONS } from '../../packages/core/src/catalogue.ts'
import { createLogKey } from '../../packages/core/src/decision-log/log-key.ts'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import { createGuard } from '../../packages/core/src/middleware/node.ts'
import type { DecisionRecord } from '../../packages/core/src/model/log-record.ts'
import { compilePolicy } from '../../packages/core/src/policy/index.ts'
import { type RawAnswer, sendRaw, startGateway, type TestGateway } from '../support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../support/issuer.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { CALLERS, POLICY, type PointRequest, REQUESTS } from './requests.ts'

/** An application that counts how often it was reached, behind the middleware. */
interface Protected {
  readonly port: number
  readonly reached: () => number
  readonly decisions: () => Promise<readonly DecisionRecord[]>
  readonly close: () => Promise<void>
}

const startProtected = async (policy: string): Promise<Protected> => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-app-'))
  const { image, diagnostics } = compilePolicy([{ path: 'app.yaml', text: policy }], { conditions: CONDITIONS, now: Date.now() })
  if (image === null) throw new Error(JSON.stringify(diagnostics))
  const application: Application = await createApplication({
    image,
    log: { folder, origin: 'app.example.com/decisions', key: createLogKey().key },
  })
  let reached = 0
  const guard = createGuard(application)
  const server: Server = createServer(
    guard.protect((message, response) => {
      reached++
      message.resume()
      message.on('end', () => response.end('{}'))
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    reached: () => reached,
    decisions: () => decisionsOf(folder),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await application.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const decisionsOf = async (folder: string): Promise<readonly DecisionRecord[]> => {
  const found: DecisionRecord[] = []
  for await (const { record } of readLog(folder)) if (record.kind === 'decision') found.push(record)
  return found
}

const bytesOf = (request: PointRequest, token: string | null): string => {
  const { method = 'GET', target, host = 'app.example.com', fields = [], body } = request
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    ...(token === null ? [] : [`Authorization: Bearer ${token}`]),
    ...fields,
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
    ...(fields.some((field) => field.startsWith('Connection')) ? [] : ['Connection: close']),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

const idOf = (answer: RawAnswer): string => /balustrade-decision: (\S+)/i.exec(answer.head)?.[1] ?? ''

/** What must be equal of two records: everything but where, when and under which id. */
const comparable = (record: DecisionRecord) => ({
  ...record,
  seq: 0,
  id: '',
  at: 0,
  point: '',
  latency: 0,
  digest: null,
  // Hashed under a key of each log.
  facts: { ...record.facts, claims: null },
  who: record.who === null ? null : { ...record.who, factors: record.who.factors.map(({ level }) => level) },
})

describe('every point gives the same answer', () => {
  let issuer: TestIssuer
  let upstream: Upstream
  let gateway: TestGateway
  let application: Protected
  const tokens = new Map<string, string>()
  beforeAll(async () => {
    issuer = await makeIssuer()
    upstream = await startUpstream()
    const policy = POLICY(issuer.url, upstream.origin)
    gateway = await startGateway({ policy: { 'app.yaml': policy } })
    application = await startProtected(policy)
    for (const [name, claims] of Object.entries(CALLERS)) tokens.set(name, await issuer.token(claims()))
  })
  afterAll(async () => {
    await application.close()
    await gateway.close()
    await upstream.close()
    await issuer.close()
  })

  test.each(
    REQUESTS.map((request) => [`${request.method ?? 'GET'} ${request.target.slice(0, 60)}: ${request.note}`, request] as const),
  )('%s', async (_, request) => {
    const bytes = bytesOf(request, request.as === undefined ? null : (tokens.get(request.as) ?? null))
    const before = [upstream.served.length, application.reached()]
    const byGateway = await sendRaw(gateway.port, bytes, { idle: 10_000 })
    const byMiddleware = await sendRaw(application.port, bytes, { idle: 10_000 })
    const after = [upstream.served.length, application.reached()]
    expect([byGateway.status, byMiddleware.status]).toEqual([request.status, request.status])
    const forwarded = request.status === 200 ? 1 : 0
    expect(after).toEqual(before.map((count) => count + forwarded))
    const records = await settledRecords(idOf(byGateway), idOf(byMiddleware))
    expect(records[0].reasons[0]?.code ?? null).toBe(request.reason)
    expect(comparable(records[1])).toEqual(comparable(records[0]))
  })

  /** Records of two decisions; the log writes in groups of a few ms. */
  const settledRecords = async (first: string, second: string): Promise<readonly [DecisionRecord, DecisionRecord]> => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const a = (await gateway.decisions()).find(({ id }) => id === first)
      const b = (await application.decisions()).find(({ id }) => id === second)
      if (a !== undefined && b !== undefined) return [a, b]
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`no record of ${first} or ${second}`)
  }

  test('the file holds at least 60 requests', () => {
    expect(REQUESTS.length).toBeGreaterThanOrEqual(60)
  })
})
