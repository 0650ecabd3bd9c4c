// A break-glass exception through a whole gateway: opened, closed by time, closed over a restart, armed again by the policy.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import type { AdministrationRecord } from '../../packages/core/src/model/log-record.ts'
import { type Running, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { resolveConfig } from '../../packages/server/src/config/resolve-config.ts'
import { bytesOf, nouns, serviceFile } from '../bypass/stage.ts'
import { layFolder, sendRaw } from '../support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../support/issuer.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

let issuer: TestIssuer
let upstream: Upstream
let folder: string
let running: Running | null = null
const alarms: (readonly [string, unknown])[] = []

const rules = (armed: string, by: string) => `grants:
  admins: { who: { group: admins }, what: { path: /** } }
guardrails:
  frozen: { what: { path: /ledger/** }, how: never }
exceptions:
  glass:
    waives: frozen
    who: { group: admins }
    what: { path: /ledger/** }
    how: { mfa: phishing-resistant }
    owner: a@example.com
    approved-by: b@example.com
    reason: test
    standing: break-glass
    opens-for: 2s
    alarm: pager@example.com
    drill-by: 2090-01-01T00:00:00Z
    armed: { at: '${armed}', by: ${by} }
`
const writePolicy = (armed: Date, by = 'b@example.com') =>
  writeFileSync(
    join(folder, 'policy', 'app.yaml'),
    serviceFile({ name: 'app', upstream: upstream.origin, rules: rules(armed.toISOString(), by) }),
  )

const start = async (): Promise<Running> => {
  const config = readConfig(join(folder, 'balustrade.yaml'))
  const resolved = config.ok ? resolveConfig(config.config) : config
  if (!('settings' in resolved)) throw new Error(JSON.stringify(resolved))
  const error = (event: string, detail: unknown) => void alarms.push([event, detail])
  const started = await startServer(resolved.settings, { info: () => {}, warn: () => {}, error })
  if (!started.ok) throw new Error(JSON.stringify(started))
  running = started.running
  return started.running
}

const recordsIn = async (log: string): Promise<readonly AdministrationRecord[]> => {
  const found: AdministrationRecord[] = []
  for await (const { record } of readLog(log))
    if (record.kind === 'administration' && record.action.startsWith('breakglass.')) found.push(record)
  return found
}

beforeAll(async () => {
  issuer = await makeIssuer()
  upstream = await startUpstream()
  folder = layFolder({ policy: { 'nouns.yaml': nouns(issuer.url), 'app.yaml': 'balustrade: 1\n' } })
})
afterAll(async () => {
  await running?.close()
  await upstream.close()
  await issuer.close()
  rmSync(folder, { recursive: true, force: true })
})

test('opens once, with an alarm; closes; stays closed over a restart; opens again when another person armed it', async () => {
  writePolicy(new Date(Date.now() - 60_000))
  const first = await start()
  const claims = { groups: ['admins'], acr: 'gold', auth_time: Math.floor(Date.now() / 1_000) - 60 }
  const token = await issuer.token({ ...claims, sub: 'alice' })
  const ask = async (): Promise<number> => {
    const bytes = bytesOf({ target: '/ledger/1', host: 'app.example.com', token })
    return (await sendRaw(running?.ports[0] ?? 0, bytes)).status
  }
  expect(await ask()).toBe(200)
  const alarm = expect.objectContaining({ exception: 'glass', alarm: 'pager@example.com', by: 'corp/alice' })
  expect(alarms).toEqual([['breakglass.opened', alarm]])
  await expect.poll(ask).toBe(403)
  const metrics = await (await fetch(`http://127.0.0.1:${first.observePort}/metrics`)).text()
  expect(metrics).toContain('balustrade_breakglass_openings_total{exception="glass"} 1')

  await first.close()
  const second = await start()
  expect(await ask()).toBe(403)

  writePolicy(new Date(), 'corp/alice')
  await second.reload()
  expect(await ask()).toBe(403)

  writePolicy(new Date())
  await second.reload()
  expect(await ask()).toBe(200)
  expect(alarms.map(([event]) => event)).toEqual(['breakglass.opened', 'breakglass.opened'])
  await second.close()
  running = null

  writeFileSync(join(folder, 'log', 'openings.json'), 'what nobody wrote')
  await start()
  expect(await ask()).toBe(503)
  expect((await recordsIn(join(folder, 'log'))).map(({ action, detail }) => [action, detail])).toEqual([
    ['breakglass.opened', alarm],
    ['breakglass.opened', alarm],
  ])
})
