// Kills a process that writes a decision log, again and again at random moments, and looks for every record that was acknowledged.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogKey, verifierKeyOf } from '../../packages/core/src/decision-log/log-key.ts'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import { verifyLog } from '../../packages/core/src/decision-log/verify-log.ts'
import { type NoteVerifier, parseVerifierKey } from '../../packages/core/src/lib/signed-note.ts'

export interface KillResult {
  readonly kills: number
  readonly acknowledged: number
  readonly records: number
  /** Times that a crash left half a record behind. */
  readonly torn: number
  /** Acknowledged records that are not in the log, and logs that do not verify. Empty: proved. */
  readonly faults: readonly string[]
}

const WRITER = join(import.meta.dirname, 'log-writer.ts')
const ORIGIN = 'test.example/decisions'
/** Kills of one folder: few enough that verifying it after each stays quick. */
const KILLS_OF_FOLDER = 10

export const startWriter = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--conditions=source', WRITER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })

interface Case {
  readonly folder: string
  readonly keyFile: string
  readonly keys: readonly NoteVerifier[]
}

/** Everything that the writer said before it was killed. */
const runUntilKilled = async ({ folder, keyFile }: Case, prefix: string): Promise<readonly string[]> => {
  const child = startWriter([folder, keyFile, prefix])
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), Math.random() * 120)
    said += text
  })
  await once(child, 'close')
  return said.split('\n').slice(0, -1)
}

const checkLog = async ({ folder, keys }: Case, acknowledged: readonly string[]) => {
  const ids = new Set<string>()
  let records = 0
  for await (const { record } of readLog(folder)) {
    records++
    if (record.kind === 'decision') ids.add(record.id)
  }
  const missing = acknowledged.filter((id) => !ids.has(id)).map((id) => `${id} was acknowledged and is gone`)
  const verified = await verifyLog(folder, { keys })
  return { records, faults: verified.ok ? missing : [...missing, `record ${verified.fault.seq}: ${verified.fault.why}`] }
}

const runFolder = async (kills: number): Promise<KillResult> => {
  const root = mkdtempSync(join(tmpdir(), 'balustrade-kills-'))
  const { key, pem } = createLogKey()
  const keyFile = join(root, 'key.pem')
  writeFileSync(keyFile, pem, { mode: 0o600 })
  const verifier = parseVerifierKey(verifierKeyOf(ORIGIN, key))
  const place: Case = { folder: join(root, 'log'), keyFile, keys: verifier.ok ? [verifier.verifier] : [] }
  const acknowledged: string[] = []
  const faults: string[] = []
  let records = 0
  for (let kill = 0; kill < kills; kill++) {
    const lines = await runUntilKilled(place, `k${kill}`)
    acknowledged.push(...lines.filter((line) => /^k\d+-\d+$/.test(line)))
    if (lines[0] !== 'ready') faults.push(`the log did not open after kill ${kill}`)
    const checked = await checkLog(place, acknowledged)
    faults.push(...checked.faults)
    records = checked.records
  }
  const torn = readdirSync(place.folder).filter((name) => name.includes('.torn-')).length
  rmSync(root, { recursive: true, force: true })
  return { kills, acknowledged: acknowledged.length, records, torn, faults }
}

/** Kills that many times, each time a writer that goes on where the one before was killed. */
export async function proveKills(kills: number, onFolder: (result: KillResult) => void = () => undefined): Promise<KillResult> {
  let sum: KillResult = { kills: 0, acknowledged: 0, records: 0, torn: 0, faults: [] }
  while (sum.kills < kills) {
    const part = await runFolder(Math.min(KILLS_OF_FOLDER, kills - sum.kills))
    sum = {
      kills: sum.kills + part.kills,
      acknowledged: sum.acknowledged + part.acknowledged,
      records: sum.records + part.records,
      torn: sum.torn + part.torn,
      faults: [...sum.faults, ...part.faults],
    }
    onFolder(sum)
  }
  return sum
}
