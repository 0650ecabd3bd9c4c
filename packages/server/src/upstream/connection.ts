import type { Socket } from 'node:net'
import { type BodyReader, createBodyReader, type Span } from './body-reader.ts'
import { failureOf, type UpstreamFailure } from './failure-of.ts'
import { requestHead, type UpstreamRequest } from './request-head.ts'
import { createRequestBody, type RequestBody } from './request-body.ts'
import { HEAD_END, MAX_INTERIM, readResponseHead, type ResponseHead, SWITCHING_PROTOCOLS } from './response-head.ts'

/** What one may do while an answer is under way. */
export interface Flow {
  readonly pause: () => void
  readonly resume: () => void
  /** Ends the exchange; nothing is told of it any more. */
  readonly abort: () => void
}

/** Who is told of an answer, in this order: `onHead`, `onData` any number of times, then `onEnd`; or at any time `onFailure`, once. */
export interface AnswerSink {
  readonly onHead: (head: ResponseHead, flow: Flow) => void
  /** The bytes are good until it returns: what is to be kept must be copied. */
  readonly onData: (bytes: Buffer) => void
  readonly onEnd: () => void
  readonly onFailure: (code: UpstreamFailure) => void
}

/** One request, and who waits for its answer. */
export interface Transfer {
  readonly request: UpstreamRequest
  readonly sink: AnswerSink
  readonly onCarried: (by: UpstreamConnection) => void
}

export interface ConnectionParts {
  /** Largest head of an answer, bytes. */
  readonly headBytes: number
  /** It may carry another request. */
  readonly onIdle: (connection: UpstreamConnection) => void
  /** It carries nothing any more. */
  readonly onGone: (connection: UpstreamConnection) => void
}

const NO_BYTES = Buffer.alloc(0)

/**
 * One connection to an upstream, carrying one request at a time. Whatever comes that is not the answer to it ends the connection, so
 * that no answer is ever taken for that of another request.
 */
export class UpstreamConnection {
  readonly #socket: Socket
  readonly #parts: ConnectionParts
  #transfer: Transfer | null = null
  #requestBody: RequestBody | null = null
  /** Of a head that is not yet whole. */
  #pending: Buffer = NO_BYTES
  #head: ResponseHead | null = null
  #reader: BodyReader | null = null
  #interim = 0
  /** Rounds of the watch for which the head of the answer has been waited for. */
  #waited = 0
  #ready = false
  #gone = false
  /** Seconds for which the upstream keeps it when idle, as far as it says. */
  idle: number | null = null
  /** Monotonic ms since when it is idle; for who keeps it. */
  idleSince = 0

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket
    this.#parts = parts
    socket.on('error', (error) => this.fail(failureOf(error)))
    socket.on('close', () => this.#closed())
    socket.on('end', () => this.#closed())
    socket.on('drain', () => this.#requestBody?.onDrain())
  }

  /** Nothing is sent before: over TLS that would be before it is known who answers. */
  ready(): void {
    this.#ready = true
    if (this.#transfer !== null) this.#write(this.#transfer)
  }

  get usable(): boolean {
    return !this.#gone && !this.#socket.destroyed
  }

  /** Carries a request; the connection must be idle or new. */
  send(transfer: Transfer): void {
    this.#transfer = transfer
    this.#interim = 0
    this.#waited = 0
    transfer.onCarried(this)
    if (this.#ready) this.#write(transfer)
  }

  /** Called in every round of the watch: gives up an upstream that has not begun to answer for more than so many. */
  watch(rounds: number): void {
    // Counted from the end of the request: a body takes as long as the upstream takes to read it.
    if (this.#requestBody?.finished() === false) this.#waited = 0
    else if (this.#transfer !== null && this.#head === null && ++this.#waited > rounds) this.fail('upstream.timeout')
  }

  /** Ends the connection; who waits on it is told. */
  close(): void {
    this.#drop()
  }

  /** What the socket brought. */
  receive(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length || this.#isComplete()) {
      if (this.#transfer === null) return this.#drop()
      if (this.#isComplete()) {
        this.#finish(at < bytes.length)
        return
      }
      const span = { buffer: bytes, from: at, to: bytes.length }
      at = this.#reader === null ? this.#readHead(span) : this.#readBody(span, this.#reader)
      if (at < 0) return this.fail('upstream.invalid')
    }
  }

  #isComplete(): boolean {
    return this.#reader?.done() === true
  }

  #write({ request }: Transfer): void {
    const head = requestHead(request)
    if (head === null) return this.fail('upstream.invalid')
    this.#socket.write(head, 'latin1')
    this.#requestBody = request.framing === 0 ? null : createRequestBody(request, this.#socket)
  }

  /** The offset behind what was read, or -1. */
  #readHead({ buffer, from, to }: Span): number {
    const whole =
      this.#pending.length === 0 ? buffer.subarray(from, to) : Buffer.concat([this.#pending, buffer.subarray(from, to)])
    const end = whole.indexOf(HEAD_END, 0, 'latin1')
    if ((end < 0 ? whole.length : end) > this.#parts.headBytes) return -1
    if (end < 0) {
      this.#pending = Buffer.from(whole)
      return to
    }
    const next = from + end + HEAD_END.length - this.#pending.length
    this.#pending = NO_BYTES
    return this.#takeHead(whole.toString('latin1', 0, end)) ? next : -1
  }

  #takeHead(text: string): boolean {
    const transfer = this.#transfer as Transfer
    const head = readResponseHead(text, transfer.request.method)
    if (head === null || head.status === SWITCHING_PROTOCOLS) return false
    if (head.status < 200) return ++this.#interim <= MAX_INTERIM
    this.#head = head
    this.#reader = createBodyReader(head.framing)
    transfer.sink.onHead(head, this.#flowOf(transfer))
    return true
  }

  /** Good for one transfer: late calls touch nobody else's. */
  #flowOf(transfer: Transfer): Flow {
    const during = (act: () => void) => () => {
      if (this.#transfer === transfer) act()
    }
    return {
      pause: during(() => this.#socket.pause()),
      resume: during(() => this.#socket.resume()),
      abort: during(() => this.abort(transfer)),
    }
  }

  #readBody(span: Span, reader: BodyReader): number {
    const transfer = this.#transfer as Transfer
    return reader.read(span, (bytes) => {
      if (this.#transfer === transfer) transfer.sink.onData(bytes)
    })
  }

  /** `more`: bytes came behind the answer, which nobody asked for. */
  #finish(more: boolean): void {
    const { sink } = this.#transfer as Transfer
    const sent = this.#requestBody === null || this.#requestBody.finished()
    const again = !more && sent && this.#head?.keepAlive === true
    this.idle = this.#head?.idle ?? null
    this.#forget()
    if (!again) this.#drop()
    // Whoever held the answer back may have had no time to let go, and the next answer is not theirs to hold.
    else this.#socket.resume()
    sink.onEnd()
    if (again) this.#parts.onIdle(this)
  }

  #forget(): void {
    this.#requestBody?.release()
    this.#requestBody = null
    this.#transfer = null
    this.#head = null
    this.#reader = null
    this.#pending = NO_BYTES
  }

  /** Ends the exchange without a word to who waits; nothing when it is over. */
  abort(transfer: Transfer): void {
    if (this.#transfer !== transfer) return
    this.#forget()
    this.#drop()
  }

  /** Ends the connection and tells who waits. */
  fail(code: UpstreamFailure): void {
    const transfer = this.#transfer
    this.#forget()
    this.#drop()
    if (transfer === null) return
    transfer.sink.onFailure(code)
  }

  /** The upstream has ended the connection. */
  #closed(): void {
    if (this.#reader?.endsWithConnection === true) this.#finish(true)
    else this.fail('upstream.unreachable')
  }

  #drop(): void {
    if (this.#gone) return
    this.#gone = true
    this.#socket.destroy()
    this.#parts.onGone(this)
  }
}
