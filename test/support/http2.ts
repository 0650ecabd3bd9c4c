// Clients of HTTP/2 for tests: one over node:http2, and one that writes frames byte by byte over TLS.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectNet, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { makeCertificate, type TestCertificate } from './certificate.ts'

/** What a gateway needs for a TLS listener, and what its clients trust. */
export interface TestTls {
  readonly listeners: string
  readonly files: Readonly<Record<string, string>>
  readonly ca: string
}

export const makeTls = (hosts: readonly string[], certificate: TestCertificate = makeCertificate(hosts)): TestTls => ({
  listeners: '  - { address: 127.0.0.1:0, tls: { cert: { file: ./tls.pem }, key: { file: ./tls.key } } }',
  files: { 'tls.pem': certificate.cert, 'tls.key': certificate.key },
  ca: certificate.cert,
})

/** An answer read to its end; `reset` is the code of RST_STREAM, 0 for a whole answer. */
export interface StreamAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
  readonly whole: boolean
  readonly reset: number
}

/** Reads what comes on a stream until it is closed. */
export const answerOf = (stream: ClientHttp2Stream): Promise<StreamAnswer> =>
  new Promise((resolve) => {
    let [status, body, ended] = [0, '', false]
    let headers: StreamAnswer['headers'] = {}
    stream.on('response', (received) => {
      status = received[':status'] ?? 0
      headers = received as StreamAnswer['headers']
    })
    stream.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1')
    })
    stream.on('end', () => {
      ended = !stream.aborted
    })
    stream.on('error', () => {})
    stream.on('close', () => {
      const reset = stream.rstCode ?? 0
      resolve({ status, headers, body, whole: ended && status > 0 && reset === 0, reset })
    })
  })

export interface Http2Client {
  readonly session: ClientHttp2Session
  /** Sends a request and reads its answer; `:authority` is that of the connection if none is given. */
  readonly ask: (headers: OutgoingHttpHeaders, body?: string) => Promise<StreamAnswer>
  readonly close: () => void
}

export interface Http2Target {
  readonly port: number
  readonly host: string
  readonly ca: string
  /** Of loopback, such as 127.0.0.2: to be another client. */
  readonly from?: string
}

const reach = ({ port, from = '127.0.0.1' }: Http2Target): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectNet({ host: '127.0.0.1', port, localAddress: from })
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket))
  })

const clientOf = (session: ClientHttp2Session, host: string): Http2Client => ({
  session,
  ask: (headers, body) => {
    const stream = session.request({ ':authority': host, ...headers }, { endStream: body === undefined })
    const answer = answerOf(stream)
    if (body !== undefined) stream.end(body)
    return answer
  },
  close: () => session.destroy(),
})

/** Connects to 127.0.0.1 as to `host`, by name in the handshake and as authority. */
export const connectHttp2 = async (target: Http2Target): Promise<Http2Client> => {
  const { port, host, ca } = target
  const socket = await reach(target)
  const createConnection = () => connectTls({ socket, servername: host, ca, ALPNProtocols: ['h2'] })
  const session = connect(`https://${host}:${port}`, { createConnection })
  await new Promise<void>((resolve, reject) => {
    session.once('error', reject)
    session.once('connect', () => resolve())
  })
  session.on('error', () => {})
  return clientOf(session, host)
}
