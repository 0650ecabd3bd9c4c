import type { IncomingMessage } from 'node:http'
import { attemptAsync } from '@balustrade/core/kit'

export type Form = Readonly<Record<string, string>>

/** Fields of a posted form; null: it is longer than `maxBytes`, or was cut short. A field that comes twice counts by its last value. */
export const readForm = async (message: IncomingMessage, maxBytes: number): Promise<Form | null> => {
  const chunks: Buffer[] = []
  const whole = await attemptAsync(async () => {
    let size = 0
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) return false
      chunks.push(chunk)
    }
    return true
  })
  return whole.ok && whole.value ? Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())) : null
}
