import type { AccessRequest, HeaderLine } from './access-request.ts'
import type { Decision, PolicyDigest } from './decision.ts'
import type { Identity, MaybePromise } from './identity.ts'
import type { PolicyImage, ServiceImage } from './policy-image.ts'

/** The contract between enforcement points and the engine. */
export interface Engine {
  /** Judges one request under one snapshot. Never throws; synchronous when everything is warm. */
  readonly evaluate: (request: AccessRequest) => MaybePromise<Evaluation>
  /** Records a request that never became an AccessRequest; returns its decision id. */
  readonly refuse: (malformed: MalformedRequest) => string
  /** Judges a stream again on a new plan, at `holdsUntil` and every `recheck`; `onLost` is called at most once. */
  readonly hold: (request: AccessRequest, held: Evaluation, onLost: (decision: Decision) => void) => Held
  /** Puts a new image in force; resolves when every later request is judged by it. */
  readonly swap: (image: PolicyImage) => Promise<PolicyDigest>
  readonly digest: () => PolicyDigest | null
  readonly close: () => Promise<void>
}

export interface Held {
  readonly release: () => void
}

export interface MalformedRequest {
  readonly at: number
  readonly method: string
  readonly host: string
  readonly peer: string
  readonly code: string
}

/** Everything a point needs to answer or to forward. */
export interface Evaluation {
  /** Decision id. */
  readonly id: string
  readonly decision: Decision
  readonly digest: PolicyDigest | null
  readonly serviceName: string | null
  readonly service: ServiceImage | null
  /** Verified identity; null when anonymous, rejected or unknown. Set also when a public entry allowed. */
  readonly identity: Identity | null
  /** Code and status of a credential that was not accepted; null otherwise. */
  readonly rejected: { readonly code: string; readonly http: 400 | 401 } | null
  /** A CORS preflight this point answers itself. */
  readonly preflight: boolean
  /** Resolves true once the decision may be acted on: at once for `bounded`, when durable for `strict`. */
  readonly settled: () => MaybePromise<boolean>
  /** To be called once, when the answer is complete or was cut short. */
  readonly complete: (completion: Completion) => void
}

export interface Completion {
  readonly status: number
  readonly sent: number
  readonly received: number
  readonly end: string
}

/** What a point sends when it answers itself. */
export interface Answer {
  readonly status: number
  readonly headers: readonly HeaderLine[]
  readonly body: string
}
