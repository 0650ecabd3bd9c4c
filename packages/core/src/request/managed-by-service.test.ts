import { expect, test } from 'vitest'
import type { ServiceImage } from '../model/policy-image.ts'
import { createManagedByService } from './managed-by-service.ts'
import { managedNames } from './managed-fields.ts'

const service = (forwardCredential: boolean): ServiceImage => ({
  hosts: ['a.test'],
  under: [],
  upstream: 'http://127.0.0.1:1',
  audience: ['a'],
  providers: [],
  credentials: ['jwt'],
  login: [],
  sessions: 'strict',
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
  for (const name of ['x-user', 'x_kind', 'x-kind', 'x.groups', 'x-groups', 'x-roles', 'x-assertion']) {
    expect(managedBy(service(true))(name), name).toBe(true)
    expect(managedBy(service(false))(name), name).toBe(true)
  }
  expect(managedBy(service(true))('authorization')).toBe(false)
  expect(managedBy(service(false))('authorization')).toBe(true)
  expect(managedBy(service(false))('accept')).toBe(false)
})

test('names are folded once for each service', () => {
  const managedBy = createManagedByService()
  const one = service(true)
  expect(managedBy(one)).toBe(managedBy(one))
})

test('a verdict is the same when asked again, and beyond the number that is kept', () => {
  const isManaged = createManagedByService()(service(true))
  const names = Array.from({ length: 2_000 }, (_none, n) => `x${n % 2 === 0 ? '-' : '_'}own-${n}`)
  for (const name of [...names, ...names]) expect(isManaged(name)).toBe(false)
  expect(isManaged('x_user')).toBe(true)
  expect(isManaged('x_user')).toBe(true)
})

test('a name is managed however the list spells it', () => {
  const isManaged = managedNames(['X-User', 'x_Team'])
  for (const name of ['x-user', 'x_user', 'x-team', 'x_team']) expect(isManaged(name), name).toBe(true)
  expect(isManaged('x-users')).toBe(false)
})
