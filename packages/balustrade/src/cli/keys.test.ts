import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { balustrade } from '../../../../test/support/command.ts'
import { sendRaw, startGateway, type TestGateway } from '../../../../test/support/gateway.ts'
import { until } from '../../../../test/support/sessions.ts'
import { startUpstream, type Upstream } from '../../../../test/support/upstream.ts'
import { drawKey, parseKey, writeKey } from '../../../server/src/keys/key-form.ts'

const policy = (upstream: string) => `balustrade: 1
service: charges
services:
  charges:
    hosts: [charges.example.com]
    upstream: ${upstream}
    credentials: api-key
scopes: [charges.read, charges.write, 'charges.*', notes.read]
workloads:
  reporter: { provider: balustrade, subject: reporter }
grants:
  reports:
    who: { workload: reporter }
    what: { method: read, path: /** }
    how: { scope: charges.read }
  changes:
    who: { workload: reporter }
    what: { method: write, path: /** }
    how: { scope: charges.write }
`

let upstream: Upstream
let gateway: TestGateway
let other = ''
beforeAll(async () => {
  upstream = await startUpstream()
  other = mkdtempSync(join(tmpdir(), 'balustrade-leaks-'))
  gateway = await startGateway({
    policy: { 'charges.yaml': policy(upstream.origin) },
    config: `state: { file: ./state.db, keys: [{ file: ./state.key }] }\napi-keys: { longest-life: 90d }\n`,
    files: { 'state.key': Buffer.alloc(32, 7).toString('base64') },
  })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
  rmSync(other, { recursive: true, force: true })
})

const config = () => ['--config', join(gateway.folder, 'balustrade.yaml')]
const keys = (...words: readonly string[]) => balustrade('keys', ...words, ...config())

const create = async (...more: readonly string[]) => {
  const ran = await keys(
    'create',
    '--subject',
    'reporter',
    '--owner',
    'ada@example.com',
    '--expires-in',
    '30d',
    '--json',
    ...more,
  )
  expect(ran.status, ran.stderr).toBe(0)
  return JSON.parse(ran.stdout) as { readonly key: string; readonly id: string }
}

const send = (key: string | null, method = 'GET') => {
  const field = key === null ? '' : `Authorization: Bearer ${key}\r\n`
  return sendRaw(gateway.port, `${method} /7 HTTP/1.1\r\nHost: charges.example.com\r\n${field}Connection: close\r\n\r\n`)
}
const statusOf = async (key: string | null, method?: string): Promise<number> => (await send(key, method)).status

const isRecorded = async (action: string, id: string): Promise<boolean> => {
  const records = await gateway.records()
  return records.some(
    (each) => each.kind === 'administration' && each.action === action && JSON.stringify(each.detail).includes(id),
  )
}

describe('beside a running server', () => {
  test('a key is given out, good at once for what it may, rotated and revoked', async () => {
    const { key, id } = await create('--scope', 'charges.read')
    expect(await statusOf(key)).toBe(200)
    const refused = await send(key, 'POST')
    expect(refused.status).toBe(403)
    expect(refused.body).toContain('scope.missing')

    const text = await keys('list')
    expect(text.status, text.stderr).toBe(0)
    expect(text.stdout).toContain(`${id} balustrade/reporter live owner ada@example.com, charges.read, from anywhere, expires 20`)

    const rotated = await keys('rotate', id, '--overlap', '1h', '--json')
    const next = JSON.parse(rotated.stdout) as { readonly key: string; readonly id: string }
    for (const each of [key, next.key]) expect(await statusOf(each)).toBe(200)
    const again = await keys('rotate', id)
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining(`Rotate that one.`)])

    const revoked = await keys('revoke', id, next.id)
    expect(revoked.status, revoked.stderr).toBe(0)
    for (const each of [key, next.key]) await until(async () => (await statusOf(each)) === 401)
    expect((await send(key)).body).toContain('key.revoked')
    expect((await keys('revoke', id)).status).toBe(0)

    await until(() => isRecorded('keys.created', id))
    await until(() => isRecorded('keys.rotated', next.id))
    for (const each of [id, next.id]) await until(() => isRecorded('keys.revoked', each))
    const decision = (await gateway.decisions()).find((each) => each.outcome === 'allow' && JSON.stringify(each.who).includes(id))
    expect(decision).toMatchObject({ who: { provider: 'balustrade', subject: 'reporter' } })
  })

  test('a wildcard that the policy declares covers what begins so', async () => {
    const { key } = await create('--scope', 'charges.*')
    expect([await statusOf(key), await statusOf(key, 'POST')]).toEqual([200, 200])
  })

  test.each([
    { note: 'none', key: () => null },
    { note: 'one nobody gave out', key: () => writeKey(drawKey()) },
    { note: 'a slip', key: (good: string) => `${good.slice(0, -1)}${good.endsWith('a') ? 'b' : 'a'}` },
    { note: 'another secret', key: (good: string) => writeKey({ id: parseKey(good)?.id ?? '', secret: drawKey().secret }) },
  ])('is answered with 401 and a Bearer challenge: $note', async ({ key }) => {
    const { key: good } = await create('--scope', 'charges.read')
    const answer = await send(key(good))
    expect(answer.status).toBe(401)
    expect(answer.head).toMatch(/^www-authenticate: bearer realm="charges"/im)
  })

  test('of a network it is not good from elsewhere', async () => {
    const { key } = await create('--scope', 'charges.read', '--network', '192.0.2.0/24')
    const answer = await send(key)
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('key.network')])
  })

  test('stands nowhere but where it was printed', async () => {
    const { key } = await create('--scope', 'charges.read')
    expect(await statusOf(key)).toBe(200)
    await statusOf(`${key}x`)
    await until(async () => (await gateway.decisions()).length > 1)
    const secret = parseKey(key)?.secret ?? ''
    const shown = [(await keys('list')).stdout, (await keys('list', '--json')).stdout, JSON.stringify(await gateway.records())]
    for (const each of shown) expect(each).not.toContain(secret)
    // By another process: one that opens and closes a file of its own store loses its locks on it (fcntl).
    const search = (text: string) => spawnSync('grep', ['-rlaF', text, gateway.folder], { encoding: 'utf8' }).stdout
    expect(search(secret)).toBe('')
    expect(search('charges.example.com')).not.toBe('')
  })
})

describe('leaked keys', () => {
  test('are found in files, told apart, and revoked when asked', async () => {
    const { key, id } = await create('--scope', 'charges.read')
    const gone = await create()
    await keys('revoke', gone.id)
    const strange = drawKey()
    const file = join(other, 'build.log')
    const slip = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`
    writeFileSync(file, `one\nAPI_KEY="${key}" again ${key}\n${gone.key}\n${writeKey(strange)} ${slip}\n`)
    const found = await keys('leaked', file)
    expect(found.status, found.stderr).toBe(1)
    expect(found.stdout.split('\n').slice(0, -1)).toEqual([
      `${file}:2 ${id} live balustrade/reporter, owner ada@example.com`,
      `${file}:2 ${id} live balustrade/reporter, owner ada@example.com`,
      `${file}:3 ${gone.id} revoked balustrade/reporter, owner ada@example.com`,
      `${file}:4 ${strange.id} unknown`,
    ])
    expect(found.stdout + found.stderr).not.toContain(parseKey(key)?.secret)
    expect(await statusOf(key)).toBe(200)
    const ended = await keys('leaked', '--revoke', '--json', file)
    expect(ended.status, ended.stderr).toBe(0)
    expect(JSON.parse(ended.stdout).leaked.map(({ state }: { state: string }) => state)).toEqual([
      'revoked',
      'revoked',
      'revoked',
      'unknown',
    ])
    await until(async () => (await statusOf(key)) === 401)
  })

  test('in none, nothing; from standard input', async () => {
    const ran = await keys('leaked')
    expect([ran.status, ran.stdout]).toEqual([0, ''])
  })
})

describe('what is refused', () => {
  const complete = ['create', '--subject', 'a', '--owner', 'b', '--expires-in', '1d']
  test.each([
    { note: 'no subject', words: ['create', '--owner', 'b', '--expires-in', '1d'], says: '--subject' },
    { note: 'no owner', words: ['create', '--subject', 'a', '--expires-in', '1d'], says: '--owner' },
    { note: 'no end', words: ['create', '--subject', 'a', '--owner', 'b'], says: '--expires-in' },
    { note: 'a scope nobody declared', words: [...complete, '--scope', 'charges'], says: 'It declares charges.*' },
    { note: 'a wildcard nobody declared', words: [...complete, '--scope', '*'], says: 'does not declare *' },
    { note: 'what is no network', words: [...complete, '--network', 'office'], says: 'CIDR' },
    {
      note: 'a longer life than configured',
      words: ['create', '--subject', 'a', '--owner', 'b', '--expires-in', '91d'],
      says: 'at most 90d',
    },
    {
      note: 'a subject with a space',
      words: ['create', '--subject', 'a b', '--owner', 'b', '--expires-in', '1d'],
      says: 'subject',
    },
    { note: 'what is no id', words: ['revoke', 'AAAAAAAAAAA', 'reporter'], says: '11 letters and digits' },
    { note: 'a file that is not there', words: ['leaked', '/nowhere/build.log'], says: 'cannot be read' },
  ])('$note', async ({ words, says }) => {
    const ran = await keys(...words)
    expect([ran.status, ran.stdout], ran.stderr).toEqual([2, ''])
    expect(ran.stderr).toContain(says)
  })

  test.each(['rotate', 'revoke'])('%s of a whole key, which is not repeated', async (verb) => {
    const parts = drawKey()
    const ran = await keys(verb, writeKey(parts))
    expect([ran.status, ran.stdout]).toEqual([2, ''])
    expect(ran.stderr).toContain(`Its id is ${parts.id}.`)
    expect(ran.stderr).not.toContain(parts.secret)
  })

  test.each([
    { note: 'rotating what is not there', words: ['rotate', 'AAAAAAAAAAA'] },
    { note: 'revoking what is not there', words: ['revoke', 'AAAAAAAAAAA'] },
  ])('$note', async ({ words }) => {
    const ran = await keys(...words)
    expect([ran.status, ran.stderr], ran.stderr).toEqual([1, expect.stringContaining('no key with this id')])
  })
})
