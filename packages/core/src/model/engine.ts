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
  /** The service in force at this host and path; null when there is none. For discovery documents, not for decisions. */
  readonly serviceAt: (
    host: string,
    segments: readonly string[],
  ) => { readonly service: ServiceImage; readonly image: PolicyImage } | null
  /** Judges a stream again on a new plan, at `holdsUntil` and every `recheck`; `onLost` is called at most once. */
  readonly hold: (request: AccessRequest, held: Evaluation, onLost: (decision: Decision) => void) => Held
  /** Puts a new image in force; resolves when every later request is judged by it. The plan is built in slices. */
  readonly swap: (prepared: PreparedImage) => Promise<PolicyDigest>
  /** Judges every open stream again: something that decisions rest on was changed or ended. */
  readonly recheck: () => void
  readonly digest: () => PolicyDigest | null
  readonly close: () => Promise<void>
}

/** An image with its digest and the canonical JSON it was taken over: made where parsing is done, so that serving pays for neither. */
export interface PreparedImage {
  readonly image: PolicyImage
  readonly digest: PolicyDigest
  readonly canonical: string
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
  /** The policy this request was judged by; null before one is loaded. */
  readonly image: PolicyImage | null
  /** Verified identity; null when anonymous, rejected or unknown. Set also when a public entry allowed. */
  readonly identity: Identity | null
  /** Code and status of a credential that was not accepted; null otherwise. */
  readonly rejected: { readonly code: string; readonly http: 400 | 401 | 403 } | null
  /** A CORS preflight: the point answers it itself and never forwards it. */
  readonly preflight: boolean
  /** Resolves true once the decision may be acted on: at once for `bounded`, when durable for `strict`. */
  readonly settled: () => MaybePromise<boolean>
  /** To be called once, when the answer is complete or was cut short. */
  readonly complete: (completion: Completion) => void
}

/** A break-glass exception was used for the first time since it was armed: the alarm. */
export interface Opened {
  readonly exception: string
  /** Who is to be told, as the policy says. */
  readonly alarm: string
  /** `provider/subject` of the caller. */
  readonly by: string
  /** Epoch ms at which it closes. */
  readonly until: number
  /** Decision id; null: a stream was held open by it. */
  readonly decision: string | null
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
