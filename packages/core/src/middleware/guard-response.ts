import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { returnedHeaders } from '../answer/returned-headers.ts'
import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import type { Engine, Evaluation } from '../model/engine.ts'

export interface Guarded {
  readonly response: ServerResponse
  readonly request: AccessRequest
  readonly evaluation: Evaluation
}

type HeaderList = Readonly<Record<string, OutgoingHttpHeader | undefined>> | readonly OutgoingHttpHeader[]

const pairsOf = (headers: HeaderList): readonly (readonly [string, OutgoingHttpHeader])[] => {
  if (!Array.isArray(headers))
    return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const list = headers as readonly OutgoingHttpHeader[]
  if (Array.isArray(list[0]))
    return list.map((pair) => [String((pair as readonly string[])[0]), (pair as readonly string[])[1] ?? ''] as const)
  return list.flatMap((name, index) => (index % 2 === 0 ? [[String(name), list[index + 1] ?? ''] as const] : []))
}

const addAll = (response: ServerResponse, headers: HeaderList | undefined): void => {
  if (headers === undefined) return
  const seen = new Set<string>()
  for (const [name, value] of pairsOf(headers)) {
    const lower = name.toLowerCase()
    // As writeHead does: it replaces what setHeader said, but keeps repeated names of one list.
    if (seen.has(lower)) response.appendHeader(name, Array.isArray(value) ? value : String(value))
    else response.setHeader(name, value)
    seen.add(lower)
  }
}

const linesOf = (response: ServerResponse): readonly HeaderLine[] =>
  Object.entries(response.getHeaders()).flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)] as const))

const replaceAll = (response: ServerResponse, lines: readonly HeaderLine[]): void => {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  for (const [name, value] of lines) response.appendHeader(name, value)
}

/**
 * The handler's answer leaves as every point's does: cache and CORS fields as the service declares, the decision id, and event
 * streams held. Works at writeHead, the one place every answer of node:http passes.
 */
export const guardResponse = (engine: Engine, { response, request, evaluation }: Guarded): void => {
  const writeHead = response.writeHead.bind(response) as (status: number, message?: string) => ServerResponse
  const guarded = (status: number, second?: string | HeaderList, third?: HeaderList): ServerResponse => {
    addAll(response, typeof second === 'string' ? third : second)
    replaceAll(response, returnedHeaders(evaluation, request, linesOf(response)))
    if (String(response.getHeader('content-type') ?? '').startsWith('text/event-stream')) {
      const held = engine.hold(request, evaluation, () => response.destroy())
      response.once('close', held.release)
    }
    return typeof second === 'string' ? writeHead(status, second) : writeHead(status)
  }
  response.writeHead = guarded as typeof response.writeHead
}
