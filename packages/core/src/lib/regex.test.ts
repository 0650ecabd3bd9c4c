import { describe, expect, test } from 'vitest'
import { parseRegex } from './regex.ts'

const matches = (pattern: string, text: string) => {
  const parsed = parseRegex(pattern)
  return parsed.ok ? parsed.regex.matches(text) : parsed.why
}

describe('a pattern', () => {
  test.each([
    { note: 'anywhere in the text', pattern: 'b+', text: 'abbc', gives: true },
    { note: 'anchored', pattern: '^b+$', text: 'abbc', gives: false },
    { note: 'empty', pattern: '', text: 'x', gives: true },
    { note: 'a character beyond the basic plane is one', pattern: '^.$', text: '\u{1f431}', gives: true },
    { note: 'without regard to case', pattern: '(?i)^abc$', text: 'ABC', gives: true },
    { note: 'a class of Unicode', pattern: '^\\pL+$', text: 'żółw', gives: true },
    { note: 'what takes other engines exponential time', pattern: '^(a+)+$', text: `${'a'.repeat(3_000)}b`, gives: false },
  ])('$note', ({ pattern, text, gives }) => expect(matches(pattern, text)).toBe(gives))

  test.each([
    { note: 'a back-reference', pattern: '(a)\\1', why: 'invalid escape sequence: `\\1`' },
    { note: 'look-ahead', pattern: '(?=a)', why: 'invalid or unsupported Perl syntax' },
    { note: 'an open bracket', pattern: '[a', why: 'missing closing ]' },
    { note: 'repetition of repetitions', pattern: '((a{100}){100}){100}', why: 'invalid repeat count' },
    { note: 'a large program', pattern: '(\\pL{30}[a-z]{900}){1}(.{900})', why: 'too large' },
    { note: 'a long one', pattern: 'a'.repeat(257), why: 'at most 256' },
  ])('refused: $note', ({ pattern, why }) => {
    const parsed = parseRegex(pattern)
    expect(parsed).toMatchObject({ ok: false, why: expect.stringContaining(why) })
  })
})
