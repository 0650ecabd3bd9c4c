import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBodyReader } from './body-reader.ts'
import type { BodyFraming } from './response-head.ts'

interface Outcome {
  readonly body: string
  /** What was left behind the message; null when it was malformed. */
  readonly left: string | null
  readonly done: boolean
}

/** Reads `text` in pieces that end at `cuts`. */
const readAll = (framing: BodyFraming, text: string, cuts: readonly number[] = []): Outcome => {
  const reader = createBodyReader(framing)
  const bytes = Buffer.from(text, 'latin1')
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])].sort((a, b) => a - b)
  let body = ''
  let from = 0
  for (const end of ends) {
    const at = reader.read({ buffer: bytes, from, to: end }, (some) => {
      body += some.toString('latin1')
    })
    if (at < 0) return { body, left: null, done: reader.done() }
    if (at < end) return { body, left: bytes.toString('latin1', at), done: reader.done() }
    from = end
  }
  return { body, left: '', done: reader.done() }
}

const chunk = (data: string): string => `${data.length.toString(16)}\r\n${data}\r\n`
const END = '0\r\n\r\n'

const REFUSED: readonly (readonly [note: string, text: string])[] = [
  ['no size', '\r\nabc'],
  ['a size that is no number', 'x\r\nabc\r\n'],
  ['a size in the notation of C', '0x3\r\nabc\r\n'],
  ['a signed size', '+3\r\nabc\r\n'],
  ['a size of nine digits', '000000003\r\nabc\r\n'],
  ['white space behind the size', '3 \r\nabc\r\n'],
  ['white space before the size', ' 3\r\nabc\r\n'],
  ['a lone LF behind the size', '3\nabc\r\n'],
  ['a lone LF behind the data', '3\r\nabc\n'],
  ['more data than stated', '3\r\nabcd\r\n'],
  ['a lone CR in an extension', '3;a\rb\r\nabc\r\n'],
  ['an extension without end', `3;${'a'.repeat(2_000)}\r\nabc\r\n`],
  ['a trailer that is no field', '0\r\nnothing\r\n\r\n'],
  ['a folded trailer', '0\r\nA: 1\r\n b\r\n\r\n'],
  ['trailers without end', `0\r\n${`A: ${'b'.repeat(900)}\r\n`.repeat(30)}\r\n`],
]

const MUST_PASS: readonly (readonly [note: string, text: string, body: string])[] = [
  ['nothing', END, ''],
  ['one chunk', chunk('abc') + END, 'abc'],
  ['sizes in either case, with zeros before', `0A\r\n0123456789\r\n00a\r\n0123456789\r\n${END}`, '01234567890123456789'],
  ['an extension', `3;a=b;c="d"\r\nabc\r\n${END}`, 'abc'],
  ['trailers', '3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-More:\r\n\r\n', 'abc'],
]

describe('a chunked body', () => {
  test.each(REFUSED)('is refused: %s', (_note, text) => {
    expect(readAll('chunked', text).left).toBeNull()
    const everywhere = Array.from({ length: text.length }, (_none, at) => at)
    expect(readAll('chunked', text, everywhere).left).toBeNull()
  })

  test.each(MUST_PASS)('is read: %s', (_note, text, body) => {
    expect(readAll('chunked', text)).toEqual({ body, left: '', done: true })
  })

  test('property: however it is cut, its data come out whole and what follows is left alone', () => {
    const data = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 6 })
    fc.assert(
      fc.property(
        data,
        fc.array(fc.nat(300), { maxLength: 20 }),
        fc.constantFrom('', 'HTTP/1.1 200 OK\r\n'),
        (parts, cuts, rest) => {
          const text = parts.map(chunk).join('') + END
          const outcome = readAll('chunked', text + rest, cuts)
          expect([outcome.body, outcome.done]).toEqual([parts.join(''), true])
          expect(rest.endsWith(outcome.left ?? 'malformed')).toBe(true)
        },
      ),
    )
  })

  test('property: cut short it is never done', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 30 }), fc.nat(), (data, at) => {
        const text = chunk(data) + END
        expect(readAll('chunked', text.slice(0, at % text.length)).done).toBe(false)
      }),
    )
  })
})

describe('a body of stated length', () => {
  test('takes exactly that much', () => {
    expect(readAll(3, 'abcdef', [1, 2])).toEqual({ body: 'abc', left: 'def', done: true })
    expect(readAll(3, 'ab')).toEqual({ body: 'ab', left: '', done: false })
    expect(createBodyReader(0).done()).toBe(true)
  })
})

test('a body that ends with the connection takes all and is never done by itself', () => {
  expect(readAll('until-close', 'abc', [1])).toEqual({ body: 'abc', left: '', done: false })
  expect([createBodyReader('until-close').endsWithConnection, createBodyReader(3).endsWithConnection]).toEqual([true, false])
})
