import { describe, expect, test } from 'vitest'
import { all, any, is, never, not } from '../../../../test/support/small-policy.ts'
import { CONDITIONS } from '../catalogue.ts'
import { METHODS, type Method } from '../model/access-request.ts'
import type { Condition } from '../model/condition.ts'
import type { PathPattern } from '../model/path-pattern.ts'
import type { Formula } from '../model/policy-image.ts'
import { createReachReader, methodBit } from './hints.ts'
import { createInterner } from './intern.ts'

const conditionOf = (name: string): Condition => {
  const found = CONDITIONS.find(({ place, key }) => `${place}.${key}` === name)
  if (found === undefined) throw new Error(`no condition ${name}`)
  return found
}

const textOf = (pattern: PathPattern | null): string =>
  pattern === null
    ? ''
    : `/${[...pattern.segments.map(({ literal }) => literal ?? '*'), ...(pattern.rest ? ['**'] : [])].join('/')}`

const methodsIn = (mask: number): string => METHODS.filter((method) => (mask & methodBit(method)) !== 0).join()
const EVERY = METHODS.join()

/** Postings as `service path methods`; every method is left out. */
const reachOf = (what: Formula | null) => {
  const { postings, exact } = createReachReader(conditionOf, createInterner())(what)
  const told = postings.map(({ service, pattern, methods }) => {
    const listed = methodsIn(methods)
    return [service ?? 'any', textOf(pattern), listed === EVERY ? '' : listed].join(' ').trimEnd()
  })
  return { postings: told, exact }
}

const path = (...patterns: readonly string[]) => is('what.path', patterns)
const service = (...names: readonly string[]) => is('what.service', names)
const method = (...names: readonly Method[]) => is('what.method', names)
const UNHINTED = is('what.tag', 'money')

test('one bit a method, of which HEAD shares that of GET', () => {
  expect(methodBit('HEAD')).toBe(methodBit('GET'))
  const bits = METHODS.filter((name) => name !== 'HEAD').map(methodBit)
  expect(new Set(bits).size).toBe(METHODS.length - 1)
  for (const bit of bits) expect(Math.log2(bit) % 1).toBe(0)
})

describe('where a rule is posted', () => {
  test.each([
    { note: 'nothing written', what: null, postings: ['any'], exact: true },
    { note: 'all of nothing', what: all(), postings: ['any'], exact: true },
    { note: 'any of nothing', what: any(), postings: [], exact: true },
    { note: 'a condition without a hint', what: UNHINTED, postings: ['any'], exact: false },
    { note: 'not gives none', what: not(service('console')), postings: ['any'], exact: false },
    { note: 'never gives none', what: never, postings: ['any'], exact: false },
    { note: 'a service', what: service('console'), postings: ['console'], exact: true },
    { note: 'services', what: service('console', 'legacy'), postings: ['console', 'legacy'], exact: true },
    { note: 'methods', what: method('POST', 'PUT'), postings: ['any  POST,PUT'], exact: true },
    { note: 'GET means HEAD', what: method('GET'), postings: ['any  GET,HEAD'], exact: true },
    {
      note: 'paths, as they are spelled',
      what: path('/a', '/b/$x/**'),
      postings: ['any /a', 'any /b/*/**'],
      exact: 'as-spelled',
    },
    { note: 'a path without a literal', what: path('/*/**'), postings: ['any /*/**'], exact: true },
    { note: 'a trailing slash has to be tested', what: path('/a/', '/b'), postings: ['any /a', 'any /b'], exact: false },
    {
      note: 'what is no pattern leads nowhere: its condition is never met',
      what: path('no-slash'),
      postings: [],
      exact: 'as-spelled',
    },
    {
      note: 'all',
      what: all(service('console'), method('POST'), path('/a')),
      postings: ['console /a POST'],
      exact: 'as-spelled',
    },
    { note: 'all, in another order', what: all(path('/a'), service('console')), postings: ['console /a'], exact: 'as-spelled' },
    {
      note: 'each with each',
      what: all(service('console', 'legacy'), path('/a', '/b')),
      postings: ['console /a', 'console /b', 'legacy /a', 'legacy /b'],
      exact: 'as-spelled',
    },
    { note: 'services that differ', what: all(service('console'), service('legacy')), postings: [], exact: true },
    {
      note: 'services in common',
      what: all(service('console', 'legacy'), service('legacy', 'payments')),
      postings: ['legacy'],
      exact: true,
    },
    { note: 'methods that differ', what: all(method('POST'), method('PUT')), postings: [], exact: true },
    { note: 'methods in common', what: all(method('POST', 'PUT'), method('PUT', 'PATCH')), postings: ['any  PUT'], exact: true },
    { note: 'of two paths the first, tested', what: all(path('/a/*'), path('/*/b')), postings: ['any /a/*'], exact: false },
    { note: 'all with one that has no hint', what: all(service('console'), UNHINTED), postings: ['console'], exact: false },
    {
      note: 'all that begins with one that has none',
      what: all(UNHINTED, service('console')),
      postings: ['console'],
      exact: false,
    },
    { note: 'as spelled and untested', what: all(path('/a'), UNHINTED), postings: ['any /a'], exact: false },
    { note: 'any', what: any(service('console'), method('POST')), postings: ['console', 'any  POST'], exact: true },
    {
      note: 'any, one of them as spelled',
      what: any(path('/a'), method('POST')),
      postings: ['any /a', 'any  POST'],
      exact: 'as-spelled',
    },
    {
      note: 'any, one of them tested',
      what: any(path('/a'), UNHINTED, path('/b')),
      postings: ['any /a', 'any', 'any /b'],
      exact: false,
    },
    {
      note: 'nested',
      what: all(any(service('console'), service('legacy')), any(path('/a'), method('POST'))),
      postings: ['console /a', 'console  POST', 'legacy /a', 'legacy  POST'],
      exact: 'as-spelled',
    },
  ])('$note', ({ what, postings, exact }) => expect(reachOf(what)).toEqual({ postings, exact }))

  const paths = (count: number, prefix: string) => path(...Array.from({ length: count }, (_none, i) => `/${prefix}${i}`))

  test.each([
    { note: 'many paths are posted each', what: paths(256, 'a'), count: 256, exact: 'as-spelled' },
    { note: 'any: too many are posted everywhere', what: any(paths(200, 'a'), paths(57, 'b')), count: 1, exact: false },
    { note: 'any: just as many as may be', what: any(paths(200, 'a'), paths(56, 'b')), count: 256, exact: 'as-spelled' },
    {
      note: 'all: just as many as may be',
      what: all(paths(128, 'a'), service('console', 'legacy')),
      count: 256,
      exact: 'as-spelled',
    },
    {
      note: 'all: a first part that is too many stays as it is',
      what: all(paths(257, 'a'), service('console')),
      count: 257,
      exact: false,
    },
    {
      note: 'all: too many are posted as the first part',
      what: all(paths(129, 'a'), service('console', 'legacy')),
      count: 129,
      exact: false,
    },
  ])('bounds: $note', ({ what, count, exact }) => {
    const reach = reachOf(what)
    expect([reach.postings.length, reach.exact]).toEqual([count, exact])
  })

  test('too many alternatives are posted at every service, path and method', () => {
    expect(reachOf(any(paths(200, 'a'), paths(57, 'b'))).postings).toEqual(['any'])
  })
})

describe('hints', () => {
  test('are read once for equal specs that capture nothing', () => {
    const asked: string[] = []
    const condition = conditionOf('what.method')
    const index: Condition['index'] = (spec) => {
      asked.push(JSON.stringify(spec))
      return condition.index?.(spec) ?? { exact: false }
    }
    const read = createReachReader(() => ({ ...condition, index }), createInterner())
    read(method('POST'))
    expect(asked).toHaveLength(1)
    const counted = { ...condition, index }
    const reader = createReachReader(() => counted, createInterner())
    for (const name of ['POST', 'PUT', 'POST'] as const) expect(reader(method(name)).postings[0]?.methods).toBe(methodBit(name))
    expect(asked.slice(1)).toEqual(['["POST"]', '["PUT"]'])
  })

  test('of two conditions with one spec are kept apart', () => {
    const byName: Readonly<Record<string, Condition>> = {
      'what.method': conditionOf('what.method'),
      'what.service': conditionOf('what.service'),
    }
    const read = createReachReader((name) => byName[name] as Condition, createInterner())
    expect(read(is('what.method', 'POST')).postings[0]).toMatchObject({ service: null })
    expect(read(is('what.service', 'POST')).postings[0]).toMatchObject({ service: 'POST' })
  })
})
