import { expect, test } from 'vitest'
import { fromDescription } from './from-description.ts'
import { framingOf, type Framing } from './framing.ts'

test.each([
  ['nothing stated', {}, 0],
  ['a length', { 'Content-Length': '17' }, 17],
  ['a length of 0', { 'Content-Length': '0' }, 0],
  ['chunks', { 'Transfer-Encoding': 'CHUNKED' }, 'chunked'],
] as const)('framingOf: %s', (_note, headers: Readonly<Record<string, string>>, framing: Framing) => {
  const result = fromDescription({ request: 'POST https://a.test/', headers, at: 0 })
  expect(result.ok && framingOf(result.request.fields)).toBe(framing)
})
