import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { LookupFunction } from 'node:net'
import { type Address, parseAddress } from './address.ts'
import { attempt, attemptAsync } from './attempt.ts'
import { checkTarget, type EgressRefusal, type EgressWhere, refuse, type Target } from './egress-target.ts'
import { parseMediaType } from './http-token.ts'
import { type JsonValue, parseStrictJson } from './strict-json.ts'

/** `maxBytes` caps the body, `deadlineMs` the whole from the name look-up to the last byte. */
export interface FetchJsonOptions extends EgressWhere {
  readonly maxBytes: number
  readonly deadlineMs: number
  /** Trust anchors in PEM instead of the platform's. */
  readonly ca?: string
}

/** A request of ours. */
export interface Outgoing {
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** By lower-case name; Host, Accept-Encoding, Connection and Content-Length are set here whatever they say. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

export interface EgressAnswer {
  readonly ok: true
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Uint8Array
}

export type FetchedJson =
  | { readonly ok: true; readonly value: JsonValue; readonly cacheControl: string | null; readonly date: string | null }
  | EgressRefusal

const MAX_DEPTH = 32
const MAX_HEADER_BYTES = 16_384

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

/** One exchange under way. */
interface Exchange {
  readonly target: Target
  readonly outgoing: Outgoing
  readonly options: FetchJsonOptions
  readonly signal: AbortSignal
  /** Looks at the head before the body is read. */
  readonly check: (response: IncomingMessage) => EgressRefusal | null
}

const headersOf = ({ outgoing, target }: Exchange): Record<string, string> => ({
  ...outgoing.headers,
  host: target.url.host,
  'accept-encoding': 'identity',
  connection: 'close',
  ...(outgoing.body === null ? {} : { 'content-length': String(outgoing.body.length) }),
})

const open = (exchange: Exchange): ClientRequest => {
  const { target, outgoing, options, signal } = exchange
  const { url, host } = target
  const common = {
    method: outgoing.method,
    host,
    port: url.port,
    path: url.pathname + url.search,
    headers: headersOf(exchange),
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

const checkHead = ({ headers }: IncomingMessage, { maxBytes }: FetchJsonOptions): EgressRefusal | null => {
  if (headers['content-encoding'] !== undefined) return refuse('encoding', 'the answer is encoded although none was asked for')
  return Number(headers['content-length'] ?? 0) > maxBytes ? refuse('size', `the answer is over ${maxBytes} bytes`) : null
}

/** One exchange; the connection is gone when the promise settles, whatever the outcome. */
const exchange = (each: Exchange): Promise<EgressAnswer | EgressRefusal> =>
  new Promise((resolve) => {
    const { options, signal, outgoing } = each
    const request = open(each)
    const settle = (result: EgressAnswer | EgressRefusal): void => {
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
      const refused = each.check(response) ?? checkHead(response, options)
      if (refused !== null) return settle(refused)
      const chunks: Uint8Array[] = []
      let size = 0
      response.on('data', (chunk: Uint8Array) => {
        size += chunk.length
        if (size > options.maxBytes) settle(refuse('size', `the answer is over ${options.maxBytes} bytes`))
        else chunks.push(chunk)
      })
      response.on('end', () =>
        settle({ ok: true, status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
      )
    })
    request.end(outgoing.body ?? undefined)
  })

const within = async (
  outgoing: Outgoing,
  options: FetchJsonOptions,
  check: Exchange['check'],
): Promise<EgressAnswer | EgressRefusal> => {
  const controller = new AbortController()
  const { signal } = controller
  const timer = setTimeout(() => controller.abort(), options.deadlineMs)
  const answered = await attemptAsync(async () => {
    const target = await checkTarget(outgoing.url, options, signal)
    return 'ok' in target ? target : exchange({ target, outgoing, options, signal, check })
  })
  clearTimeout(timer)
  return answered.ok ? answered.value : refuse('connection', 'the request could not be made')
}

/**
 * Sends one request for us and gives whatever status, headers and bytes come back. Only https, and http to loopback; no redirect is
 * followed; the name is resolved first, every address checked (see EgressScope), and exactly those connected to; the certificate is
 * verified for the name. The answer must have no encoding and at most `maxBytes`, all within `deadlineMs`. Gives a value in every
 * case, never rejects. Does not cache, retry or log; the reason names no address.
 */
export const sendRequest = (outgoing: Outgoing, options: FetchJsonOptions): Promise<EgressAnswer | EgressRefusal> =>
  within(outgoing, options, () => null)

const isJsonType = (field: string | undefined): boolean => {
  const media = parseMediaType(field ?? '')
  if (media === null || media.type !== 'application') return false
  const charset = media.parameters['charset']
  return (
    (media.subtype === 'json' || media.subtype.endsWith('+json')) && (charset === undefined || charset.toLowerCase() === 'utf-8')
  )
}

/** JSON in these bytes as parseStrictJson reads it; a document of at most `maxBytes`, declared as JSON. */
export const readJsonAnswer = (answer: Pick<EgressAnswer, 'headers' | 'bytes'>, maxBytes: number): FetchedJson => {
  if (!isJsonType(answer.headers['content-type'])) return refuse('type', 'the answer is not declared as JSON')
  const text = attempt(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(answer.bytes))
  if (!text.ok) return refuse('json', 'the answer is not UTF-8')
  const parsed = parseStrictJson(text.value, { maxBytes, maxDepth: MAX_DEPTH })
  if (!parsed.ok) return refuse('json', `${parsed.why}, at ${parsed.offset}`)
  const { 'cache-control': cacheControl = null, date = null } = answer.headers
  return { ok: true, value: parsed.value, cacheControl, date }
}

const checkJsonHead = (response: IncomingMessage): EgressRefusal | null => {
  const { headers, statusCode } = response
  if (statusCode !== 200) return refuse('status', `the answer has status ${statusCode}`)
  if (headers['content-encoding'] !== undefined) return refuse('encoding', 'the answer is encoded although none was asked for')
  return isJsonType(headers['content-type']) ? null : refuse('type', 'the answer is not declared as JSON')
}

/**
 * Fetches a JSON document, as `sendRequest` sends. The answer must have status 200, a JSON type, and be JSON as parseStrictJson
 * reads it.
 */
export const fetchJson = async (url: string, options: FetchJsonOptions): Promise<FetchedJson> => {
  const outgoing = { url, method: 'GET', headers: { accept: 'application/json' }, body: null } as const
  const answer = await within(outgoing, options, checkJsonHead)
  return answer.ok ? readJsonAnswer(answer, options.maxBytes) : answer
}
