// HTTP enforcement point (NIST SP 800-207: PEP): listens, asks the engine, forwards what it allows. Never decides.
import {
  type AccessRequest,
  type Address,
  type Clock,
  type Engine,
  type Evaluation,
  type ProxyTrust,
  type Surroundings,
  type Answer,
  type Answering,
  type Endpoint,
  isKeepable,
  answerReserved,
  answerUnlessAllowed,
  fromMessage,
  fromStreamMessage,
  malformedMessage,
  refuseMalformed,
} from '@balustrade/core/kit'
import type { UpstreamPool } from '../upstream/pool.ts'
import type { AssertionSigner } from './assertion.ts'
import type { Endpoints } from './endpoints.ts'
import { type ClientMessage, type ClientResponse, createExchange, type Exchange } from './exchange.ts'
import { forward, type Forwarding } from './forward.ts'
import { readBody } from './read-body.ts'
import type { UpstreamHeaders } from './upstream-headers.ts'
import type { Shares } from './shares.ts'
import type { Silence } from './silence.ts'
import type { Tunnels } from './tunnels.ts'
import type { Upstreams } from './upstreams.ts'
import { answerOfFailure } from './failure.ts'

/** Told of every decision and answer, for counting; compose fills it. */
export interface GatewayWatch {
  readonly decided: (evaluation: Evaluation) => void
  readonly answered: (status: number, durationMs: number) => void
}

/** What the gateway is made of; compose fills it. */
export interface GatewayParts {
  readonly engine: Engine
  /** Taken once a request. */
  readonly trust: () => ProxyTrust
  readonly around: Surroundings
  /** Pages and protocols of this point itself. */
  readonly endpoints: Endpoints
  readonly upstreams: Upstreams
  readonly signer: AssertionSigner
  readonly headers: UpstreamHeaders
  readonly watch: GatewayWatch
  readonly clock: Clock
  readonly silence: Silence
  readonly shares: Shares
  readonly tunnels: Tunnels
  readonly draining: () => boolean
}

/** Where a request came in: what a header could never say. */
export interface Entrance {
  readonly scheme: 'http' | 'https'
  /** Source named by a PROXY header on this connection; null when there was none. */
  readonly proxied: Address | null
  /** What its connection speaks. A message's own word for it is its sender's. */
  readonly protocol: 'http/1.1' | 'h2'
}

export const canonicalise = (parts: GatewayParts, message: ClientMessage, entrance: Entrance): ReturnType<typeof fromMessage> => {
  const arrival = { scheme: entrance.scheme, proxied: entrance.proxied, at: parts.clock.now() }
  return entrance.protocol === 'h2'
    ? fromStreamMessage(message, arrival, parts.trust())
    : fromMessage(message, arrival, parts.trust())
}

/** Records bytes that never became a request; the answer closes the connection. */
export const refuseMessage = (
  parts: GatewayParts,
  message: ClientMessage,
  { code, status }: { readonly code: string; readonly status: number },
): Answer => refuseMalformed(parts.engine, { ...malformedMessage(message, parts.clock.now(), code), status }, parts.around)

interface Judged {
  readonly exchange: Exchange
  readonly request: AccessRequest
  readonly evaluation: Evaluation
}

/** A client of HTTP/1.1 has a connection of ours for each of its requests, which are bounded already. */
const shareOf = (parts: GatewayParts, { exchange, request, evaluation }: Judged, pool: UpstreamPool): Forwarding['share'] => {
  if (request.transport.httpVersion !== '2.0') return null
  const key = `${evaluation.serviceName} ${request.transport.client.text}`
  const onLate = () => exchange.send(answerOfFailure('upstream.timeout', evaluation.id, parts.around))
  return (begin) => parts.shares.take({ key, begin, free: pool.free, gone: exchange.gone, onLate })
}

const forwardAllowed = (parts: GatewayParts, judged: Judged, origin: string): void => {
  const { exchange, request, evaluation } = judged
  const pool = parts.upstreams.of(evaluation.serviceName ?? '', origin)
  const assertion = parts.signer.assertionFor(evaluation, request.at)
  const headers = parts.headers(evaluation, request, assertion)
  if (request.fields.has('expect')) exchange.response.writeContinue()
  forward({
    exchange,
    request,
    evaluation,
    headers,
    pool,
    silence: parts.silence,
    share: shareOf(parts, judged, pool),
    hold: (onLost) => parts.engine.hold(request, evaluation, onLost),
    onFailure: (code) => exchange.send(answerOfFailure(code, evaluation.id, parts.around)),
  })
}

const answerOrForward = (parts: GatewayParts, judged: Judged, kept: Pick<Answering, 'recorded' | 'form'>): void => {
  const { exchange, request, evaluation } = judged
  if (exchange.gone()) return
  const own = answerUnlessAllowed(evaluation, request, { ...kept, around: parts.around })
  if (own !== null) return exchange.send(own)
  const origin = evaluation.service?.upstream ?? null
  if (origin === null) return exchange.send(answerOfFailure('upstream.none', evaluation.id, parts.around))
  forwardAllowed(parts, judged, origin)
}

/** The listener's outermost guard: whatever throws ends this exchange, never goes onward. */
const guarded = (exchange: Exchange, run: () => void): void => {
  try {
    run()
  } catch {
    exchange.cut('engine.failed_closed')
  }
}

/** The same guard round what is waited for: a rejection ends this exchange too, and not the process. */
const whenDone = <T>(exchange: Exchange, awaited: Promise<T>, run: (value: T) => void): void => {
  awaited.then(
    (value) => guarded(exchange, () => run(value)),
    () => exchange.cut('engine.failed_closed'),
  )
}

/** Longest form that is kept while its sender logs in. */
const LONGEST_FORM = 65_536

/** Keeps the form of a challenged POST, so that it need not be filled in again. */
const keepForm = async (parts: GatewayParts, { exchange, request, evaluation }: Judged): Promise<string | null> => {
  const body = await readBody(exchange.message, LONGEST_FORM)
  return body === null ? null : (parts.around.login?.keepForm(evaluation, request, body) ?? null)
}

const act = (parts: GatewayParts, judged: Judged, recorded: boolean): void => {
  parts.watch.decided(judged.evaluation)
  if (!recorded || parts.around.login === null || !isKeepable(judged.evaluation, judged.request))
    return answerOrForward(parts, judged, { recorded, form: null })
  whenDone(judged.exchange, keepForm(parts, judged), (form) => answerOrForward(parts, judged, { recorded, form }))
}

const settle = (parts: GatewayParts, judged: Judged): void => {
  const { exchange, evaluation } = judged
  exchange.concerns(evaluation)
  const recorded = evaluation.settled()
  if (typeof recorded === 'boolean') act(parts, judged, recorded)
  else whenDone(exchange, recorded, (ok) => act(parts, judged, ok))
}

const serveEndpoint = (exchange: Exchange, request: AccessRequest, endpoint: Endpoint): void => {
  if (request.fields.has('expect')) exchange.response.writeContinue()
  const served = endpoint.serve({ request, body: (maxBytes) => readBody(exchange.message, maxBytes) })
  whenDone(exchange, served, (answer) => exchange.send(request.method === 'HEAD' ? { ...answer, body: '' } : answer))
}

const serve = (parts: GatewayParts, exchange: Exchange, entrance: Entrance): void => {
  const result = canonicalise(parts, exchange.message, entrance)
  if (!result.ok) return exchange.send(refuseMessage(parts, exchange.message, result))
  const { request } = result
  const endpoint = parts.endpoints(request)
  if (endpoint !== null) return serveEndpoint(exchange, request, endpoint)
  const reserved = answerReserved(request, { serviceAt: parts.engine.serviceAt, keySet: parts.signer.keySet })
  if (reserved === 'refuse') return exchange.send(refuseMessage(parts, exchange.message, { code: 'path.reserved', status: 404 }))
  if (reserved !== null) return exchange.send(reserved)
  const evaluation = parts.engine.evaluate(request)
  if (evaluation instanceof Promise)
    whenDone(exchange, evaluation, (done) => settle(parts, { exchange, request, evaluation: done }))
  else settle(parts, { exchange, request, evaluation })
}

/** A message and the response to it, as node:http hands them over or as a stream of HTTP/2 is dressed. */
export interface Arrived {
  readonly message: ClientMessage
  readonly response: ClientResponse
}

/** Handles one request of a listener. Never throws. */
export const handleRequest = (parts: GatewayParts, entrance: Entrance, arrived: Arrived): void => {
  const exchange = createExchange({
    ...arrived,
    draining: parts.draining,
    monotonic: parts.clock.monotonic,
    onEnd: parts.watch.answered,
  })
  guarded(exchange, () => serve(parts, exchange, entrance))
}
