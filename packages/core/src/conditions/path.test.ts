import { describe, expect, it } from 'vitest'
import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import type { PathFact } from '../model/access-request.ts'
import type { RoutingImage } from '../model/policy-image.ts'
import { exampleFacts, exampleImage } from '../testing/example-facts.ts'
import { path } from './path.ts'

const split = (text: string): PathFact => ({
  segments: text.split('/').filter(Boolean),
  trailingSlash: text.endsWith('/') && text !== '/',
})
const at = (text: string, service = 'payments') => ({ path: split(text), service })
const row = (spec: string | string[], text: string, gives: string) => ({
  note: `${spec} and ${text}`,
  spec,
  facts: at(text),
  gives,
})

const withRouting = (routing: Partial<RoutingImage>) => {
  const { payments } = exampleImage.services
  if (payments === undefined) return {}
  return { image: { ...exampleImage, services: { payments: { ...payments, routing: { ...payments.routing, ...routing } } } } }
}

describeVerdicts(path, [
  row('/', '/', 'met'),
  row('/', '/a', 'other'),
  row('/a', '/a', 'met'),
  row('/a', '/b', 'other'),
  row('/a', '/a/b', 'other'),
  row('/a/b', '/a', 'other'),
  row('/a/*', '/a/b', 'met'),
  row('/a/*', '/a', 'other'),
  row('/a/*', '/a/b/c', 'other'),
  row('/a/*/c', '/a/b/c', 'met'),
  row('/a/$x/c', '/a/b/c', 'met'),
  row('/a/**', '/a', 'met'),
  row('/a/**', '/a/', 'met'),
  row('/a/**', '/a/b/c/', 'met'),
  row('/a/**', '/ab', 'other'),
  row('/**', '/', 'met'),
  row('/**', '/a/b/', 'met'),
  row('/*/**', '/', 'other'),
  row(['/a', '/b'], '/b', 'met'),
  row('/a/', '/a/', 'met'),
  row('/a/', '/a', 'near_miss'),
  row('/a', '/a/', 'near_miss'),
  row('/a/b', '/A/b', 'near_miss'),
  row('/a/b', '/A/B/', 'near_miss'),
  row('/admin/**', '/ADMIN/x', 'near_miss'),
  row('/a/*', '/A/B', 'near_miss'),
  row('/\u00e4', '/\u00c4', 'other'),
  row('/k', '/\u212a', 'other'),
  row('/a[', '/a{', 'other'),
  row(['/a', '/A'], '/A', 'met'),
  row(['/a', '/b/**'], '/A', 'near_miss'),
  row('/my files', '/my files', 'met'),
  { note: 'cases are told apart', spec: '/a', facts: at('/A', 'console'), gives: 'other' },
  { note: 'trailing slashes are told apart', spec: '/a', facts: at('/a/', 'console'), gives: 'other' },
  { note: 'with and without a slash are two resources', spec: '/a/', facts: at('/a/', 'console'), gives: 'met' },
  { note: 'cases are one', spec: '/a', facts: at('/A', 'legacy'), gives: 'met' },
  { note: 'trailing slashes are one', spec: '/a', facts: at('/A/', 'legacy'), gives: 'met' },
  { note: 'another path where spellings are one', spec: '/a', facts: at('/b', 'legacy'), gives: 'other' },
  { note: 'a service that the image does not have', spec: '/a', facts: at('/A', 'gone'), gives: 'near_miss' },
  {
    note: 'cases stated, slashes not',
    spec: '/a',
    facts: at('/A/'),
    scope: withRouting({ caseStated: true, caseSensitive: false }),
    gives: 'near_miss',
  },
  {
    note: 'cases told apart, slashes not stated',
    spec: '/a',
    facts: at('/A/'),
    scope: withRouting({ caseStated: true }),
    gives: 'other',
  },
  {
    note: 'slashes told apart, cases not stated',
    spec: '/a',
    facts: at('/A/'),
    scope: withRouting({ trailingSlash: 'distinct' }),
    gives: 'other',
  },
  {
    note: 'slashes alike, cases not stated',
    spec: '/a',
    facts: at('/A/'),
    scope: withRouting({ trailingSlash: 'same' }),
    gives: 'near_miss',
  },
])

describe('what a path captures', () => {
  it.each([
    ['/tenants/acme/charges', 'acme'],
    ['/Tenants/ACME/charges/', 'ACME'],
    ['/tenants/acme', undefined],
    ['/tenants/acme/refunds', undefined],
  ])('binds of %s the segment %s', (text, segment) => {
    const [capture] = path.captures?.('/tenants/$tenant/charges') ?? []
    expect(capture).toMatchObject({ name: 'tenant', from: 'path', segment: 1 })
    expect(capture?.bind({ ...exampleFacts, path: split(text) })).toBe(segment)
  })

  it.each(['/a/*', '/a/**', '/', ['/a', '/b']])('is nothing for %j', (spec) => {
    expect(path.captures?.(spec)).toEqual([])
  })
})

describe('the hint of a path', () => {
  it.each([
    ['/**', true],
    ['/*/$x/**', true],
    ['/a/**', 'as-spelled'],
    ['/*', 'as-spelled'],
    ['/', 'as-spelled'],
    ['/**x/**', 'as-spelled'],
  ])('of %s is exact: %s', (spec, exact) => {
    expect(path.index?.(spec)).toEqual({ paths: [spec], exact })
  })
})
