import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLogKey, verifierKeyOf } from '@balustrade/core/kit'
import type { DemoCertificates } from './certificates.ts'
import { GATEWAY_CLIENT } from './provider-settings.ts'

export interface DemoPorts {
  readonly gateway: number
  readonly service: number
  readonly provider: number
  readonly observe: number
  /** Where who comes over IPv6 gets in; null: this machine has none. */
  readonly elsewhere: number | null
}

/** What a demo runs with. */
export interface DemoSetup {
  readonly ports: DemoPorts
  /** Null: plain http. */
  readonly tls: DemoCertificates | null
}

/** Where the state of a demo is. */
export interface DemoFolder {
  readonly config: string
  readonly policy: string
  readonly log: string
  /** The key that verifies the log, as `log verify --key` takes it. */
  readonly logKey: string
  /** The authority to trust; null: plain http. */
  readonly ca: string | null
}

/** What the identity provider of a folder keeps there. */
export interface ProviderKeys {
  /** PEM. */
  readonly signingKey: string
  /** By which the gateway proves itself to the provider. */
  readonly gatewaySecret: string
  readonly peopleFile: string
  readonly passkeyFile: string
}

const SHIPPED = fileURLToPath(new URL('../../demo-policy', import.meta.url))
const ORIGIN = 'localhost/demo'

/** The ports of this run: everything else about the policy is as shipped, or as it was edited. */
const overlayText = (ports: DemoPorts): string => `balustrade: 1
services:
  demo: { upstream: 'http://127.0.0.1:${ports.service}' }
providers:
  demo: { issuer: 'http://localhost:${ports.provider}' }
`

const listenersText = ({ ports: { gateway, elsewhere }, tls }: DemoSetup): string =>
  [`127.0.0.1:${gateway}`, ...(elsewhere === null ? [] : [`[::1]:${elsewhere}`])]
    .map(
      (address) =>
        `  - address: '${address}'${tls === null ? '' : '\n    tls: { cert: { file: ./tls.pem }, key: { file: ./tls.key } }'}`,
    )
    .join('\n')

/** Of the gateway at one of its ports. */
export const originAt = ({ tls }: Pick<DemoSetup, 'tls'>, port: number): string =>
  `${tls === null ? 'http' : 'https'}://localhost:${port}`

const configText = (setup: DemoSetup): string => `balustrade: 1
policy: ./policy
environment: demo
listeners:
${listenersText(setup)}
observe: { address: '127.0.0.1:${setup.ports.observe}' }
log: { folder: ./log, origin: ${ORIGIN}, key: { file: ./log.pem } }
assertion: { issuer: '${originAt(setup, setup.ports.gateway)}', key: { file: ./assertion.pem } }
state: { file: ./state.db, keys: [{ file: ./state.key }] }
login:
  providers:
    demo: { client-id: ${GATEWAY_CLIENT}, client-secret: { file: ./client-secret }, name: the identity provider of the demo }
`

/** The content of a file for its owner alone, made at first. */
const keep = (file: string, make: () => string): string => {
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

const keepKey = (file: string): string => keep(file, () => createLogKey().pem)
/** 32 bytes. */
const keepSecret = (file: string, encoding: 'base64' | 'base64url'): string =>
  keep(file, () => randomBytes(32).toString(encoding))
const keepProviderKey = (file: string): string =>
  keep(file, () => String(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })))

/** Keys and files of the identity provider; what is there already is kept, so that sessions and passkeys outlive a restart. */
export const layProviderKeys = (folder: string): ProviderKeys => {
  // Apart from the configuration of the gateway, which is read again when a file beside it changes.
  const own = join(folder, 'provider')
  mkdirSync(own, { recursive: true, mode: 0o700 })
  return {
    signingKey: keepProviderKey(join(own, 'signing.pem')),
    gatewaySecret: keepSecret(join(folder, 'client-secret'), 'base64url'),
    peopleFile: join(own, 'people.json'),
    passkeyFile: join(own, 'passkeys.json'),
  }
}

/** Writes certificates over those of an earlier run; gives the path of the authority's. */
const layCertificates = (folder: string, tls: DemoCertificates | null): string | null => {
  if (tls === null) return null
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, tls.ca)
  writeFileSync(join(folder, 'tls.pem'), tls.certificate)
  writeFileSync(join(folder, 'tls.key'), tls.key, { mode: 0o600 })
  return ca
}

/** Lays policy, keys and configuration; a policy and keys that are there already are kept. */
export const layDemoFolder = (folder: string, setup: DemoSetup): DemoFolder => {
  const [policy, config] = [join(folder, 'policy'), join(folder, 'balustrade.yaml')]
  if (!existsSync(policy)) cpSync(SHIPPED, policy, { recursive: true })
  mkdirSync(join(policy, 'environments'), { recursive: true })
  writeFileSync(join(policy, 'environments', 'demo.yaml'), overlayText(setup.ports))
  keepKey(join(folder, 'assertion.pem'))
  keepSecret(join(folder, 'state.key'), 'base64')
  const logKey = verifierKeyOf(ORIGIN, createPrivateKey(keepKey(join(folder, 'log.pem'))))
  writeFileSync(config, configText(setup))
  return { config, policy, log: join(folder, 'log'), logKey, ca: layCertificates(folder, setup.tls) }
}
