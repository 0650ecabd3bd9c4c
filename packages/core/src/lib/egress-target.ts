import { lookup } from 'node:dns/promises'
import { type Address, parseAddress } from './address.ts'
import { attemptAsync } from './attempt.ts'
import { type EgressScope, isLoopback, mayReach } from './egress-address.ts'
import { parseHost } from './host-name.ts'

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

export interface EgressRefusal {
  readonly ok: false
  readonly code: FetchFailure
  readonly why: string
}

export interface EgressWhere extends EgressScope {
  /** How a name becomes addresses; the system's resolver when absent. What it answers is checked in any case. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

/** Where a request goes: checked. */
export interface Target {
  readonly url: URL
  /** Without brackets. */
  readonly host: string
  readonly addresses: readonly Address[]
}

const MAX_URL = 2_048

export const refuse = (code: FetchFailure, why: string): EgressRefusal => ({ ok: false, code, why })

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
  options: EgressWhere,
  signal: AbortSignal,
): Promise<readonly Address[] | EgressRefusal> => {
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
export const checkTarget = async (text: string, options: EgressWhere, signal: AbortSignal): Promise<Target | EgressRefusal> => {
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
