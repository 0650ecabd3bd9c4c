import { describe, expect, test } from 'vitest'
import type { Method } from '../model/access-request.ts'
import type { OperationImage, PolicyImage, ServiceImage } from '../model/policy-image.ts'
import { exampleImage } from '../testing/example-facts.ts'
import { createOperationFinder } from './operations.ts'

const operation = (id: string, method: Method, template: readonly (string | null)[]): OperationImage => ({
  id,
  method,
  template,
  tags: [`about ${id}`],
})

const imageOf = (operations: readonly OperationImage[]): PolicyImage => ({
  ...exampleImage,
  services: {
    payments: { ...(exampleImage.services.payments as ServiceImage), operations },
    console: exampleImage.services.console as ServiceImage,
  },
})

/** Most concrete first, as in an image. */
const OPERATIONS = [
  operation('mine', 'GET', ['users', 'me', 'keys']),
  operation('me', 'GET', ['users', 'me']),
  operation('keys', 'GET', ['users', null, 'keys']),
  operation('user', 'GET', ['users', null]),
  operation('remove', 'DELETE', ['users', null]),
  operation('list', 'GET', ['users']),
  operation('create', 'POST', ['users']),
  operation('anything', 'GET', [null, null]),
  operation('root', 'GET', []),
]

const find = createOperationFinder(imageOf(OPERATIONS))

describe('which operation', () => {
  test.each([
    { note: 'literal segments', method: 'GET', segments: ['users'], id: 'list' },
    { note: 'by method', method: 'POST', segments: ['users'], id: 'create' },
    { note: 'HEAD is read as GET', method: 'HEAD', segments: ['users'], id: 'list' },
    { note: 'a parameter', method: 'GET', segments: ['users', '7'], id: 'user' },
    { note: 'a literal before a parameter', method: 'GET', segments: ['users', 'me'], id: 'me' },
    { note: 'a parameter where the literal has another method', method: 'DELETE', segments: ['users', 'me'], id: 'remove' },
    { note: 'a literal below a literal', method: 'GET', segments: ['users', 'me', 'keys'], id: 'mine' },
    { note: 'a literal below a parameter', method: 'GET', segments: ['users', '7', 'keys'], id: 'keys' },
    { note: 'the root', method: 'GET', segments: [], id: 'root' },
    { note: 'parameters alone', method: 'GET', segments: ['groups', 'x'], id: 'anything' },
    { note: 'segments are compared exactly', method: 'GET', segments: ['Users'], id: null },
    { note: 'another method', method: 'PUT', segments: ['users'], id: null },
    { note: 'too few segments', method: 'GET', segments: ['groups'], id: null },
    { note: 'too many segments', method: 'GET', segments: ['users', '7', 'keys', 'x'], id: null },
    { note: 'OPTIONS is not read as GET', method: 'OPTIONS', segments: ['users'], id: null },
  ] satisfies readonly { note: string; method: Method; segments: readonly string[]; id: string | null }[])(
    '$note',
    ({ method, segments, id }) => {
      expect(find('payments', method, segments)).toEqual({ id, tags: id === null ? [] : [`about ${id}`] })
    },
  )

  test('a service without a document has none', () => {
    expect(find('console', 'GET', ['users'])).toBeNull()
    expect(find('nowhere', 'GET', ['users'])).toBeNull()
  })

  test.each([
    { note: 'a parameter that the document puts first', first: [null, 'b'], second: ['a', null] },
    { note: 'a literal that the document puts first', first: ['a', null], second: [null, 'b'] },
  ])('of several templates the first of the document: $note', ({ first, second }) => {
    const finder = createOperationFinder(imageOf([operation('first', 'GET', first), operation('second', 'GET', second)]))
    expect(finder('payments', 'GET', ['a', 'b'])?.id).toBe('first')
  })

  test('with the sets of scopes that its document asks for', () => {
    const scopes = [['orders:read'], ['orders:*', 'audit']]
    const finder = createOperationFinder(
      imageOf([{ ...operation('first', 'GET', ['a']), scopes }, operation('open', 'GET', ['b'])]),
    )
    expect(finder('payments', 'GET', ['a'])).toEqual({ id: 'first', tags: ['about first'], scopes })
    expect(finder('payments', 'GET', ['b'])).toEqual({ id: 'open', tags: ['about open'] })
  })

  test('of one template twice the first', () => {
    const finder = createOperationFinder(imageOf([operation('first', 'GET', ['a']), operation('second', 'GET', ['a'])]))
    expect(finder('payments', 'GET', ['a'])?.id).toBe('first')
  })
})
