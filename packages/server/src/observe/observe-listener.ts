import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Health and metrics, answered on a listener of their own, so that no header of a client can ever turn a request into a probe. */
export interface ObserveParts {
  readonly host: string
  readonly port: number
  /** Prometheus text. */
  readonly metrics: () => string
  /** Null when ready; otherwise why not. */
  readonly notReady: () => string | null
  /** Operator-visible state: policy digest, when it was loaded, what the last reload said. */
  readonly state: () => Readonly<Record<string, unknown>>
}

export interface ObserveListener {
  readonly port: number
  readonly close: () => Promise<void>
}

interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
}

const send = (response: ServerResponse, { status, type, body }: Reply): void => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, {
    status,
    type: 'application/json',
    body: `${JSON.stringify(value)}
`,
  })

const route = (parts: ObserveParts, message: IncomingMessage, response: ServerResponse): void => {
  if (message.method !== 'GET' && message.method !== 'HEAD') return sendJson(response, 405, { error: 'method' })
  const path = (message.url ?? '').split('?')[0]
  if (path === '/metrics')
    return send(response, { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: parts.metrics() })
  if (path === '/healthz') return sendJson(response, 200, { status: 'alive', ...parts.state() })
  if (path !== '/readyz') return sendJson(response, 404, { error: 'not found', paths: ['/metrics', '/healthz', '/readyz'] })
  const why = parts.notReady()
  return sendJson(
    response,
    why === null ? 200 : 503,
    why === null ? { status: 'ready', ...parts.state() } : { status: 'not ready', why },
  )
}

export const openObserveListener = (parts: ObserveParts): Promise<ObserveListener> =>
  new Promise((resolve, reject) => {
    const server = createServer({ maxHeaderSize: 8_192, headersTimeout: 5_000, requestTimeout: 5_000 }, (message, response) =>
      route(parts, message, response),
    )
    server.maxConnections = 256
    server.once('error', reject)
    server.listen({ host: parts.host, port: parts.port }, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            server.closeAllConnections()
          }),
      })
    })
  })
