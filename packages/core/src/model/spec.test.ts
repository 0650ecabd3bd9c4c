import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  durationSchema,
  inWords,
  listOf,
  nameOrCaptureSchema,
  nameSchema,
  oneOrMany,
  principalSchema,
  providersOf,
} from './spec.ts'

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success

describe('what conditions write alike', () => {
  it.each([
    {
      schema: nameSchema(z),
      good: ['customers', 'a', 'https://example.com/x', '7'],
      bad: ['', '$x', 'two words', 'x'.repeat(257), 7],
    },
    { schema: nameOrCaptureSchema(z), good: ['customers', '$tenant', '$t_1-x'], bad: ['', '$', '$Tenant', '$1', '$a b'] },
    {
      schema: principalSchema(z),
      good: ['corp/ada', 'corp/auth0|12/3', 'corp/Ada Lovelace', 'corp/$user'],
      bad: ['ada', '/ada', 'corp/', 'ada@example.com', '$p/ada', 'corp/$User', 'corp/a\nb', 'c p/ada'],
    },
    { schema: durationSchema(z), good: ['5m', '1h30m', '3650d'], bad: ['', '0s', '5', 'm', '5 m', '3651d', '30m1h', 300] },
    { schema: oneOrMany(z, nameSchema(z)), good: ['a', ['a'], ['a', 'b']], bad: [[], [['a']], {}, null] },
  ])('$good and not $bad', ({ schema, good, bad }) => {
    expect(good.filter((value) => !accepts(schema, value))).toEqual([])
    expect((bad as unknown[]).filter((value) => accepts(schema, value))).toEqual([])
  })

  it('lists one or many', () => {
    expect([listOf('a'), listOf(['a', 'b']), listOf(7)]).toEqual([['a'], ['a', 'b'], [7]])
  })

  it('names the provider before the first slash', () => {
    expect(providersOf(['corp/ada', 'corp/a/b'])).toEqual([
      { noun: 'provider', name: 'corp' },
      { noun: 'provider', name: 'corp' },
    ])
  })

  it('joins words', () => {
    expect([inWords(['a']), inWords(['a', 1]), inWords(['a', 'b', true], 'and')]).toEqual(['a', 'a or 1', 'a, b and true'])
  })
})
