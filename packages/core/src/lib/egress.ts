import { lookup } from 'node:dns/promises'
import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { LookupFunction } from 'node:net'
import { type Address, parseAddress } from './address.ts'
import { attempt, attemptAsync } from './attempt.ts'
import { type EgressScope, isLoopback, mayReach } from './egress-address.ts'
import { parseHost } from './host-name.ts'
import { parseMediaType } from './http-token.ts'
import { type JsonValue, parseStrictJson } from './strict-json.ts'

/** `maxBytes` caps the body, `deadlineMs` the whole from the name look-up to the last byte. */
export interface FetchJsonOptions extends EgressScope {
  readonly maxBytes: number
  readonly deadlineMs: number
  /** Trust anchors in PEM instead of the platform's. */
  readonly ca?: string
  /** How a name becomes addresses; the system's resolver when absent. What it answers is checked in any case. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

/** Why no document was fetched. Every one is a failure of ours or of the other side, none a decision. */
export type FetchFailure =
  | 'url'
  | 'name'
  | 'address'
  | 'deadline'
  | 'connection'
  | 'status'
  | 'type'
  | 'encoding'
  | 'size'
  | 'json'

export type FetchedJson =
  | { readonly ok: true; readonly value: JsonValue; readonly cacheControl: string | null; readonly date: string | null }
  | { readonly ok: false; readonly code: FetchFailure; readonly why: string }

type Refusal = Extract<FetchedJson, { ok: false }>

interface Target {
  readonly url: URL
  /** Without brackets. */
  readonly host: string
  readonly addresses: readonly Address[]
}

const MAX_DEPTH = 32
const MAX_URL = 2_048
const MAX_HEADER_BYTES = 16_384

const refuse = (code: FetchFailure, why: string): Refusal => ({ ok: false, code, why })

/** The scheme and host of a URL as the parser reads them stand at its start, and a port, path or query follows. */
const isSpelledAsRead = (text: string, url: URL): boolean => {
  const origin = `${url.protocol}//${url.hostname}`
  const next = text[origin.length]
  return text.slice(0, origin.length).toLowerCase() === origin && (next === undefined || ':/?'.includes(next))
}

/** http(s)://host[:port]/…, with nothing the URL parser would repair: what people read is then what is connected to. */
const parseTarget = (text: string): URL | null => {
  if (text.length > MAX_URL || !/^[!-~]+$/.test(text) || /[\\#]/.test(text)) return null
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || !parseHost(url.host).ok) return null
  return url.username === '' && url.password === '' && isSpelledAsRead(text, url) ? url : null
}

const systemResolve = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map((found) => found.address)

/** Settles with `undefined` when the signal fires first. */
const untilAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> =>
  Promise.race([
    promise,
    new Promise<undefined>((settle) => signal.addEventListener('abort', () => settle(undefined), { once: true })),
  ])

const resolveHost = async (
  host: string,
  options: FetchJsonOptions,
  signal: AbortSignal,
): Promise<readonly Address[] | Refusal> => {
  const literal = parseAddress(host)
  if (literal !== null) return [literal]
  const found = await untilAborted(
    attemptAsync(() => (options.resolve ?? systemResolve)(host)),
    signal,
  )
  if (found === undefined) return refuse('deadline', 'the name was not resolved in time')
  const addresses = found.ok ? found.value.map(parseAddress) : []
  const known = addresses.filter((address) => address !== null)
  return known.length === 0 || known.length < addresses.length ? refuse('name', 'the name was not resolved') : known
}

/** Every address of a name must be allowed: picking the good one among bad ones would be a matter of luck. */
const checkTarget = async (text: string, options: FetchJsonOptions, signal: AbortSignal): Promise<Target | Refusal> => {
  const url = parseTarget(text)
  if (url === null) return refuse('url', 'not an http or https URL without credentials and fragment')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = await resolveHost(host, options, signal)
  if ('ok' in addresses) return addresses
  if (!addresses.every((address) => mayReach(address, options)))
    return refuse('address', 'the address is not one that may be reached')
  if (url.protocol === 'http:' && !addresses.every(isLoopback)) return refuse('url', 'http is for loopback addresses only')
  return { url, host, addresses }
}

/**
 * Connects to the addresses that were checked, whatever the name resolves to by now (DNS rebinding). Asked with
 * `autoSelectFamily`, node wants them all.
 */
const pinned =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, _options, done) =>
    done(
      null,
      addresses.map(({ text, family }) => ({ address: text, family })),
    )

const open = (target: Target, options: FetchJsonOptions, signal: AbortSignal): ClientRequest => {
  const { url, host } = target
  const common = {
    method: 'GET',
    host,
    port: url.port,
    path: url.pathname + url.search,
    headers: { host: url.host, accept: 'application/json', 'accept-encoding': 'identity', connection: 'close' },
    // No shared agent: no kept connection, TLS session or proxy of the environment can stand in for the checked address.
    agent: false,
    lookup: pinned(target.addresses),
    autoSelectFamily: true,
    maxHeaderSize: MAX_HEADER_BYTES,
    signal,
  } as const
  if (url.protocol === 'http:') return requestPlain(common)
  const servername = parseAddress(host) === null ? host : ''
  return requestTls({ ...common, servername, rejectUnauthorized: true, ...(options.ca === undefined ? {} : { ca: options.ca }) })
}

const isJsonType = (field: string | undefined): boolean => {
  const media = parseMediaType(field ?? '')
  if (media === null || media.type !== 'application') return false
  const charset = media.parameters['charset']
  return (
    (media.subtype === 'json' || media.subtype.endsWith('+json')) && (charset === undefined || charset.toLowerCase() === 'utf-8')
  )
}

const checkHead = (response: IncomingMessage, options: FetchJsonOptions): Refusal | null => {
  const { headers } = response
  if (response.statusCode !== 200) return refuse('status', `the answer has status ${response.statusCode}`)
  if (headers['content-encoding'] !== undefined) return refuse('encoding', 'the answer is encoded although none was asked for')
  if (!isJsonType(headers['content-type'])) return refuse('type', 'the answer is not declared as JSON')
  if (Number(headers['content-length'] ?? 0) > options.maxBytes)
    return refuse('size', `the answer is over ${options.maxBytes} bytes`)
  return null
}

const readBody = (bytes: Uint8Array, response: IncomingMessage, options: FetchJsonOptions): FetchedJson => {
  const text = attempt(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  if (!text.ok) return refuse('json', 'the answer is not UTF-8')
  const parsed = parseStrictJson(text.value, { maxBytes: options.maxBytes, maxDepth: MAX_DEPTH })
  if (!parsed.ok) return refuse('json', `${parsed.why}, at ${parsed.offset}`)
  const { 'cache-control': cacheControl = null, date = null } = response.headers
  return { ok: true, value: parsed.value, cacheControl, date }
}

/** One exchange; the connection is gone when the promise settles, whatever the outcome. */
const exchange = (target: Target, options: FetchJsonOptions, signal: AbortSignal): Promise<FetchedJson> =>
  new Promise((resolve) => {
    const request = open(target, options, signal)
    const settle = (result: FetchedJson): void => {
      resolve(result)
      request.destroy()
    }
    const onError = (): void =>
      settle(
        signal.aborted ? refuse('deadline', 'the answer did not come in time') : refuse('connection', 'the connection failed'),
      )
    request.on('error', onError)
    request.on('response', (response) => {
      response.on('error', onError)
      const refused = checkHead(response, options)
      if (refused !== null) return settle(refused)
      const chunks: Uint8Array[] = []
      let size = 0
      response.on('data', (chunk: Uint8Array) => {
        size += chunk.length
        if (size > options.maxBytes) settle(refuse('size', `the answer is over ${options.maxBytes} bytes`))
        else chunks.push(chunk)
      })
      response.on('end', () => settle(readBody(Buffer.concat(chunks), response, options)))
    })
    request.end()
  })

/**
 * Fetches a JSON document for us. Only https, and http to loopback; no redirect is followed; the name is resolved first,
 * every address checked (see EgressScope), and exactly those connected to; the certificate is verified for the name. The
 * answer must have status 200, a JSON type, no encoding, at most `maxBytes`, and be JSON as parseStrictJson reads it, all
 * within `deadlineMs`. Gives a value in every case, never rejects. Does not cache, retry or log; the reason names no address.
 */
export const fetchJson = async (url: string, options: FetchJsonOptions): Promise<FetchedJson> => {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), options.deadlineMs)
  const fetched = await attemptAsync(async () => {
    const target = await checkTarget(url, options, controller.signal)
    return 'ok' in target ? target : exchange(target, options, controller.signal)
  })
  clearTimeout(timer)
  return fetched.ok ? fetched.value : refuse('connection', 'the request could not be made')
}
