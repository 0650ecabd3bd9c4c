// An upstream of which a test decides when it goes on.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export interface PacedUpstream {
  readonly origin: string
  /** Targets in the order they came. */
  readonly served: readonly string[]
  /**
   * Answers that wait. `/held…` has its header and the first bytes of a body already, `/events…` the header of an event stream,
   * `/late…` nothing. Whatever else is asked for is answered at once with its target.
   */
  readonly waiting: ServerResponse[]
  /** Agrees to the upgrades that were asked for under `/late…`; others are agreed to at once. WebSockets are echoed. */
  readonly agree: () => void
  readonly undecided: () => number
  readonly close: () => Promise<void>
}

const START = 'a'.repeat(20_000)

const hold = (target: string, response: ServerResponse): void => {
  if (target.startsWith('/held')) {
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.write(START)
  }
  if (target.startsWith('/events')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
  }
}

const echo = (socket: Duplex): void => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
  socket.pipe(socket)
}

/** Listens on a free port of loopback. */
export const startPaced = async (): Promise<PacedUpstream> => {
  const served: string[] = []
  const waiting: ServerResponse[] = []
  const server = createServer((message, response) => {
    const target = message.url ?? ''
    served.push(target)
    message.resume()
    if (!/^\/(held|events|late)/.test(target)) {
      response.end(target)
      return
    }
    hold(target, response)
    waiting.push(response)
  })
  const undecided: Duplex[] = []
  server.on('upgrade', (message, socket) => {
    socket.on('error', () => socket.destroy())
    if (message.url?.startsWith('/late') === true) undecided.push(socket)
    else echo(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    waiting,
    agree: () => undecided.splice(0).forEach(echo),
    undecided: () => undecided.length,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
