import type { IncomingMessage } from 'node:http'
import type { AccessRequest, HeaderLine } from '../model/access-request.ts'

/** Fields of this hop that the application's own server has read already; forwardable lines leave them out. */
const OF_THIS_HOP: readonly string[] = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'keep-alive']

const parsedHeaders = (lines: readonly HeaderLine[]): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of lines) {
    const lower = name.toLowerCase()
    const known = headers[lower]
    if (known === undefined) headers[lower] = value
    else if (lower === 'set-cookie') headers[lower] = [known].flat().concat(value)
    else headers[lower] = `${String(known)}${lower === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}

const hopLines = (request: AccessRequest): readonly HeaderLine[] =>
  request.headers.filter(([name]) => OF_THIS_HOP.includes(name.toLowerCase()))

/** Makes the message say what was decided: the canonical target and only those fields that may reach an application. */
export const rewriteMessage = (message: IncomingMessage, request: AccessRequest, lines: readonly HeaderLine[]): void => {
  const all = [...hopLines(request), ...lines]
  message.url = request.target
  message.rawHeaders = all.flatMap(([name, value]) => [name, value])
  // `headers` and `headersDistinct` are getters over state parsed before the decision: replaced by what remains.
  Object.defineProperty(message, 'headers', { value: parsedHeaders(all), writable: true, configurable: true, enumerable: true })
  const distinct = new Map<string, string[]>()
  for (const [name, value] of all) distinct.set(name.toLowerCase(), [...(distinct.get(name.toLowerCase()) ?? []), value])
  Object.defineProperty(message, 'headersDistinct', {
    value: Object.fromEntries(distinct),
    writable: true,
    configurable: true,
    enumerable: true,
  })
}
