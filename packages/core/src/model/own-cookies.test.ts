import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { cookieValues } from '../identity/session-cookie.ts'
import { setsOwnCookie, withoutOwnCookies } from './own-cookies.ts'

const OURS = ['__Host-balustrade', 'balustrade', '__Host-balustrade-login', 'balustrade-login']
const without = (value: string): string | null => withoutOwnCookies(['Cookie', value])?.[1] ?? null

describe('a Cookie field', () => {
  test.each([
    { note: 'alone', line: '__Host-balustrade=s', left: null },
    { note: 'all four', line: OURS.map((name) => `${name}=s`).join('; '), left: null },
    { note: 'first', line: 'balustrade=s; a=1; b=2', left: 'a=1; b=2' },
    { note: 'in the middle', line: 'a=1; __Host-balustrade=s; b=2', left: 'a=1; b=2' },
    { note: 'last', line: 'a=1; b=2; balustrade-login=s', left: 'a=1; b=2' },
    { note: 'several times', line: 'balustrade=s; a=1; balustrade=t; balustrade=u', left: 'a=1' },
    { note: 'without spaces', line: 'a=1;balustrade=s;b=2', left: 'a=1;b=2' },
    { note: 'with more of them', line: 'a=1 ;\t balustrade \t=  s ; b=2', left: 'a=1 ; b=2' },
    { note: 'in another case', line: '__HOST-Balustrade=s; a=1', left: 'a=1' },
    { note: 'without a value', line: 'a=1; balustrade=', left: 'a=1' },
    { note: 'with = in its value', line: 'balustrade=a=b; a==1', left: 'a==1' },
    { note: 'in quotes', line: 'balustrade="s"; a="1"', left: 'a="1"' },
    { note: 'between empty pairs', line: ';; balustrade=s;;', left: null },
  ])('of which one of ours is taken out: $note', ({ line, left }) => expect(without(line)).toBe(left))

  test.each([
    { note: 'others', line: 'a=1; b=2' },
    { note: 'nothing', line: '' },
    { note: 'a name that begins like ours', line: 'balustrade2=1; balustrade-x=1; __Host-balustradex=1' },
    { note: 'a name that ends like ours', line: 'my-balustrade=1; __Secure-balustrade=1; x__Host-balustrade-login=1' },
    { note: 'a value that is our name', line: 'a=balustrade; b=__Host-balustrade' },
    { note: 'a value that looks like ours', line: 'a=balustrade=s' },
    { note: 'our name alone, which holds no secret', line: 'balustrade' },
    { note: 'odd spacing', line: ' a=1 ;;  b = 2 ; ' },
  ])('that passes as it came: $note', ({ line }) => {
    const given = ['cookie', line] as const
    expect(withoutOwnCookies(given)).toBe(given)
  })

  const space = fc.constantFrom('', '', ' ', '\t', '  ')
  const other = fc
    .tuple(
      space,
      fc.constantFrom('a', 'b.c', '__Host-x', 'balustrad', 'Balustrades', '"q"', ''),
      space,
      fc.string({ maxLength: 8 }),
    )
    .map(([before, name, after, value]) => `${before}${name}${after}=${value.replaceAll(';', '')}`)
  const own = fc
    .tuple(space, fc.constantFrom(...OURS), space, fc.string({ maxLength: 8 }), fc.boolean())
    .map(
      ([before, name, after, value, upper]) =>
        `${before}${upper ? name.toUpperCase() : name}${after}=${value.replaceAll(';', '')}`,
    )
  const pairs = fc.array(
    fc.oneof(
      other.map((text) => ({ text, ours: false })),
      own.map((text) => ({ text, ours: true })),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )

  test('property: nothing of ours is left that anybody could read, and all others are, in order', () => {
    fc.assert(
      fc.property(pairs, (written) => {
        const left = without(written.map(({ text }) => text).join(';'))
        const expected = written.filter(({ ours }) => !ours).map(({ text }) => text)
        if (expected.length === written.length) expect(left).toBe(expected.join(';'))
        else expect(left ?? '').toBe(expected.join(';').trim())
        for (const name of OURS) expect(cookieValues([left ?? ''], name)).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test('property: of any text at all, what a session is found by is taken out', () => {
    const shard = fc.oneof(fc.constantFrom(...OURS, ';', '=', '; ', ' ', '\t', 'a=1', '"'), fc.string({ maxLength: 3 }))
    fc.assert(
      fc.property(fc.array(shard, { maxLength: 12 }), (shards) => {
        const left = without(shards.join('')) ?? ''
        for (const name of OURS) expect(cookieValues([left], name)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a Set-Cookie field', () => {
  test.each([
    ...OURS.map((name) => `${name}=s; Path=/; Secure; HttpOnly`),
    'balustrade=',
    'balustrade=; Max-Age=0',
    ' \tbalustrade\t = s',
    'BALUSTRADE=s',
    '__host-Balustrade-Login=s',
    '=balustrade=s',
    ' = __Host-balustrade=s; Path=/',
    '==balustrade=s',
  ])('of ours: %j', (value) => expect(setsOwnCookie(value)).toBe(true))

  test.each([
    'a=1',
    'a=balustrade=s',
    'balustrade2=s',
    '__Secure-balustrade=s',
    'a=1; balustrade=s',
    'balustrade',
    '=balustrade',
    '',
    ';balustrade=s',
  ])('of others: %j', (value) => expect(setsOwnCookie(value)).toBe(false))
})

interface Case {
  readonly id: string
  readonly setCookie: readonly string[]
  readonly expectedCookieHeader: string
}

describeCorpus('cookies', (path) => {
  const cases: readonly Case[] = JSON.parse(readFileSync(join(path, 'http-state-cases.json'), 'utf8'))
  const sent = cases
    .map(({ expectedCookieHeader }) => expectedCookieHeader.replace(/^Cookie: /, ''))
    .filter((line) => line !== '')

  test('lines of browsers pass as they are, and without ours wherever it stands in them', () => {
    expect(sent.length).toBeGreaterThan(100)
    for (const line of sent) {
      expect(without(line)).toBe(line)
      const written = line.split('; ')
      for (let at = 0; at <= written.length; at++) {
        const mixed = [...written.slice(0, at), '__Host-balustrade=secret', ...written.slice(at)].join('; ')
        expect(cookieValues([mixed], '__Host-balustrade')).toEqual(['secret'])
        expect(without(mixed)).toBe(line.trim())
      }
    }
  })

  test('whatever a browser would send back under our name was told from the Set-Cookie line', () => {
    let told = 0
    for (const { setCookie, expectedCookieHeader } of cases) {
      if (!/\bfoo\b/.test(expectedCookieHeader)) continue
      const renamed = (text: string) => text.replace(/\bfoo\b/g, 'balustrade')
      if (cookieValues([renamed(expectedCookieHeader).replace(/^Cookie: /, '')], 'balustrade').length === 0) continue
      told++
      const lines = setCookie.filter((line) => /^set-cookie:/i.test(line)).map((line) => renamed(line.replace(/^[^:]*:/, '')))
      expect(lines.some(setsOwnCookie), lines.join('\n')).toBe(true)
    }
    expect(told).toBeGreaterThan(50)
  })
})
