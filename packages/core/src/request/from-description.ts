import { NO_PROXIES } from './client-address.ts'
import { fromHttp, type RawRequest, type RequestResult } from './from-http.ts'
import { refusal } from './reasons.ts'

/** A request in the words of a case or of `explain`. */
export interface RequestDescription {
  /** `POST https://console.example.com/users`: method, one space, absolute URI with at least `/` as path. */
  readonly request: string
  /** Field values by name; several values are several lines. Host comes from the URI. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** The handshake's own fields are added. */
  readonly upgrade?: 'websocket'
  /** Address of the client. Default: 192.0.2.1, an address of documentation (RFC 5737). */
  readonly from?: string
  /** Epoch ms. */
  readonly at: number
}

const SOMEBODY = '192.0.2.1'
const DESCRIPTION = /^([^ ]+) (https?):\/\/([^/?#]*)(\/.*)$/s
/** A nonce does not matter where nothing is answered: 16 zero bytes. */
const HANDSHAKE =
  'Connection Upgrade Upgrade websocket Sec-WebSocket-Version 13 Sec-WebSocket-Key AAAAAAAAAAAAAAAAAAAAAA=='.split(' ')

const linesOf = (headers: NonNullable<RequestDescription['headers']>): string[] =>
  Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one as string]))

/**
 * Makes a request from its description through the very checks that bytes from a socket go through; a description that HTTP could
 * not carry is refused with the same code. There is no proxy in front: `from` is peer and client.
 */
export const fromDescription = (description: RequestDescription): RequestResult => {
  const parts = DESCRIPTION.exec(description.request)
  if (parts === null) return refusal('request.target_form')
  const [, method, scheme, authority, target] = parts as unknown as [string, string, 'http' | 'https', string, string]
  const upgrade = description.upgrade === undefined ? [] : HANDSHAKE
  const rawHeaders = ['Host', authority, ...linesOf(description.headers ?? {}), ...upgrade]
  const peer = description.from ?? SOMEBODY
  const raw: RawRequest = {
    method,
    target,
    httpVersion: '1.1',
    rawHeaders,
    peer,
    scheme,
    at: description.at,
    servername: null,
    proxied: null,
  }
  return fromHttp(raw, NO_PROXIES)
}
