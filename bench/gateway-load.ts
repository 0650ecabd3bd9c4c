// Load of the gateway's bench, a process of its own: `connections` kept-alive connections, each sending its next request when the last was
// answered. Told by its parent over IPC; answers with what it counted.
import { connect } from 'node:net'

export interface LoadOrder {
  readonly port: number
  readonly connections: number
  readonly requests: readonly string[]
  readonly milliseconds: number
}

export interface LoadResult {
  readonly answers: number
  /** Answers other than 200, and connections that ended. */
  readonly faults: number
  readonly seconds: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
}

interface Tally {
  answers: number
  faults: number
  readonly times: number[]
}

const HEAD_END = '\r\n\r\n'
const LENGTH = /\r\ncontent-length: (\d+)/i

/** Bytes of the first answer in `text`, or 0 while it is incomplete. */
const answerLength = (text: string): number => {
  const head = text.indexOf(HEAD_END)
  if (head < 0) return 0
  const length = Number(LENGTH.exec(text.slice(0, head))?.[1] ?? Number.NaN)
  if (Number.isNaN(length)) throw new Error('an answer states no length')
  return text.length >= head + 4 + length ? head + 4 + length : 0
}

const runConnection = (order: LoadOrder, index: number, tally: Tally): (() => void) => {
  let next = index
  let sent = 0
  let text = ''
  let over = false
  const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true })
  const send = () => {
    sent = performance.now()
    socket.write(order.requests[next++ % order.requests.length] as string, 'latin1')
  }
  socket.on('connect', send)
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    const length = answerLength(text)
    if (length === 0) return
    tally.answers++
    if (!text.startsWith('HTTP/1.1 200')) tally.faults++
    tally.times.push(performance.now() - sent)
    text = text.slice(length)
    if (!over) send()
  })
  socket.on('error', () => tally.faults++)
  socket.on('close', () => {
    if (!over) tally.faults++
  })
  return () => {
    over = true
    socket.destroy()
  }
}

const quantile = (sorted: readonly number[], part: number): number =>
  Math.round((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN) * 1000)

const runLoad = async (order: LoadOrder): Promise<LoadResult> => {
  const tally: Tally = { answers: 0, faults: 0, times: [] }
  const began = performance.now()
  const stops = Array.from({ length: order.connections }, (_none, index) => runConnection(order, index * 37, tally))
  await new Promise((resolve) => setTimeout(resolve, order.milliseconds))
  for (const stop of stops) stop()
  const seconds = (performance.now() - began) / 1000
  const sorted = tally.times.toSorted((a, b) => a - b)
  return { answers: tally.answers, faults: tally.faults, seconds, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

process.on('message', (order: LoadOrder) => void runLoad(order).then((result) => process.send?.(result)))
