// Enforcement inside a node:http application (NIST SP 800-207: PEP). Decides before the handler runs; never matches a path again.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { answerUnlessAllowed, refuseMalformed, type Surroundings } from '../answer/answer.ts'
import { identityHeaders } from '../answer/identity-headers.ts'
import { answerReserved } from '../answer/reserved.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { Answer, Engine, Evaluation } from '../model/engine.ts'
import type { Clock } from '../model/ports.ts'
import type { ProxyTrust } from '../request/client-address.ts'
import { forwardableHeaders } from '../request/forwardable-headers.ts'
import { fromMessage, malformedMessage } from '../request/from-message.ts'
import { createManagedByService } from '../request/managed-by-service.ts'
import { guardResponse } from './guard-response.ts'
import { rewriteMessage } from './rewrite-message.ts'

export interface ProtectOptions {
  readonly engine: Engine
  readonly around: Surroundings
  readonly trust: ProxyTrust
  readonly clock: Clock
}

type ManagedBy = ReturnType<typeof createManagedByService>

export type UpgradeListener = (message: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface Guard {
  /** Wraps a request handler: it runs for allowed requests only. */
  readonly protect: (handler: RequestListener) => RequestListener
  /** Wraps an `upgrade` handler; the socket is destroyed when the decision no longer holds. */
  readonly protectUpgrade: (handler: UpgradeListener) => UpgradeListener
  /** What was decided about a message the handler was given. */
  readonly evaluationOf: (message: IncomingMessage) => Evaluation | undefined
}

const malformed = (
  options: ProtectOptions,
  message: IncomingMessage,
  { code, status }: { readonly code: string; readonly status: number },
): Answer => refuseMalformed(options.engine, { ...malformedMessage(message, options.clock.now(), code), status }, options.around)

interface Context extends ProtectOptions {
  readonly managedBy: ManagedBy
}

type Judged = { readonly request: AccessRequest; readonly evaluation: Evaluation; readonly refused: Answer | null }

/** An answer of our own, or a request that may go on to the handler. */
const judge = async (options: ProtectOptions, message: IncomingMessage): Promise<Judged | Answer> => {
  const scheme = (message.socket as TLSSocket).encrypted === true ? 'https' : 'http'
  const result = fromMessage(message, { at: options.clock.now(), scheme, proxied: null }, options.trust)
  if (!result.ok) return malformed(options, message, result)
  const { request } = result
  const reserved = answerReserved(request, { serviceAt: options.engine.serviceAt, keySet: null })
  if (reserved === 'refuse') return malformed(options, message, { code: 'path.reserved', status: 404 })
  if (reserved !== null) return reserved
  const evaluation = await options.engine.evaluate(request)
  const recorded = await evaluation.settled()
  return {
    request,
    evaluation,
    refused: answerUnlessAllowed(evaluation, request, { recorded, around: options.around, form: null }),
  }
}

const flat = (made: Answer): string[] => made.headers.flatMap(([name, value]) => [name, value])

const send = (message: IncomingMessage, response: ServerResponse, made: Answer): void => {
  const unread = !message.complete
  response.writeHead(made.status, unread ? [...flat(made), 'connection', 'close'] : flat(made))
  response.end(made.body)
}

/** What the handler sees: the canonical target, the client's fields without managed names, our identity headers. */
const rewrite = (message: IncomingMessage, { request, evaluation }: Judged, managedBy: ManagedBy): void => {
  const client = evaluation.service === null ? [] : forwardableHeaders(request, managedBy(evaluation.service))
  rewriteMessage(message, request, [...client, ...identityHeaders(evaluation, '')])
}

const complete = (message: IncomingMessage, response: ServerResponse, evaluation: Evaluation): void => {
  const { socket } = message
  const sent = socket.bytesWritten
  const received = socket.bytesRead
  response.once('close', () =>
    evaluation.complete({
      status: response.headersSent ? response.statusCode : 499,
      sent: socket.bytesWritten - sent,
      received: socket.bytesRead - received,
      end: response.writableFinished ? 'complete' : 'client.gone',
    }),
  )
}

const rawAnswer = (made: Answer): string => {
  const lines = made.headers.filter(([name]) => name !== 'connection').map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${made.status} `, ...lines, 'connection: close', '', made.body].join('\r\n')
}

const handleRequest = async (
  options: Context,
  pair: { readonly message: IncomingMessage; readonly response: ServerResponse },
): Promise<Judged | null> => {
  const { message, response } = pair
  const judged = await judge(options, message)
  if ('status' in judged) {
    send(message, response, judged)
    return null
  }
  complete(message, response, judged.evaluation)
  if (judged.refused !== null) {
    send(message, response, judged.refused)
    return null
  }
  rewrite(message, judged, options.managedBy)
  guardResponse(options.engine, { response, request: judged.request, evaluation: judged.evaluation })
  return judged
}

const handleUpgrade = async (options: Context, message: IncomingMessage, socket: Duplex): Promise<Judged | null> => {
  const judged = await judge(options, message)
  const refused = 'status' in judged ? judged : judged.refused
  if (refused !== null || 'status' in judged) {
    socket.end(rawAnswer(refused as Answer), 'latin1')
    if (!('status' in judged))
      judged.evaluation.complete({ status: (refused as Answer).status, sent: 0, received: 0, end: 'complete' })
    return null
  }
  rewrite(message, judged, options.managedBy)
  const held = options.engine.hold(judged.request, judged.evaluation, () => socket.destroy())
  socket.once('close', () => {
    held.release()
    judged.evaluation.complete({
      status: 101,
      sent: message.socket.bytesWritten,
      received: message.socket.bytesRead,
      end: 'complete',
    })
  })
  return judged
}

/** Makes the guard of one application. `engine` has a policy in force, or every request is refused as `engine.not_ready`. */
export const createGuard = (protection: ProtectOptions): Guard => {
  const options: Context = { ...protection, managedBy: createManagedByService() }
  const evaluations = new WeakMap<IncomingMessage, Evaluation>()
  return {
    evaluationOf: (message) => evaluations.get(message),
    protect: (handler) => (message, response) => {
      // The outermost guard: whatever fails before the handler ends the exchange; the handler's own errors are its own.
      handleRequest(options, { message, response }).then(
        (judged) => {
          if (judged === null) return
          evaluations.set(message, judged.evaluation)
          handler(message, response)
        },
        () => response.destroy(),
      )
    },
    protectUpgrade: (handler) => (message, socket, head) => {
      socket.on('error', () => socket.destroy())
      handleUpgrade(options, message, socket).then(
        (judged) => {
          if (judged === null) return
          evaluations.set(message, judged.evaluation)
          handler(message, socket, head)
        },
        () => socket.destroy(),
      )
    },
  }
}
