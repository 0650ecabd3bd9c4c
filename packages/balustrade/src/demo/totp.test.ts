import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { base32, createTotpCheck, totpCode } from './totp.ts'

interface Row {
  readonly timeSec: number
  readonly totp: string
  readonly alg: string
  readonly secretAscii: string
}

describeCorpus('otp', (folder) => {
  const { totp } = JSON.parse(readFileSync(join(folder, 'vectors.json'), 'utf8')) as { readonly totp: readonly Row[] }
  const rows = totp.filter(({ alg }) => alg === 'SHA1')

  test.each(rows)('RFC 6238 appendix B at $timeSec s, its last six digits', ({ timeSec, totp: eight, secretAscii }) => {
    expect(totpCode(Buffer.from(secretAscii), timeSec * 1_000)).toBe(eight.slice(-6))
  })

  test('has rows', () => expect(rows.length).toBeGreaterThan(5))
})

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %j (RFC 4648 section 10)', (text, expected) => expect(base32(Buffer.from(text))).toBe(expected))

const secret = Buffer.from('12345678901234567890')
const T = 1_700_000_010_000

test.each([
  { note: 'the code of the moment', at: T, accepted: true },
  { note: 'the code of the step before', at: T - 30_000, accepted: true },
  { note: 'two steps late', at: T - 60_000, accepted: false },
  { note: 'a step early', at: T + 30_000, accepted: false },
])('$note: $accepted', ({ at, accepted }) => {
  expect(createTotpCheck().accept('mia', secret, { code: totpCode(secret, at), now: T })).toBe(accepted)
})

test.each(['', '12345', '1234567', ' 12345', '12345a', '１２３４５６'])('%j is no code', (code) => {
  expect(createTotpCheck().accept('mia', secret, { code, now: T })).toBe(false)
})

test('a code is good once, and uses up the one before it', () => {
  const { accept } = createTotpCheck()
  const code = totpCode(secret, T)
  expect(accept('mia', secret, { code, now: T })).toBe(true)
  expect(accept('mia', secret, { code, now: T })).toBe(false)
  expect(accept('mia', secret, { code: totpCode(secret, T - 30_000), now: T })).toBe(false)
  expect(accept('ada', secret, { code, now: T })).toBe(true)
  expect(accept('mia', secret, { code: totpCode(secret, T + 30_000), now: T + 30_000 })).toBe(true)
})
