import type { IncomingMessage } from 'node:http'
import { attemptAsync } from '@balustrade/core/kit'

export type Form = Readonly<Record<string, string>>

/**
 * Fields of a posted form; null: it is longer than `maxBytes`, or was cut short. What is too long is read to its end and not kept, so
 * that the answer reaches who sent it. A field that comes twice counts by its last value.
 */
export const readForm = async (message: IncomingMessage, maxBytes: number): Promise<Form | null> => {
  const chunks: Buffer[] = []
  let size = 0
  const whole = await attemptAsync(async () => {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
    }
  })
  return whole.ok && size <= maxBytes ? Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())) : null
}
