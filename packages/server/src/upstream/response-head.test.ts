import { describe, expect, test } from 'vitest'
import { type BodyFraming, readResponseHead } from './response-head.ts'

const head = (...lines: readonly string[]) => lines.join('\r\n')

interface Read {
  readonly note: string
  readonly lines: readonly string[]
  readonly method?: string
  readonly framing: BodyFraming
  readonly keepAlive: boolean
}

const OK = 'HTTP/1.1 200 OK'

const READ: readonly Read[] = [
  { note: 'a stated length', lines: [OK, 'Content-Length: 5'], framing: 5, keepAlive: true },
  { note: 'no length: until the end', lines: [OK], framing: 'until-close', keepAlive: false },
  { note: 'chunks', lines: [OK, 'transfer-encoding: Chunked'], framing: 'chunked', keepAlive: true },
  { note: 'close', lines: [OK, 'Content-Length: 5', 'Connection: x, Close'], framing: 5, keepAlive: false },
  { note: 'an option that is not close', lines: [OK, 'Content-Length: 5', 'Connection: closed'], framing: 5, keepAlive: true },
  { note: 'HTTP/1.0', lines: ['HTTP/1.0 200 OK', 'Content-Length: 5'], framing: 5, keepAlive: false },
  {
    note: 'HTTP/1.0 that stays',
    lines: ['HTTP/1.0 200 OK', 'Content-Length: 5', 'Connection: keep-alive'],
    framing: 5,
    keepAlive: true,
  },
  { note: 'the answer to HEAD', lines: [OK, 'Content-Length: 5'], method: 'HEAD', framing: 0, keepAlive: true },
  { note: '204', lines: ['HTTP/1.1 204 No Content'], framing: 0, keepAlive: true },
  { note: '304 with the length of what is not sent', lines: ['HTTP/1.1 304 ', 'Content-Length: 5'], framing: 0, keepAlive: true },
  { note: 'no reason phrase', lines: ['HTTP/1.1 200', 'Content-Length: 0'], framing: 0, keepAlive: true },
]

const REFUSED: readonly (readonly [note: string, ...lines: readonly string[]])[] = [
  ['nothing', ''],
  ['another protocol', 'RTSP/1.0 200 OK'],
  ['HTTP/2 spelled as 1', 'HTTP/2.0 200 OK'],
  ['HTTP/0.9', '<html>'],
  ['a status of two digits', 'HTTP/1.1 20 OK'],
  ['a status that is no class', 'HTTP/1.1 600 Odd'],
  ['white space before the status line', ` ${OK}`],
  ['two lengths', OK, 'Content-Length: 5', 'Content-Length: 5'],
  ['a list of lengths', OK, 'Content-Length: 5, 5'],
  ['a signed length', OK, 'Content-Length: +5'],
  ['a length in hex', OK, 'Content-Length: 0x5'],
  ['an empty length', OK, 'Content-Length:'],
  ['a length that no number holds', OK, 'Content-Length: 9999999999999999'],
  ['both framings', OK, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
  ['two codings', OK, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['another coding', OK, 'Transfer-Encoding: gzip, chunked'],
  ['identity', OK, 'Transfer-Encoding: identity'],
  ['a coding in HTTP/1.0', 'HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'],
  ['a framing that another reads in an answer without a body', 'HTTP/1.1 304 ', 'Content-Length: x'],
  ['a folded line', OK, 'X-A: 1', ' 2'],
  ['a space before the colon', OK, 'Content-Length : 5'],
  ['no colon', OK, 'Content-Length'],
  ['no name', OK, ': 5'],
  ['a lone LF', OK, 'X-A: 1\nContent-Length: 5'],
  ['a lone CR', OK, 'X-A: 1\rContent-Length: 5'],
  ['a NUL', OK, 'X-A: \0'],
  ['an empty line within', OK, '', 'X-A: 1'],
]

describe('the head of an answer', () => {
  test.each(READ)('$note', ({ lines, method = 'GET', framing, keepAlive }) => {
    expect(readResponseHead(head(...lines), method)).toMatchObject({ framing, keepAlive })
  })

  test.each(REFUSED)('is refused: %s', (_note, ...lines) => {
    expect(readResponseHead(head(...lines), 'GET')).toBeNull()
  })

  test('keeps lines as they came, without white space round values', () => {
    const read = readResponseHead(head(OK, 'X-a: \t b \u00e9 ', 'x-A:', 'Content-Length: 0'), 'GET')
    expect(read?.lines).toEqual([
      ['X-a', 'b \u00e9'],
      ['x-A', ''],
      ['Content-Length', '0'],
    ])
    expect(read?.status).toBe(200)
  })

  test.each([
    ['timeout=5', 5],
    ['max=3, timeout=12', 12],
    ['TIMEOUT=1', 1],
    ['timeouts=5', null],
    ['timeout=x', null],
  ])('Keep-Alive: %s', (value, idle) => {
    expect(readResponseHead(head(OK, `Keep-Alive: ${value}`), 'GET')?.idle).toBe(idle)
  })
})
