// A gateway as operators run it, `balustrade serve` in a process of its own, and connections that tell whole answers from broken ones.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { readLog } from '../../packages/core/src/decision-log/read-log.ts'
import type { LogRecord } from '../../packages/core/src/model/log-record.ts'
import { nouns, publicRule, serviceFile } from '../bypass/stage.ts'
import { type Begun, beginWithin } from '../support/command.ts'
import { layFolder, type TestGatewayOptions } from '../support/gateway.ts'

export const HOST = 'app.example.com'

/** Anybody may do anything at `app.example.com`, WebSockets too. */
export const openPolicy = (upstream: string, issuer = 'http://127.0.0.1:1'): Readonly<Record<string, string>> => ({
  'nouns.yaml': nouns(issuer),
  'app.yaml': serviceFile({
    name: 'app',
    upstream,
    rules: `public:\n${publicRule('open', '{ path: /** }')}${publicRule('sockets', '{ path: /**, upgrade: websocket }')}`,
  }),
})

export interface Serving {
  readonly port: number
  readonly observe: string
  readonly pid: number
  readonly folder: string
  readonly write: (file: string, text: string) => void
  /** Sends a signal; resolves with the exit status once the process has ended. */
  readonly end: (signal?: 'SIGTERM' | 'SIGINT') => Promise<number | null>
  /** What the service log said. */
  readonly said: () => string
  /** Resident memory, bytes. */
  readonly resident: () => number
  readonly records: () => Promise<readonly LogRecord[]>
  readonly close: () => Promise<void>
}

const residentOf = (pid: number): number =>
  1_024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN)

const listening = async ({ child, stdout }: Begun): Promise<undefined> => {
  while (child.exitCode === null && !stdout().includes('}\n')) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Starts the command on a folder as an operator would lay it. `diskKibibytes`: room for each file it writes. */
export const serve = async (options: TestGatewayOptions, diskKibibytes: number | null = null): Promise<Serving> => {
  const folder = layFolder(options)
  const begun = beginWithin(diskKibibytes, ['serve', '--config', join(folder, 'balustrade.yaml'), '--json'])
  const early = await Promise.race([begun.ended, listening(begun)])
  if (early !== undefined) throw new Error(`ended with ${early} instead of listening: ${begun.stderr()}`)
  const { ports, observe, pid } = JSON.parse(begun.stdout()) as { ports: number[]; observe: string; pid: number }
  const end: Serving['end'] = (signal = 'SIGTERM') => {
    begun.child.kill(signal)
    return begun.ended
  }
  return {
    port: ports[0] as number,
    observe,
    pid,
    folder,
    end,
    write: (file, text) => writeFileSync(join(folder, 'policy', file), text),
    said: begun.stderr,
    resident: () => residentOf(pid),
    records: async () => {
      const records: LogRecord[] = []
      for await (const entry of readLog(join(folder, 'log'))) records.push(entry.record)
      return records
    },
    close: async () => {
      begun.child.kill('SIGKILL')
      await begun.ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One answer read off a connection; `whole` only if it ended as its framing says. */
export interface Heard {
  readonly status: number
  readonly head: string
  readonly body: string
  readonly whole: boolean
}

export interface Connection {
  readonly socket: Socket
  /** Sends a request and reads its answer. Null: the connection was closed without a byte of one. */
  readonly ask: (target: string, fields?: readonly string[]) => Promise<Heard | null>
  readonly closed: () => boolean
}

const lastChunk = '0\r\n\r\n'

/** The answer in a text, when it is there to its end. Knows Content-Length and chunks without trailers. */
const wholeOf = (text: string): Heard | null => {
  const at = text.indexOf('\r\n\r\n')
  if (at < 0) return null
  const head = text.slice(0, at)
  const body = text.slice(at + 4)
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  const whole = length === undefined ? body.endsWith(lastChunk) : body.length >= Number(length)
  return whole ? { status: Number(head.slice(9, 12)), head, body, whole } : null
}

/** A kept-alive connection to 127.0.0.1. */
export const openConnection = (port: number): Promise<Connection> =>
  new Promise((resolve) => {
    let text = ''
    let over = false
    let waiting: ((heard: Heard | null) => void) | null = null
    const socket = connect(port, '127.0.0.1')
    const settle = () => {
      const heard = wholeOf(text)
      if (waiting === null || (heard === null && !over)) return
      const given = heard ?? (text === '' ? null : { status: 0, head: text, body: '', whole: false })
      text = ''
      waiting(given)
      waiting = null
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      settle()
    })
    const ended = () => {
      over = true
      settle()
    }
    socket.on('close', ended)
    socket.on('error', ended)
    const ask: Connection['ask'] = (target, fields = []) =>
      new Promise((done) => {
        waiting = done
        if (over) return settle()
        socket.write([`GET ${target} HTTP/1.1`, `Host: ${HOST}`, ...fields, '', ''].join('\r\n'), 'latin1')
      })
    socket.once('connect', () => resolve({ socket, ask, closed: () => over }))
  })

export const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** Opens a WebSocket and leaves it open. */
export const openSocket = (port: number, fields: readonly string[] = [], target = '/socket') =>
  new Promise<{ readonly socket: Socket; readonly heard: () => string; readonly closed: Promise<void> }>((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    const closed = new Promise<void>((done) => socket.once('close', () => done()))
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.end())
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.includes('\r\n\r\n')) resolve({ socket, heard: () => text, closed })
    })
    socket.write([`GET ${target} HTTP/1.1`, `Host: ${HOST}`, ...UPGRADE, ...fields, '', ''].join('\r\n'), 'latin1')
  })
