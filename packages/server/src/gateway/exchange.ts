import type { Answer, Evaluation, HeaderLine } from '@balustrade/core/kit'
import type { BodySource } from '../upstream/request-head.ts'
import { hasBody } from './body-guard.ts'

/** A request as it is read: an IncomingMessage of node:http, or that of an HTTP/2 stream. */
export interface ClientMessage extends BodySource {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly rawHeaders: readonly string[]
  readonly headers: { readonly host?: string | undefined; readonly 'content-length'?: string | undefined }
  readonly socket: { readonly remoteAddress?: string | undefined; readonly bytesRead: number; readonly bytesWritten: number }
  /** All of the body has arrived. */
  readonly complete: boolean
  readonly destroyed: boolean
  /** What follows when no length is stated; nothing, where absent. */
  readonly unstated?: 'chunked' | 0
  once(event: 'end' | 'close', act: () => void): unknown
}

/** An answer as it is written: a ServerResponse of node:http, or that of an HTTP/2 stream. */
export interface ClientResponse {
  readonly headersSent: boolean
  readonly statusCode: number
  readonly writableFinished: boolean
  writeContinue(): void
  /** Names and values by turns. */
  writeHead(status: number, lines: string[]): unknown
  flushHeaders(): void
  write(bytes: Buffer): boolean
  end(): unknown
  end(text: string): unknown
  end(text: string, encoding: 'latin1'): unknown
  once(event: 'drain' | 'close', act: () => void): unknown
  /** Breaks the answer off, so that nobody takes it for whole. */
  destroy(): unknown
}

/** One request and its answer on a connection: what was sent, who is gone, and one completion record at the end. */
export interface Exchange {
  readonly message: ClientMessage
  readonly response: ClientResponse
  /** Called when the client goes before the answer is complete. */
  readonly onGone: (act: () => void) => void
  readonly gone: () => boolean
  /** `Connection: close` while shutting down or when the request's body was left unread. */
  readonly connectionLines: () => readonly HeaderLine[]
  /** Ends an answer that has begun and cannot be completed: its connection or stream is broken off, so that nobody takes it for whole. */
  readonly cut: (why: string) => void
  /** Sends an answer of our own. */
  readonly send: (answer: Answer) => void
  /** The completion of this exchange goes to the log as that of `evaluation`. */
  readonly concerns: (evaluation: Evaluation) => void
}

export interface ExchangeParts {
  readonly message: ClientMessage
  readonly response: ClientResponse
  readonly draining: () => boolean
  readonly onEnd: (status: number, durationMs: number) => void
  readonly monotonic: () => number
}

const unread = (message: ClientMessage): boolean => !message.complete && hasBody(message)

const flat = (answer: Answer, extra: readonly HeaderLine[]): string[] => {
  const list: string[] = []
  for (const [name, value] of [...answer.headers, ...extra]) list.push(name, value)
  return list
}

/** Watches one exchange from its first moment. */
export const createExchange = (parts: ExchangeParts): Exchange => {
  const { message, response } = parts
  const began = parts.monotonic()
  const socket = message.socket
  const sentBefore = socket.bytesWritten
  const receivedBefore = socket.bytesRead
  let evaluation: Evaluation | null = null
  let goneAct: (() => void) | null = null
  let closed = false
  let end: string | null = null

  response.once('close', () => {
    closed = true
    if (!response.writableFinished) goneAct?.()
    const status = response.headersSent ? response.statusCode : 499
    const broken = parts.draining() ? 'gateway.draining' : 'client.gone'
    const why = end ?? (response.writableFinished ? 'complete' : broken)
    evaluation?.complete({
      status,
      sent: socket.bytesWritten - sentBefore,
      received: socket.bytesRead - receivedBefore,
      end: why,
    })
    parts.onEnd(status, parts.monotonic() - began)
  })
  const connectionLines = (): readonly HeaderLine[] => (parts.draining() || unread(message) ? [['connection', 'close']] : [])
  return {
    message,
    response,
    onGone: (act) => {
      goneAct = act
      if (closed) act()
    },
    gone: () => closed,
    connectionLines,
    cut: (why) => {
      // Whoever is told that the client has gone fails in turn, which is not why this ended.
      if (closed) return
      end = why
      response.destroy()
    },
    send: (answer) => {
      if (closed) return
      response.writeHead(answer.status, flat(answer, connectionLines()))
      response.end(answer.body)
    },
    concerns: (of) => {
      evaluation = of
    },
  }
}
