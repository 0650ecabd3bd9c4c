import type { HeaderLine } from './access-request.ts'

/**
 * Cookies of the enforcement point: a session's, and that of a browser which logs in, each under its name for https and for plain
 * http. Readers of cookies differ over case (and browsers over that of the prefix), so every case is ours.
 */
const OWN = /^(?:__host-)?balustrade(?:-login)?$/i

const isOwn = (pair: string): boolean => {
  const end = pair.indexOf('=')
  return end >= 0 && OWN.test(pair.slice(0, end).trim())
}

/**
 * A Cookie field without ours, whatever stands around them; all other pairs as they came. Null: nothing is left. The secret of a
 * session stays at the point that keeps it: an application that was broken into, or that writes its requests down, must not have it.
 */
export const withoutOwnCookies = (line: HeaderLine): HeaderLine | null => {
  const [name, value] = line
  if (!/balustrade/i.test(value)) return line
  const pairs = value.split(';')
  const kept = pairs.filter((pair) => !isOwn(pair))
  if (kept.length === pairs.length) return line
  return kept.every((pair) => pair.trim() === '') ? null : [name, kept.join(';').trim()]
}

/**
 * A Set-Cookie field that would give the browser one of ours: a session of somebody else's, or none. A cookie without a name is sent
 * back as its bare value, so `=balustrade=…` sets it too.
 */
export const setsOwnCookie = (value: string): boolean => isOwn((value.split(';', 1)[0] ?? '').replace(/^[\s=]+/, ''))
