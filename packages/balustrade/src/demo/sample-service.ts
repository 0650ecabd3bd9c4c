import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

export interface SampleService {
  readonly port: number
  readonly close: () => Promise<void>
}

const seen = (message: IncomingMessage): string =>
  `${JSON.stringify({ served: `${message.method} ${message.url}`, user: message.headers['x-balustrade-user'] ?? '', groups: message.headers['x-balustrade-groups'] ?? '' })}\n`

const PAGE =
  '<!doctype html><html lang="en"><title>Sample service</title><h1>Sample service</h1><p>This page is for everybody.</p></html>\n'

/** A service that knows nothing of logins: it believes the gateway's identity headers. */
export const startSampleService = (port: number): Promise<SampleService> =>
  new Promise((resolve, reject) => {
    const server = createServer((message, response) => {
      const isPage = message.url === '/'
      response.setHeader('content-type', isPage ? 'text/html; charset=utf-8' : 'application/json')
      response.end(isPage ? PAGE : seen(message))
    })
    const sockets = new WebSocketServer({ server, path: '/socket' })
    sockets.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        close: async () => {
          for (const socket of sockets.clients) socket.terminate()
          server.closeAllConnections()
          await new Promise((closed) => server.close(closed))
        },
      }),
    )
  })
