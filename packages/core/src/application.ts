import type { KeyObject } from 'node:crypto'
import { CONDITIONS, CREDENTIALS, REASON_TEXTS } from './catalogue.ts'
import { openDecisionLog } from './decision-log/decision-log.ts'
import { createImageStore } from './decision-log/image-store.ts'
import { openOpeningLedger } from './decision-log/opening-ledger.ts'
import { createEngine } from './engine/engine.ts'
import { prepareImage } from './engine/prepare-image.ts'
import { CodedError } from './lib/coded-error.ts'
import { createNetworkSet, parseNetwork } from './lib/network.ts'
import type { ProtectOptions } from './middleware/node.ts'
import type { Engine } from './model/engine.ts'
import type { CredentialTrouble } from './model/identity.ts'
import type { PolicyImage } from './model/policy-image.ts'
import type { Clock } from './model/ports.ts'
import { NO_PROXIES, type ProxyTrust, trustFault } from './request/client-address.ts'
import { REQUEST_REASONS } from './request/reasons.ts'

export interface ApplicationOptions {
  /** From `compilePolicy` or `readPolicyFolder` of `@balustrade/core/policy`. */
  readonly image: PolicyImage
  readonly log: {
    /** Folder of this process's decision log; made when it is missing. */
    readonly folder: string
    /** Name of the log in its checkpoints, without spaces or plus signs. */
    readonly origin: string
    /** Ed25519 private key that signs the checkpoints. */
    readonly key: KeyObject
  }
  /** Proxies in front whose word about the client's address counts. Default: none. */
  readonly trustedProxies?: { readonly networks: readonly string[]; readonly field: 'x-forwarded-for' | 'forwarded' }
  /** Told of troubles of the log and of key fetches, and when a break-glass exception opens (`breakglass.opened`). Default: written to standard error as JSON lines. */
  readonly onTrouble?: (trouble: Readonly<Record<string, unknown>>) => void
}

/** A policy in force inside an application. Hand it to the guard of the framework: `createGuard(application)` of `./node`. */
export interface Application extends ProtectOptions {
  readonly engine: Engine
  /** Puts another policy in force; requests under way keep the one they began with. */
  readonly replace: (image: PolicyImage) => Promise<void>
  readonly close: () => Promise<void>
}

const CLOCK: Clock = { now: Date.now, monotonic: () => performance.now() }
const TEXTS = { ...REASON_TEXTS, ...REQUEST_REASONS } as Readonly<
  Record<string, { readonly text: string; readonly help: string }>
>
const UNKNOWN_TEXT = { text: 'The request was refused.', help: 'The decision id helps the operator.' }

const readTrust = (declared: ApplicationOptions['trustedProxies']): ProxyTrust => {
  if (declared === undefined) return NO_PROXIES
  const networks = declared.networks.map((text) => {
    const parsed = parseNetwork(text)
    if (!parsed.ok) throw new CodedError('application.network', `trustedProxies: ${text}: ${parsed.why}`)
    return parsed.network
  })
  const why = trustFault(networks)
  if (why !== null) throw new CodedError('application.trusts_everyone', `trustedProxies: ${why}`)
  return { proxies: createNetworkSet(networks), field: declared.field }
}

const toStandardError = (trouble: Readonly<Record<string, unknown>>): void =>
  void process.stderr.write(`${JSON.stringify(trouble)}\n`)

/**
 * Opens the log and puts the policy in force. Rejects with a CodedError when the log cannot be opened or a trusted proxy is not a
 * network; an application that cannot record does not start.
 */
export const createApplication = async (options: ApplicationOptions): Promise<Application> => {
  const onTrouble = options.onTrouble ?? toStandardError
  const trust = readTrust(options.trustedProxies)
  const opened = await openDecisionLog({ ...options.log, clock: CLOCK, onTrouble: (trouble) => onTrouble({ ...trouble }) })
  if (!opened.ok) throw new CodedError(opened.code, `the decision log cannot be opened: ${opened.why}`)
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: CREDENTIALS,
    point: 'node',
    log: opened.log,
    images: createImageStore(options.log.folder),
    openings: openOpeningLedger(options.log.folder),
    clock: CLOCK,
    sessions: null,
    keys: null,
    onTrouble: (trouble: CredentialTrouble) => onTrouble({ ...trouble }),
    onOpened: (opened) => onTrouble({ code: 'breakglass.opened', ...opened }),
  })
  await engine.swap(prepareImage(options.image))
  return {
    engine,
    trust,
    clock: CLOCK,
    around: { reasonText: (code) => TEXTS[code] ?? UNKNOWN_TEXT, theme: { name: '', style: '' }, login: null },
    replace: async (image) => void (await engine.swap(prepareImage(image))),
    close: engine.close,
  }
}
