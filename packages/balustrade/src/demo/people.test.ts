import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findByPassword, loadPeople } from './people.ts'

const folder = mkdtempSync(join(tmpdir(), 'balustrade-people-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('secrets are made once, for nobody else to read', () => {
  const file = join(folder, 'people.json')
  const people = loadPeople(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(loadPeople(file)).toEqual(people)
  expect(loadPeople(join(folder, 'others.json'))).not.toEqual(people)
  expect(new Set(people.map(({ password }) => password)).size).toBe(people.length)
  expect(people.map(({ totpSecret }) => totpSecret.length)).toEqual(people.map(() => 20))
  for (const { password } of people) expect(password).toMatch(/^[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}$/)
})

test('there are members, administrators, both and none', () => {
  const groups = loadPeople(join(folder, 'people.json')).map((person) => [person.name, ...person.groups])
  expect(groups).toEqual([['mia', 'members'], ['ada', 'administrators'], ['uma', 'members', 'administrators'], ['gus']])
})

test('a name counts with its own password alone', () => {
  const people = loadPeople(join(folder, 'people.json'))
  const [mia, ada] = people
  expect(findByPassword(people, 'mia', mia?.password ?? '')).toBe(mia)
  for (const [name, password] of [
    ['mia', ada?.password ?? ''],
    ['Mia', mia?.password ?? ''],
    ['mia', `${mia?.password} `],
    ['mia', ''],
    ['', ''],
    ['nobody', ''],
    ['constructor', ''],
  ] as const)
    expect(findByPassword(people, name, password)).toBeNull()
})
