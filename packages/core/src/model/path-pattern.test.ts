import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePath, equalFolded, EXACT, IN_CASE, IN_SLASH, NONE, parsePathPattern, type PathPattern } from './path-pattern.ts'

const literal = (text: string) => ({ literal: text })
const wild = (name: string | null) => ({ literal: null, name })

const read = (text: string): PathPattern => {
  const parsed = parsePathPattern(text)
  if (!parsed.ok) throw new Error(`${text} was refused: ${parsed.why}`)
  return parsed.pattern
}

describe('reading a pattern', () => {
  it.each([
    ['/', { segments: [], rest: false, trailingSlash: false }],
    ['/**', { segments: [], rest: true, trailingSlash: false }],
    ['/a', { segments: [literal('a')], rest: false, trailingSlash: false }],
    ['/a/', { segments: [literal('a')], rest: false, trailingSlash: true }],
    ['/a/*/$id', { segments: [literal('a'), wild(null), wild('id')], rest: false, trailingSlash: false }],
    ['/*/**', { segments: [wild(null)], rest: true, trailingSlash: false }],
    ['/a b/ä.json', { segments: [literal('a b'), literal('ä.json')], rest: false, trailingSlash: false }],
    ['/...', { segments: [literal('...')], rest: false, trailingSlash: false }],
    ['/a:b@c;d=1', { segments: [literal('a:b@c;d=1')], rest: false, trailingSlash: false }],
  ])('takes %s', (text, pattern) => {
    expect(parsePathPattern(text)).toEqual({ ok: true, pattern })
  })

  it.each([
    ['', /begins with/],
    ['a', /begins with/],
    ['*', /begins with/],
    [`/${'a'.repeat(2_048)}`, /endless/],
    ['//', /empty/],
    ['/a//b', /empty/],
    ['/a//', /empty/],
    ['/.', /climb/],
    ['/a/../b', /climb/],
    ['/**/a', /before the end/],
    ['/a/**/', /before the end/],
    ['/{id}', /template/],
    ['/$Id', /\$name/],
    ['/$', /\$name/],
    ['/a*', /whole segment/],
    ['/***', /whole segment/],
    ['/a{b', /whole segment/],
    ['/a?b', /decoded/],
    ['/a#b', /decoded/],
    ['/a%2fb', /decoded/],
    ['/a\\b', /decoded/],
    ['/a\u0000', /control/],
  ])('refuses %s', (text, why) => {
    expect(parsePathPattern(text)).toMatchObject({
      ok: false,
      why: expect.stringMatching(why),
      help: expect.stringMatching(/\.$/),
    })
  })

  it('answers for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parsePathPattern(`/${text}`).ok === 'boolean'))
  })
})

const segment = fc.stringMatching(/^[a-zA-Z0-9.-]{1,4}$/).filter((text) => text !== '.' && text !== '..')
const path = fc.record({ segments: fc.array(segment, { minLength: 1, maxLength: 5 }), trailingSlash: fc.boolean() })

describe('comparing a path', () => {
  it('finds no difference to itself, with any segment a wildcard or the tail cut off', () => {
    const property = fc.property(path, fc.nat(5), fc.infiniteStream(fc.boolean()), (given, cut, coins) => {
      const written = given.segments.map((text) => (coins.next().value ? text : '*'))
      expect(comparePath(read(`/${written.join('/')}${given.trailingSlash ? '/' : ''}`), given)).toBe(EXACT)
      expect(comparePath(read(`/${[...written.slice(0, cut), '**'].join('/')}`), given)).toBe(EXACT)
    })
    fc.assert(property)
  })

  it('says what differs', () => {
    const property = fc.property(path, fc.nat(4), (given, at) => {
      const folded = given.segments.map((text, i) => (i === at ? text.toUpperCase() : text))
      const pattern = read(`/${given.segments.join('/')}`)
      const inCase = folded.join('/') === given.segments.join('/') ? EXACT : IN_CASE
      expect(comparePath(pattern, { segments: folded, trailingSlash: false })).toBe(inCase)
      expect(comparePath(pattern, { segments: folded, trailingSlash: true })).toBe(inCase + IN_SLASH)
      expect(comparePath(pattern, { segments: [...folded, 'more'], trailingSlash: false })).toBe(NONE)
      expect(comparePath(pattern, { segments: folded.map((text) => `${text}~`), trailingSlash: false })).toBe(NONE)
    })
    fc.assert(property)
  })

  it('makes no difference of a slash on the root or below a rest', () => {
    expect(comparePath(read('/'), { segments: [], trailingSlash: true })).toBe(EXACT)
    expect(comparePath(read('/a/**'), { segments: ['a'], trailingSlash: true })).toBe(EXACT)
    expect(comparePath(read('/a/**'), { segments: ['A'], trailingSlash: true })).toBe(IN_CASE)
  })
})

describe('folding', () => {
  it.each([
    ['Ab', 'aB', true],
    ['a', 'b', false],
    ['a', 'aa', false],
    ['[', '{', false],
    ['@', '`', false],
    ['K', '\u212a', false],
    ['Ä', 'ä', false],
  ])('takes %s and %s for alike: %s', (a, b, alike) => {
    expect(equalFolded(a, b)).toBe(alike)
  })
})
