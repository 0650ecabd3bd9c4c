import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCompletion, sampleDecision } from '../../../../test/support/log-records.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import type { DecisionRecord, Json, LogRecord } from '../model/log-record.ts'
import { encodeJson, encodeRecord, MAX_LINE } from './encode-record.ts'

const PRINTABLE = /^[\x20-\x7e]*$/

const administration = (detail: Json): LogRecord => ({ kind: 'administration', at: 1, action: 'test', detail })

describe('values of clients', () => {
  const rows: readonly { note: string; text: string }[] = [
    { note: 'a newline and a forged record', text: 'x\n{"kind":"decision","outcome":"allow","seq":9}' },
    { note: 'a carriage return that would overwrite the line in a terminal', text: 'GET /\rGET /health' },
    { note: 'an escape sequence of a terminal', text: '\u001b[2K\u001b[1A\u001b]0;title\u0007' },
    { note: 'C1 controls, which some terminals obey', text: '\u009b31m\u0090q\u009c' },
    { note: 'DEL and NUL', text: '\u007f\u0000' },
    { note: 'line separators of Unicode, which some readers split at', text: 'a\u2028b\u2029c\u0085d' },
    { note: 'bidirectional overrides that reorder what is read', text: '\u202ednimda\u202c \u2066x\u2069' },
    { note: 'quotes and backslashes', text: '","seq":7,"x":"\\' },
    { note: 'half a surrogate pair', text: 'a\ud800b\udc00' },
    { note: 'text that is not ASCII', text: 'café 漢字 🦊 ÿ' },
  ]
  test.each(rows)('$note stays one line of printable ASCII and reads back', ({ text }) => {
    for (const record of [
      sampleDecision(1, { path: text, facts: { [text]: text } }),
      sampleCompletion(text),
      administration({ [text]: [text] }),
    ]) {
      const line = encodeRecord(record, 4)
      expect(line).toMatch(PRINTABLE)
      expect(JSON.parse(line)).toEqual({ ...record, seq: 4 })
    }
  })

  test('a key named __proto__ is a key like any other', () => {
    const facts = JSON.parse('{"__proto__":{"polluted":true},"a":1}') as Record<string, Json>
    const read = JSON.parse(encodeRecord(sampleDecision(1, { facts }), 0)) as { facts: object }
    expect(Object.keys(read.facts).sort()).toEqual(['__proto__', 'a'])
    expect(Object.getPrototypeOf(read.facts)).toBe(Object.prototype)
  })
})

describe('the form of a line', () => {
  test('keys are in order at every depth, whatever the order in the record', () => {
    const line = encodeRecord(sampleDecision(3, { facts: { b: { d: 1, c: [{ f: 1, e: 2 }] }, a: null } }), 17)
    const record = JSON.parse(line) as unknown
    expect(line).toBe(canonicalJson(record))
  })

  const { who } = sampleDecision(1)
  const shapes: readonly { note: string; changes: Partial<DecisionRecord> }[] = [
    {
      note: 'factors',
      changes: {
        who: who && {
          ...who,
          factors: [
            { level: 'phishing-resistant', age: 7 },
            { level: 'otp', age: null },
          ] as never,
        },
      },
    },
    {
      note: 'a session that nobody could confirm',
      changes: { who: who && { ...who, credential: 'session', unconfirmed: true } },
    },
    { note: 'nobody', changes: { who: null } },
    { note: 'no policy', changes: { digest: null } },
    { note: 'no remedy and no shadow', changes: { remedy: null, shadow: null } },
    { note: 'what shadow rules said', changes: { shadow: { would: 'deny', b: { d: 1, c: 2 } } as never } },
    { note: 'a remedy', changes: { remedy: { scopes: ['b', 'a'], login: { maxAge: 60, levels: ['x'] } } as never } },
    {
      note: 'several reasons',
      changes: { reasons: [{ rule: 'b', code: 'mfa.too_old', condition: 'c' }, { code: 'grant.none' }] as never },
    },
    { note: 'verdicts', changes: { verdicts: { z: true, a: [1, { y: 1, x: 2 }] } as never } },
    { note: 'exceptions', changes: { exceptions: ['b', 'a'] } },
  ]
  test.each(shapes)('$note: all of it, in order', ({ changes }) => {
    const record = sampleDecision(3, changes)
    const line = encodeRecord(record, 17)
    expect(JSON.parse(line)).toEqual({ ...record, seq: 17 })
    expect(line).toBe(canonicalJson(JSON.parse(line)))
  })

  test('a completion and a gap: all of it, in order', () => {
    const gap: LogRecord = { kind: 'gap', at: 3, lost: 7, from: 1, until: 2, cause: 'disk.full' }
    for (const record of [sampleCompletion('c', { end: 'client', status: null } as never), gap]) {
      const line = encodeRecord(record, 17)
      expect(JSON.parse(line)).toEqual({ ...record, seq: 17 })
      expect(line).toBe(canonicalJson(JSON.parse(line)))
    }
  })

  test('is about as long as the records performance is stated for', () => {
    const { length } = encodeRecord(sampleDecision(12_345), 1_000_000)
    expect(length).toBeGreaterThan(650)
    expect(length).toBeLessThan(850)
  })

  const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }) as fc.Arbitrary<Json>
  const facts = fc.dictionary(fc.string({ unit: 'binary' }), json)

  test('fast and general encoder agree', () => {
    fc.assert(
      fc.property(facts, fc.string({ unit: 'binary' }), fc.boolean(), (some, path, unconfirmed) => {
        const by = who && { ...who, credential: path, ...(unconfirmed ? { unconfirmed } : {}) }
        const record = sampleDecision(1, { who: by, facts: some, path, remedy: { scopes: [path], login: { maxAge: null } } })
        expect(encodeRecord(record, 5)).toBe(encodeJson({ ...record, seq: 5 }))
      }),
    )
  })

  test('any JSON reads back as what it was, on one line', () => {
    fc.assert(
      fc.property(json, (detail) => {
        const line = encodeRecord(administration(detail), 2)
        expect(line).toMatch(PRINTABLE)
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ ...administration(detail), seq: 2 })))
      }),
    )
  })

  const odd: readonly { note: string; value: unknown; text: string }[] = [
    { note: 'a symbol', value: { a: Symbol('unknown') }, text: '{"a":null}' },
    { note: 'a big integer', value: { a: 10n }, text: '{"a":"10"}' },
    { note: 'numbers without a form in JSON', value: [Number.NaN, Number.POSITIVE_INFINITY, -0], text: '[null,null,0]' },
    { note: 'a function', value: { a: () => 1 }, text: '{"a":null}' },
    { note: 'integers as keys', value: { b: 1, 10: 2, 9: 3 }, text: '{"10":2,"9":3,"b":1}' },
    { note: 'a member that is not there', value: { a: undefined, b: 1 }, text: '{"b":1}' },
  ]
  test.each(odd)('$note does not break it', ({ value, text }) => {
    expect(encodeJson(value)).toBe(text)
    const form = JSON.parse(text) as unknown
    for (const field of ['facts', 'verdicts', 'remedy', 'shadow'])
      for (const [holds, read] of [
        [{ odd: value }, { odd: form }],
        [{ odd: [value] }, { odd: [form] }],
      ]) {
        const line = encodeRecord(sampleDecision(1, { [field]: holds as Json }), 0)
        expect((JSON.parse(line) as Record<string, unknown>)[field], field).toEqual(read)
      }
  })

  test.each([
    { note: 'lists', nest: (inner: Json): Json => [inner] },
    { note: 'objects', nest: (inner: Json): Json => ({ a: inner }) },
  ])('$note in one another: 32 of them, and an ellipsis', ({ nest }) => {
    const nested = (levels: number, inner: Json): Json => (levels === 0 ? inner : nest(nested(levels - 1, inner)))
    for (const levels of [2, 16, 17, 18, 31, 32]) {
      expect(JSON.parse(encodeJson(nested(levels, 'x')))).toEqual(nested(levels, 'x'))
      expect(JSON.parse(encodeRecord(sampleDecision(1, { facts: { odd: nested(levels - 2, 'x') } }), 0))).toMatchObject({
        facts: { odd: nested(levels - 2, 'x') },
      })
    }
    expect(JSON.parse(encodeJson(nested(40, 'x')))).toEqual(nested(32, '\u2026'))
  })

  test('a value that contains itself ends', () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    expect(encodeRecord(administration(loop as Json), 0).length).toBeLessThan(MAX_LINE)
    expect(encodeRecord(sampleDecision(1, { facts: loop as Record<string, Json> }), 0).length).toBeLessThan(MAX_LINE)
  })
})

describe('records that are too long for a line', () => {
  const deep = (depth: number): Json => (depth === 0 ? 'x'.repeat(2_000) : { a: deep(depth - 1), b: [deep(depth - 1)] })
  const rows: readonly { note: string; changes: Parameters<typeof sampleDecision>[1]; cut: string }[] = [
    { note: 'one long string', changes: { path: `/${'a'.repeat(100_000)}` }, cut: 'path' },
    { note: 'a string that escapes make six times as long', changes: { path: '\u0001'.repeat(20_000) }, cut: 'path' },
    { note: 'text of pairs of surrogates', changes: { path: '🦊'.repeat(10_000) }, cut: 'path' },
    {
      note: 'many facts',
      changes: { facts: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}`, 'value'])) },
      cut: 'facts',
    },
    { note: 'a long list', changes: { facts: { groups: Array.from({ length: 9_000 }, (_, i) => `group-${i}`) } }, cut: 'facts' },
    { note: 'a long key', changes: { facts: { ['k'.repeat(90_000)]: 1 } }, cut: 'facts' },
    { note: 'nested values', changes: { facts: { deep: deep(6) } }, cut: 'facts' },
    {
      note: 'many reasons',
      changes: { reasons: Array.from({ length: 3_000 }, (_, i) => ({ code: 'mfa.too_old', rule: `r${i}` })) },
      cut: 'reasons',
    },
  ]
  test.each(rows)('$note: cut, with the name of every field and of what was cut', ({ changes, cut }) => {
    const record = sampleDecision(1, changes)
    const line = encodeRecord(record, 3)
    expect(line.length).toBeLessThanOrEqual(MAX_LINE)
    expect(line).toMatch(PRINTABLE)
    const read = JSON.parse(line) as Record<string, unknown> & { truncated: readonly string[] }
    expect(Object.keys(read).sort()).toEqual([...Object.keys(record), 'seq', 'truncated'].sort())
    expect(read.truncated[0]).toBe(cut)
    expect(read).toMatchObject({ id: record.id, outcome: 'allow', who: record.who, seq: 3 })
  })

  test('a number of many digits', () => {
    const read = JSON.parse(encodeRecord(administration({ a: 1, huge: (10n ** 40_000n) as never }), 3)) as Record<string, unknown>
    expect(read).toMatchObject({ detail: { a: 1, huge: '\u2026' }, truncated: ['detail', 'detail/huge'] })
  })

  test('every field too long at once', () => {
    const long = 'é'.repeat(40_000)
    const record = sampleDecision(1, {
      path: long,
      host: long,
      method: long,
      client: long,
      rule: long,
      exceptions: [long, long],
      service: long,
    })
    const line = encodeRecord(record, 3)
    expect(line.length).toBeLessThanOrEqual(MAX_LINE)
    const cut = ['service', 'method', 'host', 'path', 'client', 'rule', 'exceptions', 'exceptions/0', 'exceptions/1']
    expect((JSON.parse(line) as { truncated: unknown }).truncated).toEqual(cut)
  })

  test('nothing is cut, and nothing said of it, up to the limit', () => {
    const others = encodeRecord(sampleDecision(1, { path: '' }), 3).length
    const longest = encodeRecord(sampleDecision(1, { path: 'a'.repeat(MAX_LINE - others) }), 3)
    expect([longest.length, longest.includes('truncated')]).toEqual([MAX_LINE, false])
    expect(encodeRecord(sampleDecision(1, { path: 'a'.repeat(MAX_LINE - others + 1) }), 3)).toContain('truncated')
  })

  test('whatever the record holds, the line is not longer', () => {
    const record = fc.record({
      path: fc.string({ unit: 'binary', minLength: 20_000, maxLength: 50_000, size: 'max' }),
      facts: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 50 }),
    })
    fc.assert(
      fc.property(record, (changes) => {
        const line = encodeRecord(sampleDecision(1, changes as object), 3)
        expect(line.length).toBeLessThanOrEqual(MAX_LINE)
        expect(() => JSON.parse(line) as unknown).not.toThrow()
      }),
      { numRuns: 20 },
    )
  })
})
