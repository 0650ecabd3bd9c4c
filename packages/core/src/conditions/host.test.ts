import { describe, expect, it } from 'vitest'
import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { exampleFacts } from '../testing/example-facts.ts'
import { host } from './host.ts'

const at = (host: string) => ({ host })

describeVerdicts(host, [
  { note: 'exact', spec: 'acme.pay.example.com', gives: 'met' },
  { note: 'any first label', spec: '*.pay.example.com', gives: 'met' },
  { note: 'captured first label', spec: '$tenant.pay.example.com', gives: 'met' },
  { note: 'one of several', spec: ['example.com', '*.pay.example.com'], gives: 'met' },
  { note: 'an address', spec: '[2001:db8::1]', facts: at('[2001:db8::1]'), gives: 'met' },
  { note: 'two labels for one', spec: '*.example.com', gives: 'other' },
  { note: 'no label for one', spec: '*.pay.example.com', facts: at('pay.example.com'), gives: 'other' },
  { note: 'an empty label for one', spec: '*.pay.example.com', facts: at('.pay.example.com'), gives: 'other' },
  { note: 'the same ending of another domain', spec: '*.pay.example.com', facts: at('acme.notpay.example.com'), gives: 'other' },
  { note: 'another host', spec: 'pay.example.com', gives: 'other' },
])

describe('what a host captures', () => {
  const [capture] = host.captures?.('$tenant.pay.example.com') ?? []

  it.each([
    ['acme.pay.example.com', 'acme'],
    ['pay.example.com', undefined],
    ['a.acme.pay.example.com', undefined],
    ['acme.example.com', undefined],
  ])('binds of %s the label %s', (name, label) => {
    expect(capture).toMatchObject({ name: 'tenant', from: 'host' })
    expect(capture?.bind({ ...exampleFacts, host: name })).toBe(label)
  })

  it('is nothing without a name', () => {
    expect(host.captures?.(['*.pay.example.com', 'pay.example.com'])).toEqual([])
  })
})
