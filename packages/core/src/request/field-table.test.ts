import { expect, test } from 'vitest'
import { LOWER_NAMES, STANDARD_FIELDS } from './field-table.ts'

test('every common name is found in the two spellings that clients send, and in no other', () => {
  for (const [written, name] of [
    ['content-type', 'content-type'],
    ['Content-Type', 'content-type'],
    ['Host', 'host'],
    ['Sec-Fetch-Mode', 'sec-fetch-mode'],
    ['CONTENT-TYPE', undefined],
    ['content-Type', undefined],
    ['X-Of-Nobody', undefined],
  ] as const)
    expect(LOWER_NAMES.get(written), written).toBe(name)
  expect(LOWER_NAMES.size).toBe([...STANDARD_FIELDS].length * 2)
  for (const [written, name] of LOWER_NAMES) expect(written.toLowerCase()).toBe(name)
})
