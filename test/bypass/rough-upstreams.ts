// Upstreams that misbehave on the wire: written on plain sockets, since no HTTP library would do what they do.
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

export interface RoughUpstream {
  readonly origin: string
  /** Requests whose header was complete. */
  readonly heads: readonly string[]
  readonly close: () => Promise<void>
}

/** `act` gets a socket and the whole header of each request; what it writes is all the client hears. */
export type Act = (socket: Socket, head: string) => void

/** Listens on a free port of loopback. */
export const startRough = async (act: Act): Promise<RoughUpstream> => {
  const heads: string[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = text.slice(0, end)
      text = ''
      heads.push(head)
      act(socket, head)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An answer of one piece, without a body unless given. */
export const http = (status: string, body = '', fields: readonly string[] = []): string =>
  [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, ...fields, '', body].join('\r\n')
