// What a gateway refuses to start with, each with the line that mends it, and a disk that fills while it serves.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { publicRule, serviceFile } from '../bypass/stage.ts'
import { root } from '../house/tree.ts'
import { balustrade } from '../support/command.ts'
import { layFolder, sendRaw } from '../support/gateway.ts'
import { startUpstream } from '../support/upstream.ts'
import { HOST, openPolicy, serve } from '../streams/serving.ts'

const GOOD = openPolicy('http://127.0.0.1:1')

/** Replaces a text of the configuration, which must be there. */
const amend = (folder: string, from: string, to: string): void => {
  const file = join(folder, 'balustrade.yaml')
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(from)
  writeFileSync(file, text.replace(from, to))
}

interface Row {
  readonly note: string
  readonly policy?: Readonly<Record<string, string>>
  readonly spoil?: (folder: string) => void
  readonly code: string
  /** What the help says. */
  readonly mend: string
}

const rows: readonly Row[] = [
  { note: 'no policy folder', policy: {}, code: 'config.no_policy', mend: 'balustrade init' },
  { note: 'empty policy folder', policy: { 'notes.txt': 'none' }, code: 'folder.empty', mend: 'Put a *.yaml file' },
  { note: 'faulty policy', policy: { ...GOOD, 'more.yaml': 'balustrade: 1\ngrnats: {}\n' }, code: 'key.unknown', mend: 'grants' },
  {
    note: 'missing key',
    spoil: (folder) => rmSync(join(folder, 'log.key')),
    code: 'config.secret_unreadable',
    mend: 'Check the path',
  },
  {
    note: 'key that is none',
    spoil: (folder) => writeFileSync(join(folder, 'log.key'), 'no key'),
    code: 'config.key_invalid',
    mend: 'openssl genpkey',
  },
  {
    note: 'key that others may read',
    spoil: (folder) => chmodSync(join(folder, 'assertion.key'), 0o644),
    code: 'config.key_readable',
    mend: 'chmod 600',
  },
  {
    note: 'key in a variable that is not set',
    spoil: (folder) => amend(folder, 'key: { file: ./log.key }', 'key: { env: BALUSTRADE_NO_SUCH_KEY }'),
    code: 'config.env_missing',
    mend: 'Set BALUSTRADE_NO_SUCH_KEY',
  },
  {
    note: 'secret written out',
    spoil: (folder) => amend(folder, 'key: { file: ./log.key }', 'key: hunter2'),
    code: 'config.invalid',
    mend: 'file',
  },
  {
    note: 'log folder that is none',
    spoil: (folder) => writeFileSync(join(folder, 'log'), ''),
    code: 'disk.',
    mend: 'log.folder',
  },
  {
    note: 'plain HTTP to other machines',
    spoil: (folder) => amend(folder, 'address: 127.0.0.1:0', "address: '[::]:0'"),
    code: 'config.plain_http',
    mend: 'tls:',
  },
]

interface Said {
  readonly ok: boolean
  readonly faults: readonly { readonly code: string; readonly help: string }[]
  readonly diagnostics: readonly { readonly code: string; readonly help: string }[]
}

describe('a start that would be unsafe is refused, with the line that mends it', () => {
  test.each(rows)('$note: $code', async ({ policy = GOOD, spoil, code, mend }) => {
    const folder = layFolder({ policy })
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    spoil?.(folder)
    const { status, stdout } = await balustrade('serve', '--config', join(folder, 'balustrade.yaml'), '--json')
    const said = JSON.parse(stdout) as Said
    const [first] = [...said.faults, ...said.diagnostics]
    expect([status, said.ok, first?.code]).toEqual([2, false, expect.stringContaining(code)])
    expect(first?.help).toContain(mend)
  })

  test('address taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const folder = layFolder({ policy: GOOD })
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    amend(folder, '- address: 127.0.0.1:0', `- address: 127.0.0.1:${port}`)
    const { status, stderr } = await balustrade('serve', '--config', join(folder, 'balustrade.yaml'), '--json')
    expect([status, stderr]).toEqual([3, expect.stringContaining(`address already in use 127.0.0.1:${port}`)])
  })

  test('in a guide that names every row', () => {
    const guide = readFileSync(join(root, 'docs', 'guides', 'when-things-fail.md'), 'utf8')
    for (const note of [...rows.map((row) => row.note), 'address taken', 'disk full']) expect(guide).toContain(note)
  })
})

/** KiB that a file may have: to a process with this limit a disk looks full. */
const ROOM = 200

describe('disk full', () => {
  test('a strict service is refused, one with a bounded log is served, and health says so', async () => {
    const upstream = await startUpstream((_served, response) => response.end('here'))
    const bounded = serviceFile({
      name: 'bounded',
      upstream: upstream.origin,
      more: '    audit: bounded\n',
      rules: `public:\n${publicRule('bounded-open', '{ path: /** }')}`,
    })
    const gateway = await serve({ policy: { ...openPolicy(upstream.origin), 'bounded.yaml': bounded } }, ROOM)
    onTestFinished(async () => {
      await gateway.close()
      await upstream.close()
    })
    const ask = (host: string) =>
      sendRaw(gateway.port, `GET /${'a'.repeat(4_000)} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    let allowed = 0
    let got = await ask(HOST)
    for (; got.status === 200 && allowed < 1_000; allowed++) got = await ask(HOST)
    expect([got.status, got.body.includes('log.unavailable')]).toEqual([503, true])
    expect(upstream.served.length).toBe(allowed)
    expect((await ask('bounded.example.com')).status).toBe(200)
    expect(await (await fetch(`${gateway.observe}/healthz`)).json()).toMatchObject({ log: 'disk.full' })
    expect(gateway.said()).toContain('disk.full')
    expect(await gateway.end()).toBe(0)
  })
})
