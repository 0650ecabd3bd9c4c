import { once } from 'node:events'
import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { proveKills } from '../../../../test/support/log-kills.ts'
import { makeFolder, readAll } from '../../../../test/support/log.ts'
import { parseVerifierKey } from '../lib/signed-note.ts'
import { createLogKey, verifierKeyOf } from './log-key.ts'
import { verifyLog } from './verify-log.ts'

test('20 kills at random moments: what was acknowledged is there, and the log verifies', { timeout: 180_000 }, async () => {
  const result = await proveKills(20)
  expect(result.faults).toEqual([])
  expect(result.acknowledged).toBeGreaterThan(1_000)
})

const WRITER = join(import.meta.dirname, '../../../../test/support/log-writer.ts')
const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

/** The limit of file size of the process stands for the size of the disk: the system's own refusal, in the middle of a write. */
test.skipIf(!canLimit)(
  'a disk that fills up and is given room again: nothing acknowledged is lost, nothing lost is silent',
  { timeout: 60_000 },
  async () => {
    const root = makeFolder()
    const folder = join(root, 'log')
    const keyFile = join(root, 'key.pem')
    const { key, pem } = createLogKey()
    writeFileSync(keyFile, pem, { mode: 0o600 })
    const script = 'ulimit -S -f 100; exec "$0" "$@"'
    const args = ['-c', script, process.execPath, '--conditions=source', WRITER, folder, keyFile, 'd', '60']
    const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    let isLifted = false
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (isLifted || !/^false /m.test(said)) return
      isLifted = true
      setTimeout(() => spawnSync('prlimit', ['--fsize=unlimited', '--pid', String(child.pid)]), 200)
    })
    await once(child, 'close')
    const lines = said.trimEnd().split('\n')
    expect(lines).toContain('trouble began disk.full 0')
    expect(lines.filter((line) => line.startsWith('trouble ended disk.full'))).toHaveLength(1)
    expect(lines.at(-1)).toBe('closed')
    const entries = await readAll(folder)
    const ids = entries.flatMap(({ record }) => (record.kind === 'decision' ? [record.id] : []))
    const durable = lines.filter((line) => /^d-\d+$/.test(line))
    const kept = lines.flatMap((line) => /^false (d-\d+) kept$/.exec(line)?.[1] ?? [])
    expect(durable.length).toBeGreaterThan(100)
    expect(kept.length).toBeGreaterThan(0)
    expect([...ids].sort()).toEqual([...durable, ...kept].sort())
    const verifier = parseVerifierKey(verifierKeyOf('test.example/decisions', key))
    expect(await verifyLog(folder, { keys: verifier.ok ? [verifier.verifier] : [] })).toMatchObject({
      ok: true,
      records: entries.length,
      torn: 0,
    })
  },
)
