import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { LONGEST_TARGET, parseReturnTarget } from './return-target.ts'

const ORIGIN = 'https://app.example.com'
/** Where a browser goes that is told this location by a page of ours. */
const originReached = (target: string): string => new URL(target, `${ORIGIN}/.balustrade/callback`).origin

describe('must pass', () => {
  test.each([
    '/',
    '/orders',
    '/orders/7?tab=2&next=//evil.example',
    '/a//b',
    '/%2f%2fevil.example',
    '/@evil.example',
    '/a;b=c,d',
    '/.',
  ])('%s comes back as it is', (target) => expect(parseReturnTarget(target)).toBe(target))

  test('any path of visible ASCII', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9._~%!$&'()*+,;=:@-]{1,20}$/)
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const target = `/${parts.join('/')}`
        expect(parseReturnTarget(target)).toBe(target.length <= LONGEST_TARGET ? target : null)
      }),
    )
  })
})

describe('refused', () => {
  test.each([
    { note: 'another authority', target: '//evil.example' },
    { note: 'a backslash, which browsers read as a slash', target: '/\\evil.example' },
    { note: 'a backslash further on', target: '/a\\..\\b' },
    { note: 'a tab, which browsers leave out', target: '/\t/evil.example' },
    { note: 'a line end', target: '/\n/evil.example' },
    { note: 'a second field', target: '/a\r\nSet-Cookie: a=b' },
    { note: 'a null', target: '/\0' },
    { note: 'a space', target: '/a b' },
    { note: 'beyond ASCII', target: '/ä' },
    { note: 'a full-width slash', target: '/／evil.example' },
    { note: 'an absolute URL', target: 'https://evil.example/' },
    { note: 'a scheme', target: 'javascript:alert(1)' },
    { note: 'nothing', target: '' },
    { note: 'no text', target: 7 },
    { note: 'a list', target: ['/'] },
    { note: 'too long', target: `/${'a'.repeat(LONGEST_TARGET)}` },
  ])('$note', ({ target }) => expect(parseReturnTarget(target)).toBeNull())
})

test('whatever comes back stays in the origin, and is read by a parser of URLs as it is written', () => {
  const alphabet = fc.constantFrom(
    '/',
    '\\',
    '.',
    ':',
    '@',
    '#',
    '?',
    '%',
    '\t',
    '\n',
    '\r',
    ' ',
    'a',
    'evil.example',
    'javascript',
    '\0',
    'ä',
  )
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 12 }), (parts) => {
      const target = parseReturnTarget(`/${parts.join('')}`)
      if (target === null) return
      expect(originReached(target)).toBe(ORIGIN)
      expect(target).toMatch(/^\/[!-~]*$/)
    }),
    { numRuns: 2_000 },
  )
})

describeCorpus('open-redirect', (folder) => {
  const lines = readFileSync(join(folder, 'payloads.txt'), 'latin1').split('\n')
  test(`no line of ${lines.length} leads out of the origin`, () => {
    expect(lines.length).toBeGreaterThan(500)
    for (const line of lines) {
      const target = parseReturnTarget(line)
      if (target !== null) expect(originReached(target), line).toBe(ORIGIN)
    }
  })
})
