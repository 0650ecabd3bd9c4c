import type { Dispatcher, Pool } from 'undici'
import { type AccessRequest, type Evaluation, framingOf, type HeaderLine, type Held, returnedHeaders } from '@balustrade/core/kit'
import type { Exchange } from './exchange.ts'
import type { Silence, Watched } from './silence.ts'

export interface Forwarding {
  readonly exchange: Exchange
  readonly request: AccessRequest
  readonly evaluation: Evaluation
  readonly pool: Pool
  /** Names and values by turns. */
  readonly headers: string[]
  /** Watches for an upstream that falls silent within a body; event streams are exempt. */
  readonly silence: Silence
  /** Puts an open stream under the engine's watch; called once the answer proves to be an event stream. */
  readonly hold: (onLost: () => void) => Held
  /** The upstream failed before it answered: answer 502 or 504. */
  readonly onFailure: (code: UpstreamFailure) => void
}

export type UpstreamFailure = 'upstream.unreachable' | 'upstream.timeout' | 'upstream.invalid'

const LOST = 'decision lost'
const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
])

export const failureOf = (error: Error): UpstreamFailure => {
  const code = (error as { readonly code?: unknown }).code
  if (typeof code === 'string' && TIMEOUTS.has(code)) return 'upstream.timeout'
  return typeof code === 'string' && UNREACHABLE.has(code) ? 'upstream.unreachable' : 'upstream.invalid'
}

/** Field lines as the upstream sent them, bytes kept as latin-1. */
export const rawLines = (raw: Dispatcher.DispatchController['rawHeaders']): readonly HeaderLine[] => {
  if (!Array.isArray(raw)) return []
  const lines: HeaderLine[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) lines.push([text(raw[i]), text(raw[i + 1])])
  return lines
}

const text = (value: Buffer | string | undefined): string =>
  typeof value === 'string' ? value : (value?.toString('latin1') ?? '')

/** Names and values by turns, as writeHead takes them. */
const flat = (lines: readonly HeaderLine[], more: readonly HeaderLine[]): string[] => {
  const list: string[] = []
  for (const line of lines) list.push(line[0], line[1])
  for (const line of more) list.push(line[0], line[1])
  return list
}

const valueOf = (lines: readonly HeaderLine[], wanted: string): string | undefined => {
  for (const line of lines) if (line[0].length === wanted.length && line[0].toLowerCase() === wanted) return line[1]
  return undefined
}

const isEventStream = (lines: readonly HeaderLine[]): boolean =>
  valueOf(lines, 'content-type')?.toLowerCase().startsWith('text/event-stream') === true

/** Largest answer that is sent in one piece with its header. */
const ONE_PIECE = 65_536

/** An answer on its way: what was announced, and what watches over it. */
interface Passage {
  /** Stated length; NaN when none is. */
  length: number
  /** The whole body, when it came in one piece: sent together with the header. */
  whole: Buffer | null
  held: Held | null
  watched: Watched | null
}

interface Answered {
  readonly controller: Dispatcher.DispatchController
  readonly status: number
}

const begin = (forwarding: Forwarding, passage: Passage, answered: Answered): void => {
  const { controller, status } = answered
  const { exchange, evaluation, request } = forwarding
  const lines = returnedHeaders(evaluation, request, rawLines(controller.rawHeaders))
  exchange.response.writeHead(status, flat(lines, exchange.connectionLines()))
  passage.length = Number(valueOf(lines, 'content-length') ?? Number.NaN)
  if (isEventStream(lines)) {
    exchange.response.flushHeaders()
    passage.held = forwarding.hold(() => controller.abort(new Error(LOST)))
  } else passage.watched = forwarding.silence.watch(() => controller.abort(new Error('upstream silent')))
}

/** Relays one answer as it arrives: no buffering beyond the socket's, back pressure both ways. */
const createRelay = (forwarding: Forwarding): Dispatcher.DispatchHandler => {
  const { exchange } = forwarding
  const { response } = exchange
  const passage: Passage = { length: Number.NaN, whole: null, held: null, watched: null }
  const release = () => {
    passage.held?.release()
    passage.watched?.done()
  }
  return {
    onRequestStart: (controller) => exchange.onGone(() => controller.abort(new Error('client gone'))),
    onResponseStart: (controller, status) => {
      // Interim answers (RFC 9110 section 15.2) come first and in any number; the one that ends the exchange is still to come.
      if (status >= 200) begin(forwarding, passage, { controller, status })
    },
    onResponseData: (controller, chunk) => {
      if (chunk.length === passage.length && chunk.length <= ONE_PIECE) {
        passage.whole = chunk
        return
      }
      passage.watched?.heard()
      if (response.write(chunk)) return
      controller.pause()
      response.once('drain', () => controller.resume())
    },
    onResponseEnd: () => {
      release()
      // Header and body as one string are one write; latin-1 keeps every byte.
      if (passage.whole === null) response.end()
      else response.end(passage.whole.toString('latin1'), 'latin1')
    },
    onResponseError: (_controller, error) => {
      release()
      if (response.headersSent) exchange.cut(error.message === LOST ? 'decision.lost' : failureOf(error))
      else if (!exchange.gone()) forwarding.onFailure(failureOf(error))
    },
  }
}

/** Sends the canonical request on and relays the answer. What is forwarded is `request.target`, nothing else. */
export const forward = (forwarding: Forwarding): void => {
  const { exchange, request, pool } = forwarding
  pool.dispatch(
    {
      path: request.target,
      method: request.method,
      headers: forwarding.headers,
      body: framingOf(request.fields) === 0 ? null : exchange.message,
    },
    createRelay(forwarding),
  )
}
