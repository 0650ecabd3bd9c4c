// Wires the server: settings in, listeners out. The only place that knows every part.
import { existsSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Diagnostic } from '@balustrade/core/kit'
import type { ConfigFault } from './config/fault.ts'
import type { ServerSettings } from './config/resolve-config.ts'
import { closeEarly, type Core, createCore, openGround, reasonText, systemClock, wholeFault } from './create-core.ts'
import { createAssertionSigner } from './gateway/assertion.ts'
import { createEndpoints } from './gateway/endpoints.ts'
import type { GatewayParts } from './gateway/gateway.ts'
import { type Listener, openListener } from './gateway/listener.ts'
import { createShares } from './gateway/shares.ts'
import { createSilence } from './gateway/silence.ts'
import { createTunnels } from './gateway/tunnels.ts'
import { createUpstreamHeaders } from './gateway/upstream-headers.ts'
import type { Gauge } from './observe/metrics.ts'
import { openObserveListener, type ObserveListener } from './observe/observe-listener.ts'
import type { ServiceLog } from './observe/service-log.ts'
import { needsState } from './open-people.ts'
import type { CompileResult } from './reload/policy-compiler.ts'

/** A running enforcement point. */
export interface Running {
  /** Ports in the order of the configuration. */
  readonly ports: readonly number[]
  readonly observePort: number
  /** Reads the policy again; the last good one stays in force when it is faulty. */
  readonly reload: () => Promise<CompileResult>
  /** Settings that can change without a restart: trusted proxies, TLS certificates, policy folder, environment, login clients. */
  readonly apply: (settings: ServerSettings) => void
  /** Stops accepting, waits for open requests, writes the last checkpoint. */
  readonly close: () => Promise<void>
}

export type Started =
  | { readonly ok: true; readonly running: Running }
  | { readonly ok: false; readonly faults: readonly ConfigFault[]; readonly diagnostics: readonly Diagnostic[] }

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
  const shares = createShares(settings.limits.upstreamHeader)
  const tunnels = createTunnels()
  const parts: GatewayParts = {
    engine: core.engine,
    trust: () => core.settings().trust,
    around: { reasonText, theme: settings.people.theme, login: core.people.login },
    endpoints: createEndpoints(core.people.endpoints),
    upstreams: core.upstreams,
    signer,
    headers: createUpstreamHeaders(),
    watch: core.metrics,
    clock: systemClock,
    silence,
    shares,
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
      shares.close()
      core.upstreams.close()
      await core.compiler.close()
      await core.people.close()
      await core.engine.close()
      await observe.close()
    },
  }
}

const refused = (...faults: readonly ConfigFault[]): Started => ({ ok: false, faults, diagnostics: [] })

/** Puts the first policy in force; null: it is. Nothing is ever served without one. */
const refuseFirst = async (core: Core, settings: ServerSettings): Promise<Started | null> => {
  const first = await core.reloader.reload()
  if (first.prepared === null) {
    if (first.failure === null) return { ok: false, faults: [], diagnostics: first.diagnostics }
    const help = 'This is a defect; report it with the policy if you can.'
    return refused(wholeFault('policy.compiler_failed', `The policy could not be compiled: ${first.failure}.`, help))
  }
  const homeless = needsState(first.prepared.image, settings.people)
  if (homeless.length === 0) return null
  return refused(
    wholeFault(
      'config.state_missing',
      `The policy lets people log in, or software use keys, at ${homeless.join(', ')}, and there is no place to remember them.`,
      'Add state: { file: ./state.db, keys: [{ file: ./state.key }] }; openssl rand -base64 32 > state.key makes the key.',
    ),
  )
}

/**
 * Starts an enforcement point: log, memory, policy, then listeners, so that nothing is ever served without a policy. Anything that
 * makes it unsafe is a fault, and nothing is left open.
 */
export const startServer = async (initial: ServerSettings, serviceLog: ServiceLog): Promise<Started> => {
  if (!existsSync(initial.policyFolder)) {
    const message = `There is no policy folder ${initial.policyFolder}.`
    return refused(wholeFault('config.no_policy', message, 'Make one: balustrade init'))
  }
  let current = initial
  const opened = await openGround(() => current, serviceLog)
  if (!opened.ok) return refused(opened.fault)
  const core = createCore(opened.ground)
  const failed = await refuseFirst(core, initial)
  if (failed !== null) {
    await closeEarly(core)
    return failed
  }
  const running = await openAll(core)
  const apply = (settings: ServerSettings) => {
    const { policyFolder, environment, trust } = settings
    const people = { ...initial.people, clients: settings.people.clients }
    current = { ...initial, policyFolder, environment, trust, people }
    running.apply(settings)
  }
  return { ok: true, running: { ...running, apply } }
}
