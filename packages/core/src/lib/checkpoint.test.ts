import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts'

const ROOT = new Uint8Array(32).fill(7)
const BASE64 = Buffer.from(ROOT).toString('base64')

test('writes the three lines', () => {
  expect(formatCheckpoint({ origin: 'example.com/log', size: 15, root: ROOT })).toBe(`example.com/log\n15\n${BASE64}\n`)
})

test.each([
  { note: 'no origin', checkpoint: { origin: '', size: 1, root: ROOT } },
  { note: 'an origin of two lines', checkpoint: { origin: 'a\nb', size: 1, root: ROOT } },
  { note: 'a lone surrogate', checkpoint: { origin: '\ud800', size: 1, root: ROOT } },
  { note: 'a size below zero', checkpoint: { origin: 'a', size: -1, root: ROOT } },
  { note: 'a fraction', checkpoint: { origin: 'a', size: 0.5, root: ROOT } },
  { note: 'a short root', checkpoint: { origin: 'a', size: 1, root: ROOT.subarray(1) } },
])('does not write $note', ({ checkpoint }) => {
  expect(() => formatCheckpoint(checkpoint)).toThrow(expect.objectContaining({ code: 'checkpoint.invalid' }))
})

test.each([
  { note: 'three lines', text: `a\n0\n${BASE64}\n`, size: 0 },
  { note: 'an extension line', text: `a\n1\n${BASE64}\nmore\n`, size: 1 },
  { note: 'the largest size', text: `a\n9007199254740991\n${BASE64}\n`, size: 2 ** 53 - 1 },
])('reads $note', ({ text, size }) => {
  expect(parseCheckpoint(text)).toEqual({ ok: true, checkpoint: { origin: 'a', size, root: ROOT } })
})

test.each([
  { note: 'nothing', text: '' },
  { note: 'two lines', text: 'a\n1\n' },
  { note: 'no newline at the end', text: `a\n1\n${BASE64}` },
  { note: 'no origin', text: `\n1\n${BASE64}\n` },
  { note: 'an empty extension line', text: `a\n1\n${BASE64}\n\n` },
  { note: 'a leading zero', text: `a\n01\n${BASE64}\n` },
  { note: 'a sign', text: `a\n-1\n${BASE64}\n` },
  { note: 'no digits', text: `a\nx\n${BASE64}\n` },
  { note: 'a size beyond 2^53', text: `a\n9007199254740992\n${BASE64}\n` },
  { note: 'a size of twenty digits', text: `a\n${'9'.repeat(20)}\n${BASE64}\n` },
  { note: 'a short root', text: 'a\n1\nAAAA\n' },
  { note: 'a root without padding', text: `a\n1\n${BASE64.slice(0, -1)}\n` },
  { note: 'a root in base64url', text: `a\n1\n${Buffer.alloc(32, 255).toString('base64url')}=\n` },
  { note: 'loose bits in the root', text: `a\n1\n${BASE64.slice(0, -2)}d=\n` },
  { note: 'a carriage return', text: `a\r\n1\r\n${BASE64}\r\n` },
  { note: 'a hundred extension lines and one', text: `a\n1\n${BASE64}\n${'x\n'.repeat(101)}` },
])('refuses $note', ({ text }) => expect(parseCheckpoint(text).ok).toBe(false))

test('property: what is written reads back', () => {
  const origin = fc.string({ unit: 'grapheme' }).map((text) => `log ${text.replace(/\p{Cc}/gu, '')}`)
  const root = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes))
  fc.assert(
    fc.property(fc.record({ origin, size: fc.maxSafeNat(), root }), (checkpoint) => {
      expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual({ ok: true, checkpoint })
    }),
  )
})

test('property: any text gets an answer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseCheckpoint(text).ok).toBe(false)
    }),
  )
})
