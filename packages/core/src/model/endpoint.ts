import type { AccessRequest, Method } from './access-request.ts'
import type { Answer, Evaluation } from './engine.ts'

/** A page or protocol of the enforcement point itself, under `/.balustrade/`. Every point serves it on every host. */
export interface Endpoint {
  readonly method: Method
  /** Path segments after `.balustrade`. */
  readonly segments: readonly string[]
  /** Never rejects. */
  readonly serve: (asked: EndpointRequest) => Promise<Answer>
}

export interface EndpointRequest {
  readonly request: AccessRequest
  /** The body, at most `maxBytes`; null: longer, too slow, or cut short. */
  readonly body: (maxBytes: number) => Promise<Uint8Array | null>
}

/** Where a browser is sent to do what a challenge asks. */
export type LoginWay =
  | { readonly way: 'redirect'; readonly location: string }
  /** It was just done and changed nothing: asking again would go round in circles. */
  | { readonly way: 'no-progress' }
  /** Nobody logs in here with a browser. */
  | { readonly way: 'none' }

/** How a point turns a challenge into a login. Pure: writes nothing. */
export interface LoginStart {
  /** `form`: id of a form kept to be sent again afterwards, null when there is none. */
  readonly wayOf: (evaluation: Evaluation, request: AccessRequest, form: string | null) => LoginWay
  /**
   * Where a script of a page opens a window in which the person does what the challenge of its request asks: a path of this origin
   * that ends at `/.balustrade/done`. Null: nobody logs in here, or nothing a login gives would help.
   */
  readonly windowFor: (evaluation: Evaluation, request: AccessRequest) => string | null
  /** Keeps a form for ten minutes; null: it cannot be kept. Never rejects. */
  readonly keepForm: (evaluation: Evaluation, request: AccessRequest, body: Uint8Array) => Promise<string | null>
}
