import { attempt } from '../lib/attempt.ts'
import { isLoopback } from '../lib/egress-address.ts'
import { parseAddress } from '../lib/address.ts'
import type { Shape } from './shape.ts'
import { text } from './shape.ts'

const urlOf = (written: string): URL | null => {
  const parsed = attempt(() => new URL(written))
  return parsed.ok ? parsed.value : null
}

const WEB = new Set(['https:', 'http:'])

/** True for `localhost` and literal loopback addresses; no name is resolved. */
const isLoopbackHost = (host: string): boolean => {
  const bare = host.replace(/^\[|\]$/g, '')
  const address = parseAddress(bare)
  return bare === 'localhost' || (address !== null && isLoopback(address))
}

/** Why a URL is refused for an issuer or key set; null when it is not. */
export const secureUrlFault = (written: string, loopback: boolean): string | null => {
  const url = urlOf(written)
  if (url === null || !WEB.has(url.protocol)) return 'it is no https URL'
  if (url.username !== '' || url.password !== '' || url.hash !== '' || /\s/.test(written)) {
    return 'it has user information, a fragment or a space'
  }
  if (!isLoopbackHost(url.hostname)) return url.protocol === 'https:' ? null : 'it is not https'
  return loopback ? null : 'it is a loopback address and `loopback: true` is not set'
}

const URL_TEXT = text('an https URL such as https://login.example.com')

export const urlText: Shape<string> = { ...URL_TEXT, schema: { type: 'string', format: 'uri' } }

/** An origin (`https://host:port`) without path, query or user information, as WHATWG URL writes it; null when it is none. */
export const originOf = (written: string): string | null => {
  const url = urlOf(written)
  if (url === null || !WEB.has(url.protocol)) return null
  const bare = url.username === '' && url.password === '' && url.search === '' && url.hash === '' && url.pathname === '/'
  return bare && !/[\s?#]/.test(written) ? url.origin : null
}
