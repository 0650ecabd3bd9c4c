// An engine in memory: a clock that is moved by hand, a log that keeps its records, and a kind of credential that comes out as told.
import { CONDITIONS } from '../../packages/core/src/catalogue.ts'
import { createEngine } from '../../packages/core/src/engine/engine.ts'
import type { AccessRequest } from '../../packages/core/src/model/access-request.ts'
import type { Engine } from '../../packages/core/src/model/engine.ts'
import type {
  Authentication,
  CredentialDefinition,
  CredentialTarget,
  MaybePromise,
} from '../../packages/core/src/model/identity.ts'
import type { DecisionRecord, LogRecord } from '../../packages/core/src/model/log-record.ts'
import type { DecisionLog, ImageStore } from '../../packages/core/src/model/ports.ts'
import { EXAMPLE_NOW } from '../../packages/core/src/testing/example-facts.ts'

export type Verify = (artefact: string, target: CredentialTarget) => MaybePromise<Authentication>

export interface StageOptions {
  readonly verify?: Verify
  readonly append?: DecisionLog['append']
  readonly pseudonym?: DecisionLog['pseudonym']
  readonly keep?: ImageStore['keep']
}

export interface Stage {
  readonly engine: Engine
  readonly records: readonly LogRecord[]
  readonly decisions: () => readonly DecisionRecord[]
  /** Moves both clocks, ms. */
  readonly advance: (ms: number) => void
  /** What was closed, in order. */
  readonly closed: readonly string[]
  /** Artefacts that were verified, in order. */
  readonly verified: readonly string[]
  readonly kept: readonly string[]
}

const valueOf = (request: AccessRequest): string | null => request.fields.get('authorization')?.[0] ?? null

/** Any Authorization is a credential; without `verify` it turns out to be none. */
export const createStage = (options: StageOptions = {}): Stage => {
  const [records, closed, verified, kept]: [LogRecord[], string[], string[], string[]] = [[], [], [], []]
  let passed = 0
  const definition: CredentialDefinition = {
    kind: 'jwt',
    about: 'comes out as told',
    ambient: false,
    find: (request) => {
      const value = valueOf(request)
      return value === null ? null : { value }
    },
    create: () => ({
      verify: (artefact, target) => {
        verified.push(artefact)
        return options.verify?.(artefact, target) ?? { status: 'absent' }
      },
      close: () => void closed.push('credential'),
    }),
  }
  const log: DecisionLog = {
    append: (record) => {
      records.push(record)
      return options.append?.(record) ?? { accepted: true, durable: async () => true }
    },
    pseudonym: options.pseudonym ?? ((text) => `hashed ${text.length}`),
    close: async () => void closed.push('log'),
  }
  const images: ImageStore = {
    keep: async (digest, canonical) => {
      kept.push(digest)
      return (await options.keep?.(digest, canonical)) ?? true
    },
    read: () => null,
  }
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: [definition],
    sessions: null,
    keys: null,
    point: 'test',
    log,
    images,
    openings: { read: () => new Map(), open: () => ({ first: false, durable: async () => true }) },
    onOpened: () => {},
    clock: { now: () => EXAMPLE_NOW + passed, monotonic: () => 1_000 + passed },
    onTrouble: () => {},
  })
  const decisions = () => records.filter((record) => record.kind === 'decision')
  const advance = (ms: number) => void (passed += ms)
  return { engine, records, decisions, advance, closed, verified, kept }
}
