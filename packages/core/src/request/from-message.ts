import type { Address } from '../lib/address.ts'
import type { MalformedRequest } from '../model/engine.ts'
import type { ProxyTrust } from './client-address.ts'
import { fromHttp, fromStream, type RequestResult } from './from-http.ts'

/** As much of node:http's IncomingMessage as is read here; its socket is a TLS socket where there is a `servername`. */
export interface HttpMessage {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly rawHeaders: readonly string[]
  readonly headers: { readonly host?: string | undefined }
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** What no message says about itself. */
export interface Arrival {
  /** Epoch ms. */
  readonly at: number
  readonly scheme: 'http' | 'https'
  /** Source that a PROXY header named; null when there was none. */
  readonly proxied: Address | null
}

const servernameOf = ({ socket }: HttpMessage): string | null => {
  const { servername } = socket as { readonly servername?: unknown }
  return typeof servername === 'string' && servername !== '' ? servername : null
}

/** `fromHttp` for a message of node:http, which hands on method, target and field lines as they were read. */
export const fromMessage = (message: HttpMessage, arrival: Arrival, trust: ProxyTrust): RequestResult =>
  fromHttp(
    {
      ...arrival,
      method: message.method ?? '',
      target: message.url ?? '',
      httpVersion: message.httpVersion,
      rawHeaders: message.rawHeaders,
      peer: message.socket.remoteAddress ?? '',
      servername: servernameOf(message),
    },
    trust,
  )

/** `fromStream` for a message of HTTP/2, whose raw headers hold the pseudo-header fields too. */
export const fromStreamMessage = (message: HttpMessage, arrival: Arrival, trust: ProxyTrust): RequestResult =>
  fromStream(
    {
      ...arrival,
      rawHeaders: message.rawHeaders,
      peer: message.socket.remoteAddress ?? '',
      servername: servernameOf(message),
    },
    trust,
  )

/** What the log keeps of a message that is no request. */
export const malformedMessage = (message: HttpMessage, at: number, code: string): MalformedRequest => ({
  at,
  method: message.method ?? '',
  host: message.headers.host ?? '',
  peer: message.socket.remoteAddress ?? '',
  code,
})
