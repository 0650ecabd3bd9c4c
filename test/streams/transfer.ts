// Large bodies in both directions, counted and never kept; either end may stop reading for a while.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HOST } from './serving.ts'

const PIECE = Buffer.alloc(65_536, 'a')

export interface BulkUpstream {
  readonly origin: string
  /** Bytes written as answers to `/down/<bytes>`, and read as bodies of `/up`. */
  readonly sent: () => number
  readonly received: () => number
  /** Whether bodies are read; they are from the start. */
  readonly read: (reading: boolean) => void
  readonly close: () => Promise<void>
}

/** Writes `bytes` as fast as whoever reads allows. */
const pour = async (
  to: { write: (piece: Buffer) => boolean; once: (event: 'drain', act: () => void) => unknown },
  bytes: number,
  onSent: (count: number) => void,
) => {
  for (let left = bytes; left > 0; left -= PIECE.length) {
    const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE
    const free = to.write(piece)
    onSent(piece.length)
    if (!free) await new Promise<void>((resolve) => void to.once('drain', resolve))
  }
}

export const startBulk = async (): Promise<BulkUpstream> => {
  let [sent, received, reading] = [0, 0, true]
  const open = new Set<IncomingMessage>()
  const receive = (message: IncomingMessage, response: ServerResponse) => {
    open.add(message)
    message.on('data', (piece: Buffer) => {
      received += piece.length
    })
    if (!reading) message.pause()
    message.on('end', () => {
      open.delete(message)
      response.end()
    })
  }
  const server = createServer((message, response) => {
    response.on('error', () => {})
    const bytes = /^\/down\/(\d+)$/.exec(message.url ?? '')?.[1]
    if (bytes === undefined) return receive(message, response)
    response.writeHead(200, { 'content-length': bytes })
    void pour(response, Number(bytes), (count) => {
      sent += count
    }).then(() => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    received: () => received,
    read: (now) => {
      reading = now
      for (const message of open) if (now) message.resume()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface Download {
  /** Bytes of the body read so far. */
  readonly received: () => number
  readonly resume: () => void
  readonly done: Promise<void>
}

/** Asks for a body of so many bytes; `paused`: reads none of it before `resume`. */
export const download = (port: number, bytes: number, paused = false): Download => {
  let received = 0
  let resume: () => void = () => {}
  const done = new Promise<void>((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path: `/down/${bytes}`, headers: { host: HOST }, agent: false },
      (answer) => {
        answer.on('data', (piece: Buffer) => {
          received += piece.length
        })
        answer.on('end', resolve)
        answer.on('error', reject)
        if (paused) answer.pause()
        resume = () => void answer.resume()
      },
    )
    asked.on('error', reject)
    asked.end()
  })
  return { received: () => received, resume: () => resume(), done }
}

/** Sends a body of so many bytes, with its length or in chunks; resolves with the status. `onSent` hears what has been handed over. */
export const upload = (port: number, bytes: number, onSent: (count: number) => void = () => {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { host: HOST, 'content-length': bytes }
    const asked = request({ port, host: '127.0.0.1', path: '/up', method: 'POST', headers, agent: false }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    asked.on('error', reject)
    void pour(asked, bytes, onSent).then(() => asked.end())
  })

/** Watches the highest of a figure until it is told to stop. */
export const highest = (of: () => number): (() => number) => {
  let top = of()
  const timer = setInterval(() => {
    top = Math.max(top, of())
  }, 20)
  return () => {
    clearInterval(timer)
    return Math.max(top, of())
  }
}
