import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type AccessRequest,
  type Answer,
  type Evaluation,
  type HeaderLine,
  type Held,
  answerReserved,
  answerUnlessAllowed,
  refuseMalformed,
  setsOwnCookie,
} from '@balustrade/core/kit'
import { openTunnel } from '../upstream/open-tunnel.ts'
import { answerOfFailure } from './failure.ts'
import { type Entrance, type GatewayParts, canonicalise, refuseMessage } from './gateway.ts'

/** An upgrade in progress: the client's socket and what it sent beyond its header. */
interface Upgrade {
  readonly message: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

interface Judged extends Upgrade {
  readonly request: AccessRequest
  readonly evaluation: Evaluation
}

const CRLF = '\r\n'

const headText = (status: number, lines: readonly HeaderLine[]): string =>
  [`HTTP/1.1 ${status} `, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join(CRLF)

/** Answers on the raw socket and closes it: a refused upgrade leaves nothing behind that could be read as a tunnel. */
const refuse = (socket: Duplex, made: Answer): void => {
  const lines = made.headers.filter(([name]) => name !== 'connection')
  socket.end(headText(made.status, [...lines, ['connection', 'close']]) + made.body, 'latin1')
}

/** Both ends of a tunnel. */
interface Ends {
  readonly client: Duplex
  readonly upstream: Duplex
}

/** ms for what was read of the upstream to reach a client whose tunnel ends. */
const LAST_WORDS = 1_000

/** Hangs up on the client after what was read for it has been sent: nobody can tell where a frame ends, so none is added. */
const hangUp = ({ client, upstream }: Ends): void => {
  upstream.unpipe(client)
  client.end(() => client.destroy())
  setTimeout(() => client.destroy(), LAST_WORDS).unref()
}

const join = ({ client, upstream }: Ends, onClosed: (why: string) => void): void => {
  let over = false
  const finish = (why: string) => {
    if (over) return
    over = true
    client.destroy()
    upstream.destroy()
    onClosed(why)
  }
  client.on('error', () => finish('client.gone'))
  upstream.on('error', () => finish('upstream.gone'))
  client.on('close', () => finish('complete'))
  upstream.on('close', () => finish('complete'))
  client.pipe(upstream)
  upstream.pipe(client)
}

/** An upstream that agreed to the upgrade. */
interface Agreed {
  readonly socket: Duplex
  readonly status: number
  readonly lines: readonly HeaderLine[]
}

const OF_THE_HOP = new Set(['connection', 'upgrade', 'balustrade-decision'])

const isKept = ([name, value]: HeaderLine): boolean => {
  const lower = name.toLowerCase()
  return !OF_THE_HOP.has(lower) && !(lower === 'set-cookie' && setsOwnCookie(value))
}

const opened = (parts: GatewayParts, judged: Judged, upstream: Agreed): void => {
  const { socket, evaluation, request, head } = judged
  const began = parts.clock.monotonic()
  let end: string | null = null
  const held: Held = parts.engine.hold(request, evaluation, () => {
    end = 'decision.lost'
    socket.destroy()
  })
  const kept = upstream.lines.filter(isKept)
  const lines: readonly HeaderLine[] = [
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
    ...kept,
    ['balustrade-decision', evaluation.id],
  ]
  socket.write(headText(upstream.status, lines), 'latin1')
  if (head.length > 0) upstream.socket.write(head)
  const ends: Ends = { client: socket, upstream: upstream.socket }
  join(ends, (why) => {
    held.release()
    forget()
    const raw = judged.message.socket
    evaluation.complete({ status: upstream.status, sent: raw.bytesWritten, received: raw.bytesRead, end: end ?? why })
    parts.watch.answered(upstream.status, parts.clock.monotonic() - began)
  })
  const forget = parts.tunnels.add(() => {
    end = 'gateway.draining'
    hangUp(ends)
  })
}

/** Ends an upgrade that was judged and will not be: the answer, and its completion. */
const finish = (parts: GatewayParts, judged: Judged, ended: { readonly made: Answer; readonly end: string }): void => {
  const { status, body } = ended.made
  refuse(judged.socket, ended.made)
  judged.evaluation.complete({ status, sent: Buffer.byteLength(body), received: 0, end: ended.end })
  parts.watch.answered(status, 0)
}

/** Relays an upstream that declines the upgrade: its status, no body, connection closed. */
const declined = (evaluation: Evaluation, status: number): Answer => ({
  status,
  headers: [
    ['content-length', '0'],
    ['cache-control', 'no-store'],
    ['balustrade-decision', evaluation.id],
  ],
  body: '',
})

const forwardUpgrade = (parts: GatewayParts, judged: Judged, origin: string): void => {
  const { request, evaluation, socket } = judged
  const headers = parts.headers(evaluation, request, parts.signer.assertionFor(evaluation, request.at))
  const { destination, limits } = parts.upstreams.of(evaluation.serviceName ?? '', origin)
  const asked = openTunnel(
    destination,
    { target: request.target, headers, headBytes: limits.headBytes, answerWithin: limits.headWithin },
    {
      onAgreed: (head, upstream) => opened(parts, judged, { socket: upstream, status: head.status, lines: head.lines }),
      onDeclined: (status) => finish(parts, judged, { made: declined(evaluation, status), end: 'upgrade.declined' }),
      onFailure: (code) => finish(parts, judged, { made: answerOfFailure(code, evaluation.id, parts.around), end: code }),
    },
  )
  socket.once('close', asked.abort)
}

/** Why an upgrade is not sent on; null when it is. */
const refusalOf = (parts: GatewayParts, { evaluation, request }: Judged, recorded: boolean): Answer | null => {
  const own = answerUnlessAllowed(evaluation, request, { recorded, around: parts.around, form: null })
  if (own !== null) return own
  return evaluation.service?.upstream == null ? answerOfFailure('upstream.none', evaluation.id, parts.around) : null
}

const act = (parts: GatewayParts, judged: Judged, recorded: boolean): void => {
  parts.watch.decided(judged.evaluation)
  const made = refusalOf(parts, judged, recorded)
  if (made !== null) finish(parts, judged, { made, end: 'complete' })
  else forwardUpgrade(parts, judged, judged.evaluation.service?.upstream ?? '')
}

const judge = async (parts: GatewayParts, upgrade: Upgrade, entrance: Entrance): Promise<void> => {
  const result = canonicalise(parts, upgrade.message, entrance)
  if (!result.ok) return refuse(upgrade.socket, refuseMessage(parts, upgrade.message, result))
  const { request } = result
  const reserved = answerReserved(request, { serviceAt: () => null, keySet: null })
  if (reserved !== null)
    return refuse(upgrade.socket, refuseMessage(parts, upgrade.message, { code: 'path.reserved', status: 404 }))
  const evaluation = await parts.engine.evaluate(request)
  const recorded = await evaluation.settled()
  act(parts, { ...upgrade, request, evaluation }, recorded)
}

/** Handles an upgrade of a listener: decided like any request, then tunnelled and held. The outermost guard; never throws. */
export const handleUpgrade = (parts: GatewayParts, entrance: Entrance, upgrade: Upgrade): void => {
  upgrade.socket.on('error', () => upgrade.socket.destroy())
  judge(parts, upgrade, entrance).catch(() => upgrade.socket.destroy())
}

/** The answer to bytes the parser refused: there is no message, so there is nothing to decide. */
export const malformedHead = (
  parts: GatewayParts,
  refusal: { readonly code: string; readonly status: number; readonly peer: string },
): string => {
  const made = refuseMalformed(parts.engine, { ...refusal, at: parts.clock.now(), method: '', host: '' }, parts.around)
  return headText(made.status, made.headers) + made.body
}
