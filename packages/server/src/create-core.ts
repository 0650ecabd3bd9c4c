// The parts that do not listen, joined: engine, policy, what is remembered of people, upstreams.
import {
  CONDITIONS,
  type Clock,
  CREDENTIALS,
  createEngine,
  createImageStore,
  type CredentialTrouble,
  type Engine,
  openDecisionLog,
  openOpeningLedger,
  type OpenedLog,
  type PolicyImage,
  REASON_TEXTS,
  REQUEST_REASONS,
  type Surroundings,
} from '@balustrade/core/kit'
import type { ConfigFault } from './config/fault.ts'
import type { ServerSettings } from './config/resolve-config.ts'
import { GATEWAY_REASONS } from './gateway/failure.ts'
import { createUpstreams, type Upstreams } from './gateway/upstreams.ts'
import { LOGIN_REASONS } from './login/reasons.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import type { ServiceLog } from './observe/service-log.ts'
import { openPeople, type People } from './open-people.ts'
import { createPolicyCompiler, type PolicyCompiler } from './reload/policy-compiler.ts'
import { createReloader, type Reloader } from './reload/reloader.ts'

export const systemClock: Clock = { now: Date.now, monotonic: () => performance.now() }

const ALL_REASONS = { ...REASON_TEXTS, ...REQUEST_REASONS, ...GATEWAY_REASONS, ...LOGIN_REASONS }
const UNKNOWN_REASON = { text: 'The request was refused.', help: 'The decision id helps the operator.' }

/** Public texts of every reason the gateway can give. */
export const reasonText: Surroundings['reasonText'] = (code) =>
  (ALL_REASONS as Readonly<Record<string, { readonly text: string; readonly help: string }>>)[code] ?? UNKNOWN_REASON

/** A fault of the whole configuration. */
export const wholeFault = (code: string, message: string, help: string): ConfigFault => ({
  code,
  file: 'balustrade.yaml',
  line: 1,
  column: 1,
  message,
  help,
})

export interface Core {
  readonly settings: () => ServerSettings
  readonly engine: Engine
  readonly log: OpenedLog
  readonly metrics: Metrics
  readonly upstreams: Upstreams
  readonly compiler: PolicyCompiler
  readonly reloader: Reloader
  readonly serviceLog: ServiceLog
  readonly people: People
}

/** What is open before the engine is. */
export interface Ground {
  /** The policy in force, for those who are opened before it. */
  readonly inForce: { image: PolicyImage | null }
  readonly settings: () => ServerSettings
  readonly log: OpenedLog
  readonly metrics: Metrics
  readonly serviceLog: ServiceLog
  readonly people: People
}

const troubleOf =
  ({ metrics, serviceLog }: Pick<Ground, 'metrics' | 'serviceLog'>) =>
  ({ provider, code, detail }: CredentialTrouble): void => {
    metrics.troubled(code)
    serviceLog.warn(code, { provider, detail })
  }

/** The engine and what feeds it. Nothing listens yet, and no policy is in force. */
export const createCore = (ground: Ground): Core => {
  const { settings, log, metrics, serviceLog, people } = ground
  const first = settings()
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: CREDENTIALS,
    point: 'gateway',
    log,
    images: createImageStore(first.log.folder),
    openings: openOpeningLedger(first.log.folder),
    clock: systemClock,
    sessions: people.sessions,
    keys: people.keys,
    onTrouble: troubleOf(ground),
    onOpened: (opened) => {
      metrics.opened(opened.exception)
      serviceLog.error('breakglass.opened', { ...opened })
    },
  })
  const upstreams = createUpstreams({
    limits: first.limits,
    tls: { ca: first.upstreamCa },
    monotonic: systemClock.monotonic,
  })
  const compiler = createPolicyCompiler()
  const reloader = createReloader({
    engine,
    compiler,
    clock: systemClock,
    metrics,
    serviceLog,
    source: () => ({ folder: settings().policyFolder, environment: settings().environment }),
    onLoaded: ({ prepared }) => {
      if (prepared !== null) ground.inForce.image = prepared.image
      const services = Object.entries(prepared?.image.services ?? {})
      upstreams.retain(new Map(services.map(([name, service]) => [name, service.upstream ?? ''])))
    },
  })
  people.onEnded(engine.recheck)
  return { ...ground, engine, upstreams, compiler, reloader }
}

/** Opens log and memory. Nothing is left open when either cannot be had. */
export const openGround = async (
  settings: () => ServerSettings,
  serviceLog: ServiceLog,
): Promise<{ readonly ok: true; readonly ground: Ground } | { readonly ok: false; readonly fault: ConfigFault }> => {
  const { log: logSettings, people: peopleSettings } = settings()
  const opened = await openDecisionLog({
    ...logSettings,
    clock: systemClock,
    onTrouble: (trouble) => serviceLog.error('log.trouble', { ...trouble }),
  })
  if (!opened.ok) {
    const help = 'Check log.folder: it must be writable, and no other process may write it.'
    return { ok: false, fault: wholeFault(opened.code, `The decision log cannot be opened: ${opened.why}.`, help) }
  }
  const metrics = createMetrics()
  const inForce: Ground['inForce'] = { image: null }
  const remembered = await openPeople({
    settings: peopleSettings,
    clients: () => settings().people.clients,
    clock: systemClock,
    log: opened.log,
    serviceLog,
    around: { reasonText, theme: peopleSettings.theme },
    image: () => inForce.image,
    onTrouble: troubleOf({ metrics, serviceLog }),
  })
  if (remembered.ok)
    return { ok: true, ground: { settings, inForce, log: opened.log, metrics, serviceLog, people: remembered.people } }
  await opened.log.close()
  return remembered
}

/** Closes what never served anybody. */
export const closeEarly = async (core: Core): Promise<void> => {
  await core.compiler.close()
  await core.people.close()
  await core.engine.close()
}
