import type { ClientMessage } from './exchange.ts'

/**
 * The body of a message, for what the gateway answers itself. Null: longer than `maxBytes`, or cut short; what is left is not read.
 * How slowly it may come is the body guard's to say, which cuts the connection.
 */
export const readBody = (message: ClientMessage, maxBytes: number): Promise<Uint8Array | null> =>
  new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let size = 0
    const settle = (body: Uint8Array | null): void => {
      message.off('data', onData)
      if (body === null) message.pause()
      resolve(body)
    }
    const onData = (chunk: Uint8Array): void => {
      size += chunk.length
      if (size > maxBytes) settle(null)
      else chunks.push(chunk)
    }
    if (Number(message.headers['content-length'] ?? 0) > maxBytes || message.destroyed) return resolve(null)
    message.on('data', onData)
    message.once('end', () => settle(Buffer.concat(chunks)))
    message.once('close', () => settle(null))
  })
