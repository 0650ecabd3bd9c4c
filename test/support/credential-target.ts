// Where a credential is presented in tests: a service that accepts given providers, a clock that tests move by hand, and whatever
// troubles were reported.
import { type Address, parseAddress } from '../../packages/core/src/lib/address.ts'
import type { CredentialSetup, CredentialTarget, CredentialTrouble } from '../../packages/core/src/model/identity.ts'
import type { BindingImage, PolicyImage, ProviderImage, ServiceImage } from '../../packages/core/src/model/policy-image.ts'

const LOOPBACK = parseAddress('127.0.0.1') as Address

export interface ManualSetup extends CredentialSetup {
  /** Moves wall clock and monotonic clock. */
  readonly advance: (ms: number) => void
  readonly now: () => number
  readonly troubles: readonly CredentialTrouble[]
}

/** A setup whose clocks stand still until moved; the wall clock starts at the real time. */
export const manualSetup = (): ManualSetup => {
  const start = Date.now()
  const troubles: CredentialTrouble[] = []
  let passed = 0
  const now = (): number => start + passed
  return {
    sessions: null,
    keys: null,
    clock: { now, monotonic: () => 1_000_000 + passed },
    onTrouble: (trouble) => troubles.push(trouble),
    advance: (ms) => {
      passed += ms
    },
    now,
    troubles,
  }
}

export interface TargetOptions {
  readonly providers: Readonly<Record<string, ProviderImage>>
  readonly serviceName?: string
  readonly audience?: readonly string[]
  /** Providers the service accepts; all when absent. */
  readonly accepts?: readonly string[]
  readonly groups?: Readonly<Record<string, BindingImage>>
  readonly roles?: Readonly<Record<string, BindingImage>>
  readonly imageDigest?: string
  readonly now?: number
}

/** A target with a service of audience `https://api.example`. */
export const makeTarget = (options: TargetOptions): CredentialTarget => {
  const serviceName = options.serviceName ?? 'api'
  const service: ServiceImage = {
    hosts: ['api.example'],
    under: [],
    upstream: null,
    audience: options.audience ?? ['https://api.example'],
    providers: options.accepts ?? Object.keys(options.providers),
    credentials: ['jwt'],
    login: [],
    sessions: 'strict',
    routing: { caseSensitive: true, trailingSlash: 'distinct', caseStated: true, accepts: [] },
    cors: null,
    identityHeaders: { user: 'x-user', kind: 'x-kind', groups: 'x-groups', roles: 'x-roles', assertion: 'x-assertion' },
    forwardCredential: false,
    audit: 'bounded',
    recheck: 60_000,
    operations: [],
  }
  const image: PolicyImage = {
    balustrade: 1,
    environment: null,
    services: { [serviceName]: service },
    providers: options.providers,
    groups: options.groups ?? {},
    roles: options.roles ?? {},
    workloads: {},
    clients: {},
    scopes: [],
    networks: {},
    zones: {},
    rules: [],
  }
  return {
    serviceName,
    service,
    image,
    imageDigest: options.imageDigest ?? 'd1',
    now: options.now ?? Date.now(),
    address: LOOPBACK,
  }
}
