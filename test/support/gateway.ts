// A whole gateway for tests: real log, real policy documents, real issuer, on loopback with free ports.
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import type { DecisionRecord, LogRecord } from '../../packages/core/src/model/log-record.ts'
import { type Running, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { resolveConfig } from '../../packages/server/src/config/resolve-config.ts'
import type { ServiceLog } from '../../packages/server/src/observe/service-log.ts'

export interface TestGateway {
  readonly running: Running
  readonly port: number
  readonly folder: string
  /** Writes a file of the policy folder. */
  readonly write: (file: string, text: string) => void
  readonly records: () => Promise<readonly LogRecord[]>
  readonly decisions: () => Promise<readonly DecisionRecord[]>
  readonly close: () => Promise<void>
}

export interface TestGatewayOptions {
  /** Files of the policy folder by path. */
  readonly policy: Readonly<Record<string, string>>
  /** Appended to the configuration document. */
  readonly config?: string
  /** Replaces the one listener on 127.0.0.1. */
  readonly listeners?: string
  /** Other files of the configuration's folder by path, readable by their owner alone. */
  readonly files?: Readonly<Record<string, string>>
  readonly serviceLog?: ServiceLog
}

const QUIET: ServiceLog = { info: () => {}, warn: () => {}, error: () => {} }

const writeKey = (file: string): void => {
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
}

const configText = (options: TestGatewayOptions): string => `balustrade: 1
policy: ./policy
listeners:
${options.listeners ?? '  - address: 127.0.0.1:0'}
observe: { address: 127.0.0.1:0 }
log: { folder: ./log, origin: test.example.com/decisions, key: { file: ./log.key } }
assertion: { issuer: https://gateway.example.com, key: { file: ./assertion.key } }
${options.config ?? ''}
`

/** Lays a folder with configuration, keys and policy, as an operator would. */
export const layFolder = (options: TestGatewayOptions): string => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-test-'))
  writeKey(join(folder, 'log.key'))
  writeKey(join(folder, 'assertion.key'))
  for (const [file, text] of Object.entries(options.policy)) {
    const path = join(folder, 'policy', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  for (const [file, text] of Object.entries(options.files ?? {})) writeFileSync(join(folder, file), text, { mode: 0o600 })
  writeFileSync(join(folder, 'balustrade.yaml'), configText(options))
  return folder
}

const readAll = async (folder: string): Promise<readonly LogRecord[]> => {
  const records: LogRecord[] = []
  for await (const entry of readLog(join(folder, 'log'))) records.push(entry.record)
  return records
}

/** Starts a gateway or throws what it refused to start for. */
export const startGateway = async (options: TestGatewayOptions): Promise<TestGateway> => {
  const folder = layFolder(options)
  const config = readConfig(join(folder, 'balustrade.yaml'))
  if (!config.ok) throw new Error(JSON.stringify(config.faults))
  const resolved = resolveConfig(config.config)
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  const started = await startServer(resolved.settings, options.serviceLog ?? QUIET)
  if (!started.ok) throw new Error(JSON.stringify({ faults: started.faults, diagnostics: started.diagnostics }, null, 1))
  const { running } = started
  return {
    running,
    port: running.ports[0] as number,
    folder,
    write: (file, text) => writeFileSync(join(folder, 'policy', file), text),
    records: () => readAll(folder),
    decisions: async () => (await readAll(folder)).filter((record): record is DecisionRecord => record.kind === 'decision'),
    close: async () => {
      await running.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
  /** The server closed the connection. */
  readonly closed: boolean
}

const parseAnswer = (text: string, closed: boolean): RawAnswer => {
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: end < 0 ? '' : text.slice(end + 4), closed }
}

/** Sends exact bytes (latin-1) and reads until the server closes or is silent for `idle` ms. */
export const sendRaw = (port: number, bytes: string, { idle = 2_000, host = '127.0.0.1' } = {}): Promise<RawAnswer> =>
  new Promise((resolve) => {
    let text = ''
    let over = false
    const socket = connect(port, host)
    const finish = (closed: boolean) => {
      if (over) return
      over = true
      socket.destroy()
      resolve(parseAnswer(text, closed))
    }
    socket.setTimeout(idle, () => finish(false))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('close', () => finish(true))
    socket.on('error', () => finish(true))
    socket.write(bytes, 'latin1')
  })
