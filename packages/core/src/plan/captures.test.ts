import { describe, expect, test } from 'vitest'
import { all, any, factsWith, is, never, not } from '../../../../test/support/small-policy.ts'
import { CONDITIONS } from '../catalogue.ts'
import type { Condition } from '../model/condition.ts'
import type { Formula } from '../model/policy-image.ts'
import { createCaptureReader } from './captures.ts'
import { createInterner } from './intern.ts'

const conditionOf = (name: string): Condition => {
  const found = CONDITIONS.find(({ place, key }) => `${place}.${key}` === name)
  if (found === undefined) throw new Error(`no condition ${name}`)
  return found
}

const path = (pattern: string) => is('what.path', pattern)
const host = (pattern: string) => is('what.host', pattern)
const at = (name: string, ...segments: readonly string[]) => factsWith({ host: name, path: { segments, trailingSlash: false } })
const ACME = at('acme.pay.example.com', 'tenants', 'acme')

describe('what a name is bound to', () => {
  const bound = (what: Formula | null, facts = ACME, name = 'tenant') =>
    createCaptureReader(conditionOf, createInterner())(what)(name)?.bind(facts)

  test.each([
    { note: 'a segment', what: path('/tenants/$tenant'), value: 'acme' },
    { note: 'the first label of the host', what: host('$tenant.pay.example.com'), value: 'acme' },
    { note: 'a condition that captures nothing', what: is('what.method', 'GET'), value: undefined },
    { note: 'another name', what: path('/tenants/$other'), value: undefined },
    { note: 'no `what`', what: null, value: undefined },
    { note: 'a pattern of another path', what: path('/users/$tenant'), value: undefined },
    { note: 'under all', what: all(is('what.method', 'GET'), path('/tenants/$tenant')), value: 'acme' },
    { note: 'under any', what: any(path('/users/$tenant'), path('/tenants/$tenant')), value: 'acme' },
    { note: 'under not', what: not(path('/tenants/$tenant')), value: undefined },
    { note: 'never', what: never, value: undefined },
    { note: 'nested', what: all(any(all(path('/tenants/$tenant')))), value: 'acme' },
    { note: 'two that say the same', what: all(path('/tenants/$tenant'), host('$tenant.pay.example.com')), value: 'acme' },
    {
      note: 'two of which the last is about another path',
      what: any(host('$tenant.pay.example.com'), path('/users/$tenant')),
      value: 'acme',
    },
    {
      note: 'two of which one is about another path',
      what: any(path('/users/$tenant'), host('$tenant.pay.example.com')),
      value: 'acme',
    },
    {
      note: 'two of which neither is about this request',
      what: any(path('/users/$tenant'), host('$tenant.other.example')),
      value: undefined,
    },
  ])('$note', ({ what, value }) => expect(bound(what)).toBe(value))

  test('two that differ bind nothing', () => {
    const what = all(path('/tenants/$tenant'), host('$tenant.pay.example.com'))
    expect(bound(what, at('globex.pay.example.com', 'tenants', 'acme'))).toBeUndefined()
  })

  test('names apart', () => {
    const what = all(path('/tenants/$tenant/$thing'), host('$other.pay.example.com'))
    const facts = at('globex.pay.example.com', 'tenants', 'acme', 'charges')
    expect(['tenant', 'thing', 'other'].map((name) => bound(what, facts, name))).toEqual(['acme', 'charges', 'globex'])
  })
})

describe('the key of a binding', () => {
  const read = createCaptureReader(conditionOf, createInterner())
  const keyOf = (what: Formula, name = 'tenant') => read(what)(name)?.key

  test('is that of where the value comes from', () => {
    const key = keyOf(path('/tenants/$tenant'))
    expect(key).toBe(keyOf(all(is('what.method', 'GET'), path('/tenants/$tenant'))))
    expect(key).not.toBe(keyOf(path('/users/$tenant')))
    expect(key).not.toBe(keyOf(host('$tenant.pay.example.com')))
  })

  test('of several places holds each once, in one order', () => {
    const both = keyOf(all(path('/tenants/$tenant'), host('$tenant.pay.example.com')))
    expect(keyOf(all(host('$tenant.pay.example.com'), path('/tenants/$tenant'), host('$tenant.pay.example.com')))).toBe(both)
    expect(both).not.toBe(keyOf(path('/tenants/$tenant')))
  })

  test('nobody captures it: none', () => {
    expect(read(path('/tenants/$tenant'))('other')).toBeNull()
    expect(read(null)('tenant')).toBeNull()
  })
})

describe('reading', () => {
  const counting = () => {
    const read: string[] = []
    const condition = conditionOf('what.path')
    const captures: Condition['captures'] = (spec) => {
      read.push(spec as string)
      return condition.captures?.(spec) ?? []
    }
    return { read, capturesOf: createCaptureReader(() => ({ ...condition, captures }), createInterner()) }
  }

  test('waits until somebody asks, and is done once', () => {
    const { read, capturesOf } = counting()
    const binding = capturesOf(path('/tenants/$tenant'))
    expect(read).toEqual([])
    binding('tenant')
    binding('other')
    expect(read).toEqual(['/tenants/$tenant'])
  })

  test('is shared between rules that write the same', () => {
    const { read, capturesOf } = counting()
    for (const pattern of ['/a/$tenant', '/b/$tenant', '/a/$tenant']) expect(capturesOf(path(pattern))('tenant')).not.toBeNull()
    expect(read).toEqual(['/a/$tenant', '/b/$tenant'])
  })
})
