import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { balustrade } from '../../../../test/support/command.ts'
import { layFolder, sendRaw, type TestGateway } from '../../../../test/support/gateway.ts'
import { at, person, until } from '../../../../test/support/sessions.ts'
import { startGatewayWithSessions } from '../../../../test/support/sessions-beside.ts'
import { startUpstream, type Upstream } from '../../../../test/support/upstream.ts'
import type { Sessions } from '../../../server/src/session/sessions.ts'

const policy = (upstream: string) => `balustrade: 1
service: notes
services:
  notes:
    hosts: [notes.example.com]
    upstream: ${upstream}
    audience: https://notes.example.com
    providers: corp
    login: [corp]
providers:
  corp:
    issuer: https://login.example.com
    profile: plain
    algorithms: [RS256]
    lifetime: 1h
    groups-claim: groups
    complete: [groups]
groups: [members]
grants:
  members-read:
    who: { group: members }
    what: { method: read, path: /** }
`

let upstream: Upstream
let gateway: TestGateway
let sessions: Sessions
let keyFile = ''
let close: () => Promise<void>
beforeAll(async () => {
  upstream = await startUpstream()
  ;({ gateway, sessions, keyFile, close } = await startGatewayWithSessions({ 'notes.yaml': policy(upstream.origin) }))
})
afterAll(async () => {
  await close()
  await upstream.close()
})

const config = () => ['--config', join(gateway.folder, 'balustrade.yaml')]
const begin = async (subject: string) => {
  const made = await sessions.begin(person({ subject, claims: { groups: ['members'] } }), { ...at(Date.now()), replaces: null })
  if (!made.ok) throw new Error('the store does not answer')
  return made.value
}
const statusOf = async (secret: string): Promise<number> => {
  const request = `GET /7 HTTP/1.1\r\nHost: notes.example.com\r\nCookie: balustrade=${secret}\r\nConnection: close\r\n\r\n`
  return (await sendRaw(gateway.port, request)).status
}

describe('beside a running server', () => {
  test.each([
    { note: 'one by its id', words: ({ id }: { id: string }) => ['--id', id], ended: 1, others: 200 },
    { note: 'those of a person, whose name has a slash', words: () => ['--user', 'corp/staff/ada'], ended: 1, others: 200 },
    { note: 'all', words: () => ['--all'], ended: 2, others: 401 },
  ])('lists sessions, and ends $note', async ({ words, ended, others }) => {
    const [ada, bob] = [await begin('staff/ada'), await begin('bob')]
    for (const { secret } of [ada, bob]) expect(await statusOf(secret)).toBe(200)
    const listed = await balustrade('sessions', 'list', '--json', ...config())
    expect(listed.status, listed.stderr).toBe(0)
    expect(JSON.parse(listed.stdout)).toMatchObject({
      sessions: expect.arrayContaining([expect.objectContaining({ id: ada.session.id, provider: 'corp', subject: 'staff/ada' })]),
    })
    const text = await balustrade('sessions', 'list', ...config())
    expect(text.stdout).toContain(`${ada.session.id} corp/staff/ada begun 20`)
    for (const { secret } of [ada, bob]) expect(listed.stdout + text.stdout).not.toContain(secret)

    const ending = await balustrade('sessions', 'end', ...words(ada.session), '--json', ...config())
    expect(ending.status, ending.stderr).toBe(0)
    expect(JSON.parse(ending.stdout)).toEqual({ ended })
    await until(async () => (await statusOf(ada.secret)) === 401)
    await until(async () => (await statusOf(bob.secret)) === others)
    const again = await balustrade('sessions', 'end', ...words(ada.session), ...config())
    expect([again.status, again.stdout]).toEqual([0, '0 sessions ended\n'])
    await until(async () =>
      (await gateway.records()).some(
        (record) =>
          record.kind === 'authentication' && record.code === 'session.ended.operator' && record.who?.session === ada.session.id,
      ),
    )
    await sessions.end('all', { ...at(), by: 'operator' })
  })
})

describe('what is refused', () => {
  const ID = 'A'.repeat(43)
  test.each([
    { note: 'nothing said', words: [], says: 'Say which sessions end' },
    { note: 'two things said', words: ['--all', '--id', ID], says: 'Say which sessions end' },
    { note: 'an id that is none', words: ['--id', 'ada'], says: 'An id is 43 characters long' },
    { note: 'a person without a provider', words: ['--user', 'ada'], says: 'provider/subject' },
    { note: 'a provider without a person', words: ['--user', 'corp/'], says: 'provider/subject' },
    { note: 'no configuration', words: ['--all', '--config', '/nowhere/balustrade.yaml'], says: 'balustrade.yaml' },
  ])('$note', async ({ words, says }) => {
    const given = words.includes('--config') ? words : [...words, ...config()]
    const ran = await balustrade('sessions', 'end', ...given)
    expect(ran.status).toBe(2)
    expect(ran.stderr).toContain(says)
  })

  test.each([
    { note: 'a configuration without state', config: '', says: 'names no state' },
    {
      note: 'a state that no server has made yet',
      config: 'state: { file: ./state.db, keys: [{ file: KEY }] }\n',
      says: 'There is no',
    },
  ])('$note', async ({ config: text, says }) => {
    const folder = layFolder({ policy: {}, config: text.replace('KEY', keyFile) })
    const ran = await balustrade('sessions', 'list', '--config', join(folder, 'balustrade.yaml'))
    rmSync(folder, { recursive: true, force: true })
    expect(ran.status).toBe(2)
    expect(ran.stderr).toContain(says)
  })
})
