import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeStateWorld } from '../../../../test/support/state.ts'
import { APPLICATION_ID, migrate, SCHEMA_VERSION, schemaVersionOf } from './schema.ts'

describe('the schema', () => {
  const database = () => {
    const made = new DatabaseSync(':memory:')
    onTestFinished(() => made.close())
    return made
  }

  test('is made once, and says which it is', () => {
    const made = database()
    expect(schemaVersionOf(made)).toBe(0)
    migrate(made, 7.9)
    expect(schemaVersionOf(made)).toBe(SCHEMA_VERSION)
    migrate(made, 9)
    expect(made.prepare('SELECT * FROM version').all()).toEqual([{ version: 1, applied_at: 7 }])
    expect(made.prepare('PRAGMA application_id').get()).toEqual({ application_id: APPLICATION_ID })
  })

  test.each([
    { note: 'with tables', sql: 'CREATE TABLE mine (x)' },
    { note: 'with a mark', sql: 'PRAGMA application_id = 7' },
    { note: 'with both', sql: 'PRAGMA application_id = 7; CREATE TABLE mine (x)' },
  ])('of another program is none: $note', ({ sql }) => {
    const made = database()
    made.exec(sql)
    expect(schemaVersionOf(made)).toBeNull()
  })

  test('that another process makes in the middle of the look is that of the store', () => {
    const world = makeStateWorld()
    const [one, other] = [world.connect(), world.connect()]
    let isMade = false
    const between = {
      prepare: (sql: string) => ({
        get: () => {
          const row = one.prepare(sql).get()
          if (!isMade) migrate(other, world.time)
          isMade = true
          return row
        },
      }),
    } as unknown as Parameters<typeof schemaVersionOf>[0]
    expect(schemaVersionOf(between)).toBe(SCHEMA_VERSION)
  })

  test('of a program that came between is left as it is', () => {
    const made = database()
    made.exec('CREATE TABLE mine (x)')
    expect(() => migrate(made, 7)).toThrow('no such table')
    expect(schemaVersionOf(made)).toBeNull()
    const alike = database()
    alike.exec('CREATE TABLE version (version, applied_at)')
    migrate(alike, 7)
    expect(alike.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'version' }])
    expect(alike.prepare('SELECT * FROM version').all()).toEqual([])
  })
})
