import { expect, test } from 'vitest'
import type { ServiceImage } from '../model/policy-image.ts'
import { createManagedByService } from './managed-by-service.ts'

const service = (forwardCredential: boolean): ServiceImage => ({
  hosts: ['a.test'],
  under: [],
  upstream: 'http://127.0.0.1:1',
  audience: ['a'],
  providers: [],
  credentials: ['jwt'],
  routing: { caseSensitive: true, trailingSlash: 'unknown', caseStated: false, accepts: [] },
  cors: null,
  identityHeaders: { user: 'X-User', kind: 'X_Kind', groups: 'X.Groups', roles: 'x-roles', assertion: 'X-Assertion' },
  forwardCredential,
  audit: 'bounded',
  recheck: 60_000,
  operations: [],
})

test('the names of a service are its identity headers, folded, and the credential unless it asks for it', () => {
  const managedBy = createManagedByService()
  const identity = ['x-user', 'x-kind', 'x-groups', 'x-roles', 'x-assertion']
  expect(managedBy(service(true))).toEqual(new Set(identity))
  expect(managedBy(service(false))).toEqual(new Set([...identity, 'authorization']))
})

test('names are folded once for each service', () => {
  const managedBy = createManagedByService()
  const one = service(true)
  expect(managedBy(one)).toBe(managedBy(one))
})
