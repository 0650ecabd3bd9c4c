import { createServer, type IncomingMessage } from 'node:http'
import { WebSocketServer } from 'ws'
import { closeServer, listenOn } from './listen.ts'

export interface SampleService {
  readonly port: number
  readonly close: () => Promise<void>
}

const PAGE =
  '<!doctype html><html lang="en"><title>Sample service</title><h1>Sample service</h1><p>This page is for everybody.</p></html>\n'

/** What the service learns of a request: it believes the identity headers of the gateway, and knows nothing of tokens. */
const seen = ({ method, url, headers }: IncomingMessage): string =>
  `${JSON.stringify({
    served: `${method} ${url}`,
    user: headers['x-balustrade-user'] ?? '',
    kind: headers['x-balustrade-kind'] ?? '',
    groups: headers['x-balustrade-groups'] ?? '',
  })}\n`

/** A service that knows nothing of logins: a page, JSON everywhere else, and at `/socket` a WebSocket that sends back what it gets. */
export const startSampleService = async (port: number): Promise<SampleService> => {
  const server = createServer((message, response) => {
    const isPage = message.url === '/'
    response.setHeader('content-type', isPage ? 'text/html; charset=utf-8' : 'application/json')
    response.end(isPage ? PAGE : seen(message))
  })
  const sockets = new WebSocketServer({ server, path: '/socket' })
  sockets.on('connection', (socket) => {
    socket.send('connected\n')
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  return {
    port: await listenOn(server, port),
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      await closeServer(server)
    },
  }
}
