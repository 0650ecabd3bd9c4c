import type { JsonObject, JsonValue } from '@balustrade/core/kit'
import { describe, expect, test } from 'vitest'
import { readStart, type Start, startJson } from './start.ts'

const DEMAND = { loginAge: 60_000, level: null, factorAge: null, acr: null }
const START: Start = {
  service: 'payments',
  origin: 'https://pay.example.com',
  target: '/orders?tab=2',
  demand: DEMAND,
  present: { provider: 'corp', subject: 'ada' },
  form: 'f1',
  marks: ['m1', 'm2'],
  at: 7,
}

describe('the start of a login', () => {
  test.each<{ note: string; start: Start }>([
    { note: 'for a form of somebody', start: START },
    { note: 'for a page, by nobody', start: { ...START, present: null, form: null, marks: [] } },
  ])('is read back as it was: $note', ({ start }) => {
    expect(readStart(JSON.parse(JSON.stringify(startJson(start))) as JsonValue)).toEqual(start)
  })

  test('holds nothing but what it is made of', () => {
    expect(readStart({ ...startJson(START), more: 1 })).toEqual(START)
  })

  test.each<{ note: string; value: () => JsonValue | undefined }>([
    { note: 'nothing', value: () => undefined },
    { note: 'null', value: () => null },
    { note: 'a text', value: () => '/orders' },
    { note: 'a list', value: () => [] },
    ...Object.keys(START).map((name) => ({
      note: `without ${name}`,
      value: () => {
        const { [name]: _left, ...rest } = startJson(START)
        return rest as JsonObject
      },
    })),
    ...(
      [
        ['service', 7],
        ['origin', null],
        ['target', '//evil.example'],
        ['target', ['/orders']],
        ['demand', null],
        ['demand', { ...DEMAND, loginAge: -1 }],
        ['present', 'corp/ada'],
        ['present', { provider: 'corp' }],
        ['present', { subject: 'ada' }],
        ['present', { provider: 'corp', subject: 7 }],
        ['present', { provider: 7, subject: 'ada' }],
        ['form', 7],
        ['marks', 'm1'],
        ['marks', ['m1', 7]],
        ['at', '7'],
      ] as const
    ).map(([name, value]) => ({
      note: `${name}: ${JSON.stringify(value)}`,
      value: () => ({ ...startJson(START), [name]: value }) as JsonObject,
    })),
  ])('is none: $note', ({ value }) => expect(readStart(value())).toBeNull())
})
