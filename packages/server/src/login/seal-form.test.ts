// What a sealed text is made of, by another hand than that of the source.
import { createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto'
import type { JsonObject } from '@balustrade/core/kit'
import { expect, test } from 'vitest'
import { createSeals } from './seal.ts'

const key = createSecretKey(Buffer.alloc(32, 1))
const seals = createSeals([key])

test('is salt, nonce, text and tag, under a key of its own that is good for nothing but logins', () => {
  const content = { target: '/ä', at: 1 }
  const bytes = Buffer.from(seals.seal('start', content), 'base64url')
  const [salt, nonce] = [bytes.subarray(0, 16), bytes.subarray(16, 28)]
  const own = Buffer.from(hkdfSync('sha256', key, salt, 'balustrade login', 32))
  const decipher = createDecipheriv('aes-256-gcm', own, nonce, { authTagLength: 16 })
  decipher.setAAD(Buffer.from('start'))
  decipher.setAuthTag(bytes.subarray(-16))
  const text = Buffer.concat([decipher.update(bytes.subarray(28, -16)), decipher.final()]).toString('utf8')
  expect(JSON.parse(text)).toEqual(content)
})

const deep = (levels: number): JsonObject => (levels === 1 ? {} : { a: deep(levels - 1) })

test.each([
  { note: 'as deep as may be', content: deep(8), opens: true },
  { note: 'deeper', content: deep(9), opens: false },
  { note: 'as long as may be', content: { a: 'x'.repeat(16_384 - '{"a":""}'.length) }, opens: true },
  { note: 'longer', content: { a: 'x'.repeat(16_385 - '{"a":""}'.length) }, opens: false },
  { note: 'empty', content: {}, opens: true },
])('what is $note opens: $opens', ({ content, opens }) => {
  expect(seals.open('start', seals.seal('start', content))).toEqual(opens ? content : null)
})

test('what is no object does not open', () => {
  for (const content of [[], 'text', null] as unknown as readonly JsonObject[])
    expect(seals.open('start', seals.seal('start', content))).toBeNull()
})

test('without a key there is nothing to seal with, and that is said', () => {
  expect(() => createSeals([])).toThrow('there is no key to seal with')
})
