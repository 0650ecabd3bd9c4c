// Wires the server: settings in, listeners out. The only place that knows every part.
import { existsSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  CONDITIONS,
  type Clock,
  CREDENTIALS,
  createEngine,
  createImageStore,
  type Diagnostic,
  type Engine,
  openDecisionLog,
  openOpeningLedger,
  type OpenedLog,
  REASON_TEXTS,
  REQUEST_REASONS,
  type Surroundings,
} from '@balustrade/core/kit'
import type { ConfigFault } from './config/fault.ts'
import type { ServerSettings } from './config/resolve-config.ts'
import { createAssertionSigner } from './gateway/assertion.ts'
import { createEndpoints } from './gateway/endpoints.ts'
import { GATEWAY_REASONS } from './gateway/failure.ts'
import type { GatewayParts } from './gateway/gateway.ts'
import { type Listener, openListener } from './gateway/listener.ts'
import { createSilence } from './gateway/silence.ts'
import { createTunnels } from './gateway/tunnels.ts'
import { createUpstreamHeaders } from './gateway/upstream-headers.ts'
import { createUpstreams, type Upstreams } from './gateway/upstreams.ts'
import { createMetrics, type Gauge, type Metrics } from './observe/metrics.ts'
import { openObserveListener, type ObserveListener } from './observe/observe-listener.ts'
import type { ServiceLog } from './observe/service-log.ts'
import { type CompileResult, createPolicyCompiler, type PolicyCompiler } from './reload/policy-compiler.ts'
import { createReloader, type Reloader } from './reload/reloader.ts'

/** A running enforcement point. */
export interface Running {
  /** Ports in the order of the configuration. */
  readonly ports: readonly number[]
  readonly observePort: number
  /** Reads the policy again; the last good one stays in force when it is faulty. */
  readonly reload: () => Promise<CompileResult>
  /** Settings that can change without a restart: trusted proxies, TLS certificates, policy folder, environment. */
  readonly apply: (settings: ServerSettings) => void
  /** Stops accepting, waits for open requests, writes the last checkpoint. */
  readonly close: () => Promise<void>
}

export type Started =
  | { readonly ok: true; readonly running: Running }
  | { readonly ok: false; readonly faults: readonly ConfigFault[]; readonly diagnostics: readonly Diagnostic[] }

const systemClock: Clock = { now: Date.now, monotonic: () => performance.now() }

const ALL_REASONS = { ...REASON_TEXTS, ...REQUEST_REASONS, ...GATEWAY_REASONS }
const UNKNOWN_REASON = { text: 'The request was refused.', help: 'The decision id helps the operator.' }

/** Public texts of every reason the gateway can give. */
export const surroundings: Surroundings = {
  theme: { name: '', style: '' },
  login: null,
  reasonText: (code) =>
    (ALL_REASONS as Readonly<Record<string, { readonly text: string; readonly help: string }>>)[code] ?? UNKNOWN_REASON,
}

const refuse = (code: string, message: string, help: string): Started => ({
  ok: false,
  faults: [{ code, file: 'balustrade.yaml', line: 1, column: 1, message, help }],
  diagnostics: [],
})

interface Core {
  readonly settings: () => ServerSettings
  readonly engine: Engine
  readonly log: OpenedLog
  readonly metrics: Metrics
  readonly upstreams: Upstreams
  readonly compiler: PolicyCompiler
  readonly reloader: Reloader
  readonly serviceLog: ServiceLog
}

const createCore = (settings: () => ServerSettings, log: OpenedLog, serviceLog: ServiceLog): Core => {
  const metrics = createMetrics()
  const first = settings()
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: CREDENTIALS,
    point: 'gateway',
    log,
    images: createImageStore(first.log.folder),
    openings: openOpeningLedger(first.log.folder),
    clock: systemClock,
    sessions: null,
    keys: null,
    onTrouble: ({ provider, code, detail }) => {
      metrics.troubled(code)
      serviceLog.warn(code, { provider, detail })
    },
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
      const services = Object.entries(prepared?.image.services ?? {})
      upstreams.retain(new Map(services.map(([name, service]) => [name, service.upstream ?? ''])))
    },
  })
  return { settings, engine, log, metrics, upstreams, compiler, reloader, serviceLog }
}

const gauges = (core: Core, lagMs: number): readonly Gauge[] => {
  const digest = core.engine.digest()
  const status = core.log.status()
  return [
    {
      name: 'balustrade_policy_info',
      help: 'The policy in force.',
      value: digest === null ? 0 : 1,
      labels: { digest: digest?.policy ?? '' },
    },
    {
      name: 'balustrade_event_loop_delay_seconds',
      help: 'Longest delay of the event loop since the last scrape.',
      value: lagMs / 1000,
    },
    { name: 'balustrade_log_records', help: 'Records in the decision log.', value: status.size },
    {
      name: 'balustrade_log_lost_records',
      help: 'Records that could not be kept; each loss is followed by a gap record.',
      value: status.lost,
    },
  ]
}

const UNREADY_LAG = 1_000
/** ms between two looks at the event loop, which the histogram counts as delay. */
const LAG_RESOLUTION = 20

const openObserve = (core: Core, draining: () => boolean): Promise<ObserveListener> => {
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION })
  delay.enable()
  const longest = () => Math.max(0, delay.max / 1e6 - LAG_RESOLUTION)
  const lag = () => {
    const ms = longest()
    delay.reset()
    return ms
  }
  return openObserveListener({
    ...core.settings().observe,
    metrics: () => core.metrics.text(gauges(core, lag())),
    notReady: () => {
      if (draining()) return 'shutting down'
      if (core.engine.digest() === null) return 'no policy is loaded'
      return longest() > UNREADY_LAG ? 'the event loop is delayed' : null
    },
    state: () => {
      const { loadedAt, lastAttempt, diagnostics } = core.reloader.state()
      return {
        policy: core.engine.digest()?.policy ?? null,
        loadedAt,
        lastAttempt,
        diagnostics: diagnostics.length,
        log: core.log.status().trouble ?? 'writing',
      }
    },
  })
}

const openAll = async (core: Core): Promise<Running> => {
  let draining = false
  const settings = core.settings()
  const signer = createAssertionSigner(settings.assertion.key, settings.assertion.issuer)
  const silence = createSilence(settings.limits.upstreamBodyIdle)
  const tunnels = createTunnels()
  const parts: GatewayParts = {
    engine: core.engine,
    trust: () => core.settings().trust,
    around: surroundings,
    endpoints: createEndpoints([]),
    upstreams: core.upstreams,
    signer,
    headers: createUpstreamHeaders(),
    watch: core.metrics,
    clock: systemClock,
    silence,
    tunnels,
    draining: () => draining,
  }
  const observe = await openObserve(core, () => draining)
  const listeners: Listener[] = []
  for (const each of settings.listeners) listeners.push(await openListener(parts, each, settings.limits))
  return {
    ports: listeners.map((listener) => listener.port),
    observePort: observe.port,
    reload: core.reloader.reload,
    apply: (changed) => {
      for (const [index, listener] of listeners.entries()) listener.renew(changed.listeners[index]?.tls ?? null)
    },
    close: async () => {
      draining = true
      tunnels.endAll()
      await Promise.all(listeners.map((listener) => listener.close(settings.limits.drain)))
      silence.close()
      core.upstreams.close()
      await core.compiler.close()
      await core.engine.close()
      await observe.close()
    },
  }
}

/**
 * Starts an enforcement point: log, policy, then listeners, so that nothing is ever served without a policy. Anything that makes
 * it unsafe is a fault, and nothing is left open.
 */
export const startServer = async (initial: ServerSettings, serviceLog: ServiceLog): Promise<Started> => {
  if (!existsSync(initial.policyFolder)) {
    return refuse('config.no_policy', `There is no policy folder ${initial.policyFolder}.`, 'Make one: balustrade init')
  }
  let current = initial
  const opened = await openDecisionLog({
    ...initial.log,
    clock: systemClock,
    onTrouble: (trouble) => serviceLog.error('log.trouble', { ...trouble }),
  })
  if (!opened.ok)
    return refuse(
      opened.code,
      `The decision log cannot be opened: ${opened.why}.`,
      'Check log.folder: it must be writable, and no other process may write it.',
    )
  const core = createCore(() => current, opened.log, serviceLog)
  const first = await core.reloader.reload()
  if (first.prepared === null) {
    await core.compiler.close()
    await core.engine.close()
    if (first.failure === null) return { ok: false, faults: [], diagnostics: first.diagnostics }
    return refuse(
      'policy.compiler_failed',
      `The policy could not be compiled: ${first.failure}.`,
      'This is a defect; report it with the policy if you can.',
    )
  }
  const running = await openAll(core)
  const apply = (settings: ServerSettings) => {
    current = { ...initial, policyFolder: settings.policyFolder, environment: settings.environment, trust: settings.trust }
    running.apply(settings)
  }
  return { ok: true, running: { ...running, apply } }
}
