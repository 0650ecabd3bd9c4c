import type { Server } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { CodedError } from '@balustrade/core/kit'

const LOOPBACK = '127.0.0.1'
const TRIES = 20

/** Listens on a loopback address; 0 takes a free port. Rejects with CodedError `demo.port` when it cannot. */
export const listenOn = (server: Server, port: number, host: string = LOOPBACK): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', ({ message }) => reject(new CodedError('demo.port', `${message}; --port 0 picks free ports`)))
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port))
  })

/** Ends every connection and stops listening. */
export const closeServer = async (server: Server): Promise<void> => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** The port if it is free at this moment (for 0: one that is), null otherwise. */
const probe = (host: string, port: number): Promise<number | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen({ host, port }, () => {
      const taken = (server.address() as AddressInfo).port
      server.close(() => resolve(taken))
    })
  })

/** Some machines have no IPv6 loopback. */
export const hasIPv6Loopback = async (): Promise<boolean> => (await probe('::1', 0)) !== null

/** The port asked for, or for 0 one that is free on every one of the loopback hosts. Rejects with CodedError `demo.port`. */
export const choosePort = async (asked: number, hosts: readonly string[]): Promise<number> => {
  for (let tries = 0; tries < (asked === 0 ? TRIES : 1); tries++) {
    const port = await probe(LOOPBACK, asked)
    const free = port === null ? [] : await Promise.all(hosts.map((host) => probe(host, port)))
    if (port !== null && !free.includes(null)) return port
  }
  throw new CodedError('demo.port', `port ${asked} is taken on this machine; --port 0 picks free ports`)
}
