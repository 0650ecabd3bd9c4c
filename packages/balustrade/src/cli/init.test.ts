import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { balustrade, beginBalustrade } from '../../../../test/support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'balustrade-init-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('init', () => {
  test('writes what check accepts and test passes, named for the service, with keys that others cannot read', async () => {
    const place = join(folder, 'shop')
    const made = await balustrade('init', place, '--host', 'shop.example.com', '--upstream', 'http://127.0.0.1:3100', '--json')
    expect(made.status).toBe(0)
    expect((JSON.parse(made.stdout) as { readonly files: unknown }).files).toEqual([
      'policy/shop.yaml',
      'balustrade.yaml',
      'keys/log.pem',
      'keys/assertion.pem',
    ])
    const checked = await balustrade('check', join(place, 'policy'))
    expect(checked).toMatchObject({ status: 0, stdout: '2 rules of 1 service, 0 warnings\n' })
    expect((await balustrade('test', join(place, 'policy'))).stdout).toContain('2 passed, 0 failed')
    for (const key of ['log.pem', 'assertion.pem']) expect(statSync(join(place, 'keys', key)).mode & 0o077).toBe(0)
    expect(readFileSync(join(place, '.gitignore'), 'utf8')).toBe('keys/\nlog/\n')
  })

  test('never overwrites, and adds to a .gitignore what it lacks', async () => {
    const place = join(folder, 'there')
    mkdirSync(place)
    writeFileSync(join(place, '.gitignore'), 'dist\nlog/')
    expect((await balustrade('init', place, '--yes')).status).toBe(0)
    expect(readFileSync(join(place, '.gitignore'), 'utf8')).toBe('dist\nlog/\nkeys/\n')
    const before = readFileSync(join(place, 'balustrade.yaml'), 'utf8')
    const again = await balustrade('init', place, '--host', 'other.example.com', '--yes')
    expect(again.status).toBe(2)
    expect(again.stderr).toContain('Nothing was written')
    expect(readFileSync(join(place, 'balustrade.yaml'), 'utf8')).toBe(before)
  })

  test.each([
    { note: 'a host that is none', words: ['--host', 'not a host', '--yes'], says: 'not a host' },
    {
      note: 'YAML in a host',
      words: ['--host', 'a.example.com]\n    upstream: http://evil', '--yes'],
      says: 'Nothing was written',
    },
    { note: 'an upstream that is none', words: ['--upstream', 'somewhere', '--yes'], says: 'somewhere' },
    { note: 'an issuer without TLS', words: ['--issuer', 'http://login.example.com', '--yes'], says: 'login.example.com' },
  ])('refuses $note and writes nothing', async ({ note, words, says }) => {
    const got = await balustrade('init', join(folder, note.replaceAll(' ', '-')), ...words)
    expect(got.status).toBe(2)
    expect(got.stderr).toContain(says)
  })
})

describe('serve', () => {
  const place = join(folder, 'served')
  const config = join(place, 'balustrade.yaml')

  test('starts from what init wrote, reloads on SIGHUP and ends on SIGTERM', async () => {
    await balustrade('init', place, '--yes')
    // Fixed ports would collide with whatever runs on this machine.
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:0'))
    const serving = beginBalustrade('serve', '--config', config, '--json')
    await expect.poll(serving.stdout, { timeout: 60_000 }).toContain('"ok": true')
    const { listening, observe } = JSON.parse(serving.stdout()) as {
      readonly listening: readonly string[]
      readonly observe: string
    }
    const answered = await fetch(`${listening[0]}/`, { headers: { host: 'x' }, signal: AbortSignal.timeout(10_000) })
    expect(answered.status).toBe(404)
    expect((await fetch(`${observe}/readyz`, { signal: AbortSignal.timeout(10_000) })).status).toBe(200)
    const loads = () => serving.stderr().split('policy.loaded').length
    const before = loads()
    serving.child.kill('SIGHUP')
    await expect.poll(loads, { timeout: 20_000 }).toBeGreaterThan(before)
    serving.child.kill('SIGTERM')
    expect(await serving.ended).toBe(0)
  })

  test('a faulty policy is refused with frames, a faulty configuration with the line that mends it', async () => {
    const broken = join(place, 'policy', 'broken.yaml')
    writeFileSync(broken, 'balustrade: 1\ngrants:\n  x:\n    who: { grupo: a }\n    what: { service: app }\n')
    const policy = await balustrade('serve', '--config', config)
    expect(policy.status).toBe(2)
    expect(policy.stderr).toContain('broken.yaml:4:')
    expect(policy.stderr).toContain('who: { grupo: a }')
    rmSync(broken)
    writeFileSync(config, readFileSync(config, 'utf8').replace('127.0.0.1:0', '0.0.0.0:0'))
    const refused = await balustrade('serve', '--config', config, '--json')
    expect(refused.status).toBe(2)
    expect(refused.stdout).toContain('config.plain_http')
  })
})
