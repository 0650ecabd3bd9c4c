import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { ClientMessage, ClientResponse } from './exchange.ts'
import type { GatewayLimits } from './limits.ts'
import type { Offenders } from './offenders.ts'
import { type Carried, judgeStreams } from './stream-guard.ts'
import { countArrivals, createStreamMessage, type StreamHead, type StreamTraffic, weighLines } from './stream-message.ts'
import { createStreamResponse, isAnswered } from './stream-response.ts'
import { createTurns, type Turns } from './turns.ts'

/** The connections of a listener that speak HTTP/2. */
export interface Sessions {
  /** Speaks HTTP/2 on a connection whose handshake chose it. */
  readonly begin: (socket: TLSSocket) => void
  /** Tells every client to open no more streams; a connection ends with its last one. */
  readonly drain: () => void
  readonly close: () => void
}

export interface SessionsParts {
  readonly limits: GatewayLimits
  readonly monotonic: () => number
  readonly offenders: Offenders
  /** Where the client of a connection is, as far as whoever passes it on is trusted to say. */
  readonly addressOf: (socket: TLSSocket) => string
  /** A trusted proxy is at this address. */
  readonly isProxy: (address: string) => boolean
  /** Called for every request; `socket` is that of its connection. */
  readonly onRequest: (socket: TLSSocket, message: ClientMessage, response: ClientResponse) => void
}

/** One connection. */
interface Session {
  readonly socket: TLSSocket
  readonly remoteAddress: string | undefined
  /** Of the client, kept: of a socket that is closed nobody can tell any more. */
  readonly address: string
  /** Not where it comes from a trusted proxy, which carries many clients. */
  readonly takesTurns: boolean
  readonly http2: ServerHttp2Session
  readonly streams: Set<Carried>
  requests: number
  /** Monotonic ms since when it carries nothing. */
  idleSince: number
  /** Requests taken back within this span. */
  resets: number
  /** PING and SETTINGS within this span. */
  controls: number
  /** Bytes that arrived up to the last look, those of them that belong to requests, and those beyond what is allowed. */
  read: number
  useful: number
  surplus: number
}

interface State {
  readonly parts: SessionsParts
  readonly turns: Turns
  readonly open: Set<Session>
  draining: boolean
}

/** ms between two looks at all connections. */
const LOOK = 1_000
/** ms in which resets, PING and SETTINGS are counted. */
const RESET_SPAN = 10_000
/**
 * Bytes a second on one connection that belong to no request (PING, SETTINGS, WINDOW_UPDATE, PRIORITY, padding, refused streams),
 * and how many beyond before it is closed. A client that downloads at a gigabit sends some 100 KiB of WINDOW_UPDATE a second.
 */
const OVERHEAD = 262_144
const SURPLUS = 1_048_576
/** Header fields beyond `headerCount`: the four pseudo-header fields, and cookies, which may come as one field each. */
const CRUMBS = 204
/** ms between the first and the second GOAWAY (RFC 9113 section 6.8): what was on its way meanwhile is served. */
const LAST_CALL = 250
const LAST_STREAM = 2 ** 31 - 1
/** PING and SETTINGS of one connection within `RESET_SPAN`. A client sends SETTINGS once or twice, and PING some times a second at most. */
const CONTROLS = 1_000
/** Frames that break a rule of HTTP/2, and streams that were refused, before a connection is given up. */
const OFFENCES = 100

const optionsOf = (limits: GatewayLimits) => ({
  maxHeaderListPairs: limits.headerCount + CRUMBS,
  maxSessionInvalidFrames: OFFENCES,
  maxSessionRejectedStreams: OFFENCES,
  streamResetBurst: limits.streamResets,
  streamResetRate: Math.ceil((limits.streamResets * 1_000) / RESET_SPAN),
  // An upstream may say a field twice; over HTTP/1.1 both lines go out.
  strictSingleValueFields: false,
  settings: {
    enablePush: false,
    maxConcurrentStreams: limits.concurrentStreams,
    maxHeaderListSize: limits.headerBytes,
  },
})

const isOver = ({ http2 }: Session): boolean => http2.destroyed || http2.closed

const offend = ({ parts }: State, { address }: Session): void => parts.offenders.note(address)

const giveUp = (state: State, session: Session): void => {
  offend(state, session)
  session.http2.destroy(
    new Error('a connection of HTTP/2 asks too little for what it costs'),
    constants.NGHTTP2_ENHANCE_YOUR_CALM,
  )
}

/** Bytes of its request that were not accounted for yet. */
const account = (session: Session, carried: Carried): void => {
  session.useful += carried.traffic.bytesRead - carried.counted
  carried.counted = carried.traffic.bytesRead
}

/**
 * Takes a stream off its connection. One that ended before its answer, and not by us, counts, whoever sent the reset: a client has a
 * stream reset by breaking a rule on it as well as by saying so (CVE-2023-44487, CVE-2025-8671).
 */
const takeOff = (state: State, session: Session, carried: Carried): void => {
  const { stream, traffic } = carried
  session.streams.delete(carried)
  account(session, carried)
  session.idleSince = state.parts.monotonic()
  if (traffic.cut || isAnswered(stream)) return
  session.resets++
  if (session.resets > state.parts.limits.streamResets && !isOver(session)) giveUp(state, session)
}

/** Has a stream wait for the turn of its client. Taken back meanwhile, perhaps in the same breath: no decision is made. */
const inTurn = (
  { turns }: State,
  { takesTurns, address }: Session,
  turn: { readonly stream: ServerHttp2Stream; readonly run: () => void },
): void => {
  const { stream, run } = turn
  const gone = () => stream.destroyed || stream.closed
  const begin = (done: () => void) => {
    stream.once('close', done)
    run()
  }
  if (takesTurns) turns.take({ key: address, gone, begin })
  else if (!gone()) run()
}

const open = (state: State, session: Session, head: StreamHead): void => {
  const { stream, rawHeaders } = head
  stream.on('error', () => {})
  const { remoteAddress, socket } = session
  const { servername } = socket
  const traffic: StreamTraffic = { remoteAddress, servername, bytesRead: weighLines(rawHeaders), bytesWritten: 0, cut: false }
  const carried: Carried = { stream, traffic, counted: 0, seen: null }
  session.requests++
  session.streams.add(carried)
  countArrivals(stream, traffic)
  stream.once('close', () => takeOff(state, session, carried))
  const run = () => state.parts.onRequest(socket, createStreamMessage(head, traffic), createStreamResponse(stream, traffic))
  inTurn(state, session, { stream, run })
  if (session.requests >= state.parts.limits.requestsPerConnection) session.http2.close()
}

/** CVE-2019-9512, CVE-2019-9515: small to send, and each has to be answered. */
const countControl = (state: State, session: Session): void => {
  session.controls++
  if (session.controls > CONTROLS && !isOver(session)) giveUp(state, session)
}

const begin = (state: State, socket: TLSSocket): void => {
  const address = state.parts.addressOf(socket)
  if (state.parts.offenders.include(address)) return void socket.destroy()
  const http2 = performServerHandshake(socket, optionsOf(state.parts.limits))
  const session: Session = {
    socket,
    remoteAddress: socket.remoteAddress,
    address,
    takesTurns: !state.parts.isProxy(address),
    http2,
    streams: new Set(),
    requests: 0,
    idleSince: state.parts.monotonic(),
    resets: 0,
    controls: 0,
    read: socket.bytesRead,
    useful: 0,
    surplus: 0,
  }
  state.open.add(session)
  if (state.draining) http2.close()
  socket.once('close', () => state.open.delete(session))
  // What breaks the protocol ends the connection; there is no request to answer.
  http2.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code?.startsWith('ERR_HTTP2') === true) offend(state, session)
  })
  for (const event of ['ping', 'remoteSettings']) http2.on(event, () => countControl(state, session))
  http2.on('stream', (...[stream, , , rawHeaders]) => open(state, session, { stream, rawHeaders }))
}

/** Ends a connection that carries nothing: that began with nothing within `headerDeadline`, or was idle for `keepAlive`. */
const judgeIdle = (state: State, session: Session, now: number): void => {
  const { limits } = state.parts
  if (session.streams.size > 0) return
  const idle = now - session.idleSince
  // It was said that this is over, and the client does not hang up.
  if (isOver(session)) return void (idle >= limits.headerDeadline && session.socket.destroy())
  if (idle < (session.requests === 0 ? limits.headerDeadline : limits.keepAlive)) return
  session.idleSince = now
  session.http2.close()
}

/** Ends a connection that brings much and asks little. */
const judgeOverhead = (state: State, session: Session): void => {
  const arrived = session.socket.bytesRead - session.read
  for (const carried of session.streams) account(session, carried)
  session.surplus = Math.max(0, session.surplus + arrived - session.useful - OVERHEAD)
  session.read += arrived
  session.useful = 0
  if (session.surplus > SURPLUS) giveUp(state, session)
}

const look = (state: State): void => {
  const now = state.parts.monotonic()
  for (const session of state.open) {
    if (!isOver(session)) judgeOverhead(state, session)
    judgeIdle(state, session, now)
  }
}

const drain = (state: State): void => {
  state.draining = true
  for (const { http2 } of state.open) if (!http2.destroyed) http2.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM)
  setTimeout(() => {
    for (const { http2 } of state.open) http2.close()
  }, LAST_CALL)
}

export const createSessions = (parts: SessionsParts): Sessions => {
  const state: State = { parts, turns: createTurns(), open: new Set(), draining: false }
  const timers = [
    setInterval(() => look(state), LOOK),
    setInterval(() => {
      for (const { streams } of state.open) judgeStreams(streams, parts.limits)
    }, parts.limits.bodyIdle),
    setInterval(() => {
      for (const session of state.open) {
        session.resets = 0
        session.controls = 0
      }
    }, RESET_SPAN),
  ]
  for (const timer of timers) timer.unref()
  return {
    begin: (socket) => begin(state, socket),
    drain: () => drain(state),
    close: () => {
      timers.forEach((timer) => clearInterval(timer))
      state.turns.close()
      parts.offenders.close()
    },
  }
}
