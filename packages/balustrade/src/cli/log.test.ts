import { generateKeyPairSync } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { balustrade, beginBalustrade } from '../../../../test/support/command.ts'
import { sendRaw, startGateway, type TestGateway } from '../../../../test/support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../../../../test/support/issuer.ts'
import { startUpstream, type Upstream } from '../../../../test/support/upstream.ts'

const POLICY = (issuer: string, upstream: string) => `balustrade: 1
service: app
services:
  app: { hosts: [app.example.com], upstream: '${upstream}', audience: https://api.example, providers: corp }
providers:
  corp:
    issuer: ${issuer}
    loopback: true
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 1h
    groups-claim: groups
    claims: { tenant: string }
    complete: [groups, mfa, claims]
groups: [members]
grants:
  members-read:
    who: { group: members }
    what: { path: /tenants/$tenant/**, header: { x-environment: staging } }
    how: { claim: { tenant: $tenant } }
`

const ORIGIN = 'test.example.com/decisions'

/** Rewrites the line of a decision in a log folder; gives its sequence number. */
const rewrite = (folder: string, id: string, change: (line: string) => string): number => {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.log'))) {
    const file = join(folder, name)
    const text = readFileSync(file, 'latin1')
    const line = text.split('\n').find((each) => each.includes(`"id":"${id}"`) && each.includes('"kind":"decision"'))
    if (line === undefined) continue
    writeFileSync(
      file,
      text.replace(line, () => change(line)),
      'latin1',
    )
    return (JSON.parse(line) as { readonly seq: number }).seq
  }
  throw new Error(`no decision ${id}`)
}

describe('a log that a gateway wrote', () => {
  let issuer: TestIssuer
  let upstream: Upstream
  let gateway: TestGateway
  let log = ''
  const ids: Record<string, string> = {}

  const ask = async (name: string, path: string, fields: string) => {
    const got = await sendRaw(gateway.port, `GET ${path} HTTP/1.1\r\nHost: app.example.com\r\n${fields}\r\n`, { idle: 2_000 })
    ids[name] = /balustrade-decision: (\S+)/i.exec(got.head)?.[1] ?? ''
  }

  beforeAll(async () => {
    issuer = await makeIssuer()
    upstream = await startUpstream()
    gateway = await startGateway({ policy: { 'app.yaml': POLICY(issuer.url, upstream.origin) } })
    log = join(gateway.folder, 'log')
    const token = await issuer.token({ groups: ['members'], tenant: 'acme' })
    const bearer = `Authorization: Bearer ${token}\r\nConnection: close\r\n`
    await ask('allowed', '/tenants/acme/x', `${bearer}X-Environment: staging\r\n`)
    await ask('hidden', '/tenants/globex/x', `${bearer}X-Environment: staging\r\n`)
    await ask('anonymous', '/tenants/acme/x', 'Connection: close\r\n')
    await ask('expired', '/tenants/acme/x', `Authorization: Bearer ${await issuer.token({ exp: 1 })}\r\nConnection: close\r\n`)
    await ask('forged', '/tenants/acme/\u001b[31m', 'Connection: close\r\n')
    await ask('dots', '/a/../b', 'Connection: close\r\n')
  }, 60_000)
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
    await issuer.close()
  })

  test('show prints a line a record, by filters', async () => {
    const all = await balustrade('log', 'show', log)
    expect(all.status).toBe(0)
    expect(all.stdout).toContain('allow GET app.example.com/tenants/acme/x by corp/alice from 127.0.0.1: members-read')
    expect(all.stdout).not.toContain('\u001b')
    const denied = await balustrade('log', 'show', log, '--outcome', 'deny', '--service', 'app', '--kind', 'decision', '--json')
    const records = denied.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly id: string })
    expect(records.map(({ id }) => id)).toEqual([ids.hidden, ids.expired])
    const one = await balustrade('log', 'show', log, '--id', ids.allowed ?? '', '-n', '1', '--json')
    expect(JSON.parse(one.stdout)).toMatchObject({ kind: 'completion', id: ids.allowed, status: 200 })
    expect((await balustrade('log', 'show', log, '--until', '2000-01-01T00:00:00Z')).stdout).toBe('')
  })

  test.each([
    { name: 'allowed', says: ['decision: allow by members-read', 'the same'] },
    { name: 'hidden', says: ['decision: deny', 'who.claim: unmet (claim.other)', 'the same'] },
    { name: 'anonymous', says: ['decision: challenge', 'login.required', 'the same'] },
    { name: 'expired', says: ['decision: deny (refused)', 'credential.expired', 'the same'] },
    { name: 'dots', says: ['request.dot_segment', 'No rule was asked'] },
  ])('explain says why a past decision was made: $name', async ({ name, says }) => {
    const got = await balustrade('explain', ids[name] ?? '', '--log', log)
    for (const text of says) expect(got.stdout).toContain(text)
    expect(got.status).toBe(0)
  })

  test('explain tells when the record is not what was decided', async () => {
    const copy = join(gateway.folder, 'altered')
    cpSync(log, copy, { recursive: true })
    const allowed = { outcome: 'allow', class: null, reasons: [], rule: 'members-read' }
    rewrite(copy, ids.hidden ?? '', (line) => JSON.stringify({ ...(JSON.parse(line) as object), ...allowed }))
    const got = await balustrade('explain', ids.hidden ?? '', '--log', copy)
    expect(got.stdout).toContain('Judged again by the policy of that time: deny')
    expect(got.status).toBe(1)
  })

  test('verify accepts the key of the log, names the record that was altered, and refuses another key', async () => {
    const key = join(gateway.folder, 'log.key')
    await expect
      .poll(async () => (await balustrade('log', 'verify', log, '--key', key, '--origin', ORIGIN)).stdout, { timeout: 90_000 })
      .toContain('The log is whole')
    const copy = join(gateway.folder, 'bitten')
    cpSync(log, copy, { recursive: true })
    const seq = rewrite(copy, ids.anonymous ?? '', (line) => line.replace('"method":"GET"', '"method":"PUT"'))
    const bitten = await balustrade('log', 'verify', copy, '--key', key, '--origin', ORIGIN)
    expect(bitten.stdout).toContain(`The log is not whole: record ${seq}:`)
    expect(bitten.status).toBe(1)
    const other = join(gateway.folder, 'other.pem')
    writeFileSync(other, generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }))
    expect((await balustrade('log', 'verify', log, '--key', other, '--origin', ORIGIN, '--json')).status).toBe(1)
    expect((await balustrade('log', 'verify', log, '--key', key)).stderr).toContain('--origin')
  })

  test('follow prints records as they come, and ends on an interrupt', async () => {
    const following = beginBalustrade('log', 'follow', log, '--outcome', 'challenge', '--json')
    await expect
      .poll(
        async () => {
          await ask('followed', '/tenants/acme/followed', 'Connection: close\r\n')
          return following.stdout()
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain('/tenants/acme/followed')
    following.child.kill('SIGINT')
    expect(await following.ended).toBe(0)
  })
})
