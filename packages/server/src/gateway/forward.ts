import { type AccessRequest, type Evaluation, framingOf, type HeaderLine, type Held, returnedHeaders } from '@balustrade/core/kit'
import type { Exchange } from './exchange.ts'
import type { AnswerSink, Flow } from '../upstream/connection.ts'
import type { UpstreamFailure } from '../upstream/failure-of.ts'
import type { UpstreamPool } from '../upstream/pool.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import type { Silence, Watched } from './silence.ts'

export interface Forwarding {
  readonly exchange: Exchange
  readonly request: AccessRequest
  readonly evaluation: Evaluation
  readonly pool: UpstreamPool
  /** Names and values by turns. */
  readonly headers: string[]
  /** Watches for an upstream that falls silent within a body; event streams are exempt. */
  readonly silence: Silence
  /** Puts an open stream under the engine's watch; called once the answer proves to be an event stream. */
  readonly hold: (onLost: () => void) => Held
  /** Has it wait until its client may have another connection of the upstream; null: it need not. */
  readonly share: ((begin: (release: () => void) => void) => void) | null
  /** The upstream failed before it answered: answer 502 or 504. */
  readonly onFailure: (code: UpstreamFailure) => void
}

const LOST = 'decision.lost'

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
  whole: string | null
  flow: Flow | null
  held: Held | null
  watched: Watched | null
}

/** Ends an answer that has begun. */
const cutOff = ({ exchange }: Forwarding, passage: Passage, why: string): void => {
  passage.flow?.abort()
  release(passage)
  exchange.cut(why)
}

const begin = (forwarding: Forwarding, passage: Passage, head: ResponseHead): void => {
  const { exchange, evaluation, request } = forwarding
  const lines = returnedHeaders(evaluation, request, head.lines)
  exchange.response.writeHead(head.status, flat(lines, exchange.connectionLines()))
  passage.length = typeof head.framing === 'number' ? head.framing : Number.NaN
  if (isEventStream(lines)) {
    exchange.response.flushHeaders()
    passage.held = forwarding.hold(() => cutOff(forwarding, passage, LOST))
  } else passage.watched = forwarding.silence.watch(() => cutOff(forwarding, passage, 'upstream.timeout'))
}

const release = (passage: Passage): void => {
  passage.held?.release()
  passage.watched?.done()
}

const pass = ({ exchange }: Forwarding, passage: Passage, bytes: Buffer): void => {
  if (bytes.length === passage.length && bytes.length <= ONE_PIECE) {
    // Header and body as one string are one write; latin-1 keeps every byte.
    passage.whole = bytes.toString('latin1')
    return
  }
  passage.watched?.heard()
  const { flow } = passage
  // The bytes are the connection's: it reads the next ones into the same place.
  if (exchange.response.write(Buffer.from(bytes))) return
  flow?.pause()
  exchange.response.once('drain', () => flow?.resume())
}

/** Relays one answer as it arrives: no buffering beyond the socket's, back pressure both ways. */
const createRelay = (forwarding: Forwarding, letGo: () => void): AnswerSink => {
  const { exchange } = forwarding
  const { response } = exchange
  const passage: Passage = { length: Number.NaN, whole: null, flow: null, held: null, watched: null }
  return {
    onHead: (head, flow) => {
      passage.flow = flow
      begin(forwarding, passage, head)
    },
    onData: (bytes) => pass(forwarding, passage, bytes),
    onEnd: () => {
      release(passage)
      letGo()
      if (passage.whole === null) response.end()
      else response.end(passage.whole, 'latin1')
    },
    onFailure: (code) => {
      release(passage)
      letGo()
      if (response.headersSent) exchange.cut(code)
      else if (!exchange.gone()) forwarding.onFailure(code)
    },
  }
}

const send = (forwarding: Forwarding, letGo: () => void): void => {
  const { exchange, request, pool } = forwarding
  const sent = pool.send(
    {
      method: request.method,
      target: request.target,
      headers: forwarding.headers,
      framing: framingOf(request.fields, exchange.message.unstated),
      body: exchange.message,
    },
    createRelay(forwarding, letGo),
  )
  exchange.onGone(() => {
    sent.abort()
    letGo()
  })
}

const NOTHING_HELD = () => {}

/** Sends the canonical request on and relays the answer. What is forwarded is `request.target`, nothing else. */
export const forward = (forwarding: Forwarding): void => {
  if (forwarding.share === null) send(forwarding, NOTHING_HELD)
  else forwarding.share((letGo) => send(forwarding, letGo))
}
