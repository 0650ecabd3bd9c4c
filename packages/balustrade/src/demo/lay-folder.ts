import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createPrivateKey } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLogKey, verifierKeyOf } from '@balustrade/core/kit'

export interface DemoPorts {
  readonly gateway: number
  readonly service: number
  readonly provider: number
  readonly observe: number
}

/** Where the state of a demo is. */
export interface DemoFolder {
  readonly config: string
  readonly policy: string
  readonly log: string
  /** The key that verifies the log, as `log verify --key` takes it. */
  readonly logKey: string
}

const SHIPPED = fileURLToPath(new URL('../../demo-policy', import.meta.url))
const ORIGIN = 'localhost/demo'

/** The ports of this run: everything else about the policy is as shipped, or as it was edited. */
const overlayText = (ports: DemoPorts): string => `balustrade: 1
services:
  demo: { upstream: 'http://127.0.0.1:${ports.service}' }
providers:
  demo: { issuer: 'http://127.0.0.1:${ports.provider}' }
`

const configText = (ports: DemoPorts, hosts: readonly string[]): string => `balustrade: 1
policy: ./policy
environment: demo
listeners:
${hosts.map((host) => `  - address: '${host.includes(':') ? `[${host}]` : host}:${ports.gateway}'`).join('\n')}
observe: { address: '127.0.0.1:${ports.observe}' }
log: { folder: ./log, origin: ${ORIGIN}, key: { file: ./log.pem } }
assertion: { issuer: 'http://localhost:${ports.gateway}', key: { file: ./assertion.pem } }
`

const keepKey = (file: string): string => {
  if (!existsSync(file)) writeFileSync(file, createLogKey().pem, { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

/** Lays policy, keys and configuration; a policy and keys that are there already are kept. */
export const layDemoFolder = (
  folder: string,
  { ports, hosts }: { readonly ports: DemoPorts; readonly hosts: readonly string[] },
): DemoFolder => {
  const [policy, config] = [join(folder, 'policy'), join(folder, 'balustrade.yaml')]
  if (!existsSync(policy)) cpSync(SHIPPED, policy, { recursive: true })
  mkdirSync(join(policy, 'environments'), { recursive: true })
  writeFileSync(join(policy, 'environments', 'demo.yaml'), overlayText(ports))
  keepKey(join(folder, 'assertion.pem'))
  const logKey = verifierKeyOf(ORIGIN, createPrivateKey(keepKey(join(folder, 'log.pem'))))
  writeFileSync(config, configText(ports, hosts))
  return { config, policy, log: join(folder, 'log'), logKey }
}
