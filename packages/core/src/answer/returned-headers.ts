import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import type { Evaluation } from '../model/engine.ts'
import { setsOwnCookie } from '../model/own-cookies.ts'
import { corsHeaders } from './cors.ts'

/** RFC 9110 section 7.6.1 and the older fields that mean one connection only. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const NONE: ReadonlySet<string> = new Set()

const connectionNames = (headers: readonly HeaderLine[]): ReadonlySet<string> => {
  let names: Set<string> | null = null
  for (const line of headers) {
    if (line[0].length !== 'connection'.length || line[0].toLowerCase() !== 'connection') continue
    names ??= new Set()
    for (const token of line[1].split(',')) names.add(token.trim().toLowerCase())
  }
  return names ?? NONE
}

/**
 * Cache-Control of an answer that no public entry allowed: shared caches must not keep it, whatever the upstream says.
 * `no-store` and `private` stay; `public`, `s-maxage` and a `private` limited to fields are replaced.
 */
export const privateCacheControl = (value: string | undefined): string => {
  if (value === undefined || value.trim() === '') return 'private'
  const directives = value.split(',').map((directive) => directive.trim())
  const kept = directives.filter((directive) => !/^(public|private(=.*)?|s-maxage(=.*)?)$/i.test(directive) && directive !== '')
  return kept.some((directive) => /^no-store$/i.test(directive)) ? kept.join(', ') : ['private', ...kept].join(', ')
}

/** Fields of an answer that are ours to say, not the upstream's. */
const isDropped = (name: string, value: string, declaresCors: boolean): boolean =>
  HOP_BY_HOP.has(name) ||
  name === 'balustrade-decision' ||
  (declaresCors && name.startsWith('access-control-')) ||
  (name === 'set-cookie' && setsOwnCookie(value))

const cacheLine = (values: readonly string[]): HeaderLine => [
  'cache-control',
  privateCacheControl(values.length === 0 ? undefined : values.join(', ')),
]

/** An upstream's or application's answer as it may leave: hop-by-hop fields and cookies under our names removed, cache and CORS fields as the service declares. */
export const returnedHeaders = (
  evaluation: Evaluation,
  request: AccessRequest,
  headers: readonly HeaderLine[],
): readonly HeaderLine[] => {
  const named = connectionNames(headers)
  const declaresCors = evaluation.service?.cors != null
  const isPublic = evaluation.decision.public
  const kept: HeaderLine[] = []
  const cache: string[] = []
  for (const line of headers) {
    const name = line[0].toLowerCase()
    if (named.has(name) || isDropped(name, line[1], declaresCors)) continue
    if (!isPublic && name === 'cache-control') cache.push(line[1])
    else kept.push(line)
  }
  if (!isPublic) kept.push(cacheLine(cache))
  kept.push(['balustrade-decision', evaluation.id])
  if (declaresCors) kept.push(...corsHeaders(evaluation, request), ['vary', 'Origin'])
  return kept
}
