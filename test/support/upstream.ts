// Upstreams for tests, each with its own way of reading a request; they tell what they served, byte for byte.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an upstream received. */
export interface Served {
  readonly method: string
  readonly target: string
  /** Names and values by turns. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Upstream {
  readonly origin: string
  readonly served: Served[]
  readonly close: () => Promise<void>
}

const readBody = (message: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')))
    message.on('error', () => resolve('aborted'))
  })

export type Reply = (served: Served, response: ServerResponse) => void

const asJson: Reply = (served, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(served))
}

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that records every request and answers with what it received. */
export const startUpstream = async (reply: Reply = asJson): Promise<Upstream> => {
  const served: Served[] = []
  const server = createServer({ maxHeaderSize: 262_144 }, (message, response) => {
    void readBody(message).then((body) => {
      const one: Served = { method: message.method ?? '', target: message.url ?? '', rawHeaders: message.rawHeaders, body }
      served.push(one)
      reply(one, response)
    })
  })
  server.on('upgrade', (_message, socket) => {
    socket.on('error', () => socket.destroy())
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    socket.pipe(socket)
  })
  const origin = await listen(server)
  return {
    origin,
    served,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Field values an upstream sees under a name, folded the CGI way: lower case, everything else an underscore. */
export const foldedValues = (served: Served, name: string): readonly string[] => {
  const fold = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '_')
  const values: string[] = []
  for (let i = 0; i + 1 < served.rawHeaders.length; i += 2) {
    if (fold(served.rawHeaders[i] ?? '') === fold(name)) values.push(served.rawHeaders[i + 1] ?? '')
  }
  return values
}
