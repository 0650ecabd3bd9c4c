import { describe, expect, test } from 'vitest'
import { encodeJson as encode } from './encode-record.ts'
import { shrinkRecord } from './shrink-record.ts'

type Shrunk = Readonly<Record<string, unknown>> & { readonly truncated: readonly string[] }
const shrink = (record: object) => shrinkRecord(record, encode) as Shrunk

/** What all that is large has together, beside small fields: a name costs its quotes, a colon and a comma. */
const left = (small: object, large: readonly string[]): number =>
  28_000 -
  Object.entries(small).reduce((sum, [key, value]) => sum + key.length + 4 + encode(value).length, 0) -
  large.join('').length -
  4 * large.length

describe('of a record that is too long', () => {
  test('fields of 512 bytes and less stay as they are', () => {
    const edge = 'x'.repeat(510)
    const many = Object.fromEntries(Array.from({ length: 80 }, (_none, n) => [`f${n}`, `y${'x'.repeat(2_000)}`]))
    const got = shrink({ edge, nothing: null, ...many })
    expect([got['edge'], got['nothing']]).toEqual([edge, null])
    // Each of so many has 512 at least.
    for (const key of Object.keys(many)) {
      expect(encode(got[key]).length).toBeLessThanOrEqual(512)
      expect(encode(got[key]).length).toBeGreaterThan(380)
    }
  })

  test('large ones that have room stay whole', () => {
    const got = shrink({ one: 'x'.repeat(5_000), other: 'y'.repeat(90_000) })
    expect(got['one']).toBe('x'.repeat(5_000))
    expect(got.truncated).toEqual(['other'])
  })

  test.each([1, 2, 7])('%i large ones share the rest equally', (count) => {
    const small = { id: 'x', at: 7 }
    const names = Array.from({ length: count }, (_none, n) => `f${n}`)
    const got = shrink({ ...small, ...Object.fromEntries(names.map((name) => [name, 'a'.repeat(100_000)])) })
    const budget = Math.floor(left(small, names) / count)
    for (const name of names) expect(got[name]).toBe(`${'a'.repeat(Math.floor(budget * 0.8))}\u2026`)
    expect(got.truncated).toEqual(names)
  })

  test('one that fits to the byte is whole, one byte more is cut', () => {
    const budget = left({}, ['path'])
    const fits = 'a'.repeat(budget - 2)
    expect(shrink({ path: fits })).toEqual({ path: fits, truncated: [] })
    expect(shrink({ path: `${fits}a` }).truncated).toEqual(['path'])
  })

  test('a text whose form is longer than itself is cut until the form fits', () => {
    const got = shrink({ path: '\u0001'.repeat(30_000) })
    const { length } = encode(got['path'])
    expect(length).toBeLessThanOrEqual(left({}, ['path']))
    expect(length).toBeGreaterThan(left({}, ['path']) * 0.7)
    expect(got['path']).toMatch(/^\u0001+\u2026$/)
  })

  test('a list keeps its first members, as many as there is room for', () => {
    const groups = Array.from({ length: 9_000 }, (_none, n) => `group-${n}`)
    const kept = shrink({ groups })['groups'] as readonly string[]
    expect(kept).toEqual(groups.slice(0, kept.length))
    const { length } = encode(kept)
    expect(length).toBeLessThanOrEqual(left({}, ['groups']))
    expect(length).toBeGreaterThan(left({}, ['groups']) - 200)
  })

  test('an object keeps its first members in the order of their names', () => {
    const names = Array.from({ length: 5_000 }, (_none, n) => `name-${String(n).padStart(4, '0')}`)
    const facts = Object.fromEntries(names.toReversed().map((name) => [name, 'value']))
    const kept = shrink({ facts })['facts'] as object
    expect(Object.keys(kept)).toEqual(names.slice(0, Object.keys(kept).length))
    expect(encode(kept).length).toBeLessThanOrEqual(left({}, ['facts']))
    expect(encode(kept).length).toBeGreaterThan(left({}, ['facts']) - 200)
  })

  test('a member may take half of what is left, and no less than 64 bytes', () => {
    const got = shrink({ list: Array.from({ length: 40 }, () => 'z'.repeat(50_000)) })
    const sizes = (got['list'] as readonly string[]).map((text) => text.length)
    const budget = left({}, ['list'])
    expect(sizes[0]).toBe(Math.floor((budget / 2) * 0.8) + 1)
    expect(sizes.every((size, n) => n === 0 || size <= (sizes[n - 1] as number))).toBe(true)
    expect(sizes.at(-1)).toBeGreaterThan(20)
  })

  test('a name of 128 characters stays, a longer one is cut', () => {
    const [short, long] = ['a'.repeat(128), 'b'.repeat(129)]
    const kept = shrink({ facts: { [short]: 1, [long]: 2, c: 'x'.repeat(90_000) } })['facts'] as object
    expect(Object.keys(kept)[0]).toBe(short)
    expect(Object.keys(kept)[1]).toMatch(/^b{90,127}\u2026$/)
    expect(Object.values(kept).slice(0, 2)).toEqual([1, 2])
  })

  test('what has no parts is an ellipsis', () => {
    expect(shrink({ huge: 10n ** 40_000n })).toEqual({ huge: '\u2026', truncated: ['huge'] })
  })

  test('at most sixteen cuts are named, each by 64 characters', () => {
    const name = 'n'.repeat(100)
    const { truncated } = shrink({ [name]: Array.from({ length: 60 }, () => ({ [name]: 'z'.repeat(9_000) })) })
    expect(truncated).toHaveLength(16)
    expect(truncated[0]).toBe('n'.repeat(64))
    expect(truncated.every((path) => path.length <= 64)).toBe(true)
  })
})
