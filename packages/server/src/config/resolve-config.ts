import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import {
  attempt,
  createNetworkSet,
  NO_PROXIES,
  type Network,
  parseAddress,
  parseNetwork,
  type ProxyTrust,
  trustFault,
} from '@balustrade/core/kit'
import { GATEWAY_LIMITS, type GatewayLimits } from '../gateway/limits.ts'
import type { ListenerSettings } from '../gateway/listener.ts'
import { type Collector, createCollector, type Path, readReference, readSigningKey } from './collector.ts'
import type { ConfigFault } from './fault.ts'
import type { ConfigFile } from './read-config.ts'
import { type PeopleSettings, resolvePeople } from './resolve-people.ts'

/** Everything compose needs: values checked, keys loaded. */
export interface ServerSettings {
  readonly policyFolder: string
  readonly environment: string | null
  readonly listeners: readonly ListenerSettings[]
  readonly trust: ProxyTrust
  readonly observe: { readonly host: string; readonly port: number }
  readonly log: { readonly folder: string; readonly origin: string; readonly key: KeyObject }
  readonly assertion: { readonly issuer: string; readonly key: KeyObject }
  readonly upstreamCa: string | undefined
  /** Files that the document names, certificates and keys. */
  readonly files: readonly string[]
  readonly limits: GatewayLimits
  readonly people: PeopleSettings
}

export type ResolvedConfig =
  | { readonly ok: true; readonly settings: ServerSettings }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] }

const hostPort = (text: string): { readonly host: string; readonly port: number } => {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

const parseNetworks = (collector: Collector, path: Path, texts: readonly string[]): readonly Network[] =>
  texts.flatMap((text, index) => {
    const parsed = parseNetwork(text)
    if (parsed.ok) return [parsed.network]
    collector.add([...path, index], {
      code: 'config.network',
      message: `${text}: ${parsed.why}.`,
      help: 'Write an address or a CIDR, such as 10.0.0.0/8.',
    })
    return []
  })

const trusted = (collector: Collector, path: Path, texts: readonly string[]): readonly Network[] => {
  const networks = parseNetworks(collector, path, texts)
  const why = trustFault(networks)
  if (why !== null)
    collector.add(path, { code: 'config.trusts_everyone', message: `${why}.`, help: 'List the addresses of your proxies only.' })
  return networks
}

const resolveTrust = (collector: Collector): ProxyTrust => {
  const declared = collector.config.document['trusted-proxies']
  if (declared === undefined) return NO_PROXIES
  return {
    proxies: createNetworkSet(trusted(collector, ['trusted-proxies', 'networks'], declared.networks)),
    field: declared.field,
  }
}

type ListenerDocument = ConfigFile['document']['listeners'][number]

const resolveTls = (collector: Collector, path: Path, tls: ListenerDocument['tls']): ListenerSettings['tls'] => {
  if (tls === undefined) return null
  const cert = readReference(collector, [...path, 'tls', 'cert'], { ...tls.cert, isPublic: true })
  const key = readReference(collector, [...path, 'tls', 'key'], tls.key)
  if (cert === null || key === null) return null
  const usable = attempt(() => new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
  if (usable.ok && usable.value) return { cert, key }
  collector.add([...path, 'tls'], {
    code: 'config.tls',
    message: 'The certificate and the private key do not belong together, or are not PEM.',
    help: 'Give the certificate chain and its own key.',
  })
  return null
}

const resolveListener = (collector: Collector, listener: ListenerDocument, index: number): ListenerSettings => {
  const path = ['listeners', index]
  const { host, port } = hostPort(listener.address)
  const behindProxy = listener['plain-http'] !== undefined && collector.config.document['trusted-proxies'] !== undefined
  if (listener.tls === undefined && !isLoopback(host) && !behindProxy) {
    collector.add(path, {
      code: 'config.plain_http',
      message: `${listener.address} would serve credentials over plain HTTP.`,
      help: 'Add tls: { cert: { file: … }, key: { file: … } }; or, behind a proxy that ends TLS, plain-http: behind-trusted-proxy and trusted-proxies.',
    })
  }
  const from = listener['proxy-protocol']?.from
  const senders = from === undefined ? null : createNetworkSet(trusted(collector, [...path, 'proxy-protocol', 'from'], from))
  const allows = (peer: string): boolean => {
    const address = parseAddress(peer)
    return address !== null && senders !== null && senders.has(address)
  }
  return { host, port, tls: resolveTls(collector, path, listener.tls), proxyHeaderFrom: senders === null ? null : allows }
}

const LIMIT_NAMES = Object.keys(GATEWAY_LIMITS) as readonly (keyof GatewayLimits)[]
const hyphenated = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const resolveLimits = (declared: ConfigFile['document']['limits']): GatewayLimits => {
  const values = declared as Readonly<Record<string, number | undefined>> | undefined
  return Object.fromEntries(
    LIMIT_NAMES.map((name) => [name, values?.[hyphenated(name)] ?? GATEWAY_LIMITS[name]]),
  ) as unknown as GatewayLimits
}

/** Reads secrets and checks what the form cannot say. Every fault of the document is reported; nothing unsafe is started. */
export const resolveConfig = (config: ConfigFile): ResolvedConfig => {
  const collector = createCollector(config)
  const { document } = config
  const logKey = readSigningKey(collector, ['log', 'key'], document.log.key)
  const assertionKey = readSigningKey(collector, ['assertion', 'key'], document.assertion.key)
  const ca = document['upstream-tls']
  const settings = {
    policyFolder: resolve(config.base, document.policy),
    environment: document.environment ?? null,
    listeners: document.listeners.map((listener, index) => resolveListener(collector, listener, index)),
    trust: resolveTrust(collector),
    observe: hostPort(document.observe.address),
    upstreamCa:
      ca === undefined
        ? undefined
        : (readReference(collector, ['upstream-tls', 'ca'], { ...ca.ca, isPublic: true }) ?? undefined),
    limits: resolveLimits(document.limits),
    people: resolvePeople(collector),
  }
  if (collector.faults.length > 0 || logKey === null || assertionKey === null) return { ok: false, faults: collector.faults }
  const log = { folder: resolve(config.base, document.log.folder), origin: document.log.origin, key: logKey }
  const assertion = { issuer: document.assertion.issuer, key: assertionKey }
  return { ok: true, settings: { ...settings, log, assertion, files: collector.files } }
}
