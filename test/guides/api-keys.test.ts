// The guide on API keys: its configuration and policy are served, its commands run, its form checked.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drawKey, writeKey } from '../../packages/server/src/keys/key-form.ts'
import { root } from '../house/tree.ts'
import { balustrade, type Ran } from '../support/command.ts'
import { sendRaw, startGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/sessions.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { readBlocks } from './guide-blocks.ts'

const GUIDE = 'docs/guides/api-keys.md'
const PLACEHOLDER = '7Hq2mXc0pLz'
const page = readFileSync(join(root, GUIDE), 'utf8')
const textsOf = (language: string) => readBlocks(page).flatMap((block) => (block.language === language ? [block.text] : []))
const [config = '', policy = ''] = textsOf('yaml')
const lines = textsOf('sh').flatMap((text) => text.trim().split('\n'))

let upstream: Upstream
let gateway: TestGateway
beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway({
    policy: { 'charges.yaml': policy.replace('http://127.0.0.1:9000', upstream.origin) },
    config,
    files: { 'state.key': Buffer.alloc(32, 7).toString('base64') },
  })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

const lineFor = (words: string): string => lines.find((line) => line.startsWith(`balustrade keys ${words}`)) ?? 'not in the guide'

/** A line of the guide, with the id that stands for any put in, and in the folder of this test. */
const run = (words: string, { id = PLACEHOLDER, file = 'build.log' } = {}): Promise<Ran> =>
  balustrade(
    ...lineFor(words).replace(PLACEHOLDER, id).replace('build.log', file).split(' ').slice(1),
    '--config',
    join(gateway.folder, 'balustrade.yaml'),
  )

const statusOf = async (key: string): Promise<number> => {
  const request = `GET /7 HTTP/1.1\r\nHost: charges.example.com\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n\r\n`
  return (await sendRaw(gateway.port, request)).status
}

describe(GUIDE, () => {
  test('shows commands that do what it says', async () => {
    const created = await run('create')
    expect(created.status, created.stderr).toBe(0)
    const key = created.stdout.trim()
    expect(key).toMatch(new RegExp(`^${(textsOf('text')[0] ?? '').trim()}$`))
    expect(await statusOf(key)).toBe(200)
    const id = key.slice(5, 16)
    expect((await run('list')).stdout).toContain(`${id} balustrade/reporter live`)

    const rotated = await run('rotate', { id })
    expect(rotated.status, rotated.stderr).toBe(0)
    const next = rotated.stdout.trim()
    for (const each of [key, next]) expect(await statusOf(each)).toBe(200)
    expect((await run('revoke', { id })).status).toBe(0)
    await until(async () => (await statusOf(key)) === 401)

    const file = join(gateway.folder, 'build.log')
    writeFileSync(file, `export API_KEY=${next}\n`)
    expect((await run('leaked build.log', { file })).status).toBe(1)
    expect((await run('leaked --revoke', { file })).status).toBe(0)
    await until(async () => (await statusOf(next)) === 401)
  })

  test('shows how a scanner tells a key from what is none', () => {
    const script = join(gateway.folder, 'check-key.mjs')
    writeFileSync(script, textsOf('js')[0] ?? '')
    const key = writeKey(drawKey())
    const slip = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`
    const said = execFileSync(process.execPath, [script, `k=${key} ${slip} x${key}`], { encoding: 'utf8' })
    expect(said).toBe('a key\nno key\n')
  })
})
