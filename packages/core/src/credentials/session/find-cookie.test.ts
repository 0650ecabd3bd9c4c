import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../../test/support/corpora.ts'
import { requestOf } from '../../../../../test/support/evaluations.ts'
import { findCookie } from './find-cookie.ts'

const SECRET = 'aB3-_'.padEnd(43, 'x')
const OTHER = 'z'.repeat(43)
const NONE = { malformed: 'session.none' }
const SEVERAL = { malformed: 'session.several' }

/** What is found in these lines of a request that came so. */
const found = (lines: readonly string[] | null, scheme: 'http' | 'https' = 'https') => {
  const request = requestOf(`GET ${scheme}://app.example.com/`)
  const fields = new Map(lines === null ? [] : [['cookie', lines]])
  return findCookie({ fields, transport: request.transport })
}

describe('over https, the cookie that only https could set', () => {
  test.each([
    { note: 'alone', line: `__Host-balustrade=${SECRET}` },
    { note: 'among others', line: `a=1; __Host-balustrade=${SECRET}; b=2` },
    { note: 'without spaces', line: `a=1;__Host-balustrade=${SECRET};b=2` },
    { note: 'beside that of a login', line: `__Host-balustrade-login=${OTHER}; __Host-balustrade=${SECRET}` },
    {
      note: 'beside the plain one, which anybody on the way could have set',
      line: `balustrade=${OTHER}; __Host-balustrade=${SECRET}`,
    },
    { note: 'beside one in another case, which is another', line: `__host-balustrade=${OTHER}; __Host-balustrade=${SECRET}` },
  ])('is found $note', ({ line }) => expect(found([line])).toEqual({ value: SECRET }))

  test.each([
    { note: 'no cookies', lines: null },
    { note: 'an empty line', lines: [''] },
    { note: 'others', lines: ['a=1; b=2'] },
    { note: 'the plain one', lines: [`balustrade=${SECRET}`] },
    { note: 'another prefix', lines: [`__Secure-balustrade=${SECRET}`] },
    { note: 'another case', lines: [`__HOST-balustrade=${SECRET}`] },
    { note: 'a name within a value', lines: [`a=__Host-balustrade=${SECRET}`] },
    { note: 'the name without a value', lines: ['__Host-balustrade'] },
    { note: 'a longer name', lines: [`__Host-balustrade2=${SECRET}; x__Host-balustrade=${SECRET}`] },
  ])('is not there: $note', ({ lines }) => expect(found(lines)).toBeNull())

  test.each([
    { note: 'twice in a line', lines: [`__Host-balustrade=${SECRET}; __Host-balustrade=${OTHER}`] },
    { note: 'twice, the same', lines: [`__Host-balustrade=${SECRET}; __Host-balustrade=${SECRET}`] },
    { note: 'in two lines', lines: [`__Host-balustrade=${SECRET}`, `a=1; __Host-balustrade=${OTHER}`] },
    { note: 'one of them empty', lines: [`__Host-balustrade=; __Host-balustrade=${SECRET}`] },
  ])('tossed is refused: $note', ({ lines }) => expect(found(lines)).toEqual(SEVERAL))

  test.each([
    { note: 'empty', value: '' },
    { note: 'short', value: SECRET.slice(1) },
    { note: 'long', value: `${SECRET}x` },
    { note: 'in quotes', value: `"${SECRET}"` },
    { note: 'padded', value: `${SECRET.slice(1)}=` },
    { note: 'of other letters', value: `${SECRET.slice(1)}+` },
    { note: 'percent-encoded', value: `${SECRET.slice(3)}%41` },
  ])('of another form is no session: $note', ({ value }) => expect(found([`__Host-balustrade=${value}`])).toEqual(NONE))
})

describe('over plain http', () => {
  test('the name without the prefix counts, which browsers would refuse', () => {
    expect(found([`__Host-balustrade=${OTHER}; balustrade=${SECRET}`], 'http')).toEqual({ value: SECRET })
    expect(found([`__Host-balustrade=${OTHER}`], 'http')).toBeNull()
  })
})

test('property: over any lines it is found where exactly one pair has its name, by another reading of them', () => {
  const shard = fc.oneof(fc.constantFrom('__Host-balustrade=', SECRET, OTHER, ';', '; ', '=', ' '), fc.string({ maxLength: 4 }))
  const line = fc.array(shard, { maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(line, { maxLength: 3 }), (lines) => {
      const values = [...lines.join(';').matchAll(/(?<=^|;)\s*__Host-balustrade\s*=([^;]*)/g)].map(([, value = '']) =>
        value.trim(),
      )
      const [first] = values
      const answer = first !== undefined && /^[\w-]{43}$/.test(first) ? { value: first } : NONE
      expect(found(lines)).toEqual(values.length === 0 ? null : values.length > 1 ? SEVERAL : answer)
    }),
    { numRuns: 2_000 },
  )
})

describeCorpus('cookies', (path) => {
  const cases: readonly { readonly expectedCookieHeader: string }[] = JSON.parse(
    readFileSync(join(path, 'http-state-cases.json'), 'utf8'),
  )

  test('is found beside whatever browsers send, wherever it stands', () => {
    for (const { expectedCookieHeader } of cases) {
      const line = expectedCookieHeader.replace(/^Cookie: /, '')
      expect(found([line])).toBeNull()
      for (const mixed of [`__Host-balustrade=${SECRET}; ${line}`, `${line}; __Host-balustrade=${SECRET}`])
        expect(found([mixed])).toEqual({ value: SECRET })
    }
  })
})
