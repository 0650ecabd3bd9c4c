import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogKey } from '@balustrade/core'
import { readConfig } from './read-config.ts'
import { resolveConfig } from './resolve-config.ts'

const HOUR = 3_600_000
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'balustrade-people-'))
  for (const name of ['log.pem', 'assertion.pem']) writeFileSync(join(folder, name), createLogKey().pem, { mode: 0o600 })
  writeFileSync(join(folder, 'state.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'short.key'), Buffer.alloc(31, 7).toString('base64'), { mode: 0o600 })
  writeFileSync(join(folder, 'client.secret'), 'CANARY-client-secret\n', { mode: 0o600 })
  writeFileSync(join(folder, 'theme.css'), 'h1{color:teal}', { mode: 0o644 })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const BASE = `balustrade: 1
policy: ./policy
listeners: [{ address: '127.0.0.1:0' }]
observe: { address: '127.0.0.1:0' }
log: { folder: ./log, origin: test, key: { file: ./log.pem } }
assertion: { issuer: https://gateway.example, key: { file: ./assertion.pem } }
`
const STATE = 'state: { file: ./state.db, keys: [{ file: ./state.key }] }\n'

const resolved = (more: string) => {
  const file = join(folder, 'balustrade.yaml')
  writeFileSync(file, BASE + more)
  const config = readConfig(file)
  return config.ok ? resolveConfig(config.config) : config
}
const people = (more: string) => {
  const made = resolved(more)
  if (!made.ok) throw new Error(JSON.stringify(made.faults))
  return made.settings.people
}
const faults = (more: string) => {
  const made = resolved(more)
  return made.ok ? [] : made.faults.map(({ code, line }) => [code, line])
}

describe('what is accepted', () => {
  test('nothing at all: a point that remembers nobody', () => {
    expect(people('')).toEqual({
      state: null,
      sessions: { absolute: 12 * HOUR, idle: HOUR },
      longestKeyLife: 365 * 24 * HOUR,
      clients: {},
      theme: { name: '', style: '' },
    })
  })

  test('everything', () => {
    const made = people(
      `${STATE}sessions: { absolute: 8h, idle: 30m }
api-keys: { longest-life: 90d }
pages: { name: Example Ltd, style: { file: ./theme.css } }
login:
  providers:
    corp: { client-id: gateway, client-secret: { file: ./client.secret }, scopes: [profile, openid], userinfo: true, refresh: { every: 10m }, name: Example login }
`,
    )
    expect(made.sessions).toEqual({ absolute: 8 * HOUR, idle: HOUR / 2 })
    expect(made.longestKeyLife).toBe(90 * 24 * HOUR)
    expect(made.theme).toEqual({ name: 'Example Ltd', style: 'h1{color:teal}' })
    expect(made.state?.file).toBe(join(folder, 'state.db'))
    expect(made.state?.keys.map((key) => key.export())).toEqual([Buffer.alloc(32, 7)])
    expect(made.clients['corp']).toMatchObject({
      id: 'gateway',
      scopes: ['openid', 'profile'],
      userinfo: true,
      refresh: { every: HOUR / 6, grace: HOUR },
      name: 'Example login',
      ca: null,
    })
    expect(made.clients['corp']?.secret?.reveal()).toBe('CANARY-client-secret')
    expect(inspect(made, { depth: 9, showHidden: true }) + JSON.stringify(made)).not.toContain('CANARY')
  })
})

describe('what is refused, and where', () => {
  test.each([
    {
      note: 'login without a place to remember',
      more: 'login: { providers: { corp: { client-id: x } } }\n',
      code: 'config.state_missing',
      line: 7,
    },
    { note: 'sessions without one', more: 'sessions: { idle: 1h }\n', code: 'config.state_missing', line: 7 },
    {
      note: 'a key that is too short',
      more: 'state: { file: ./s.db, keys: [{ file: ./short.key }] }\n',
      code: 'config.state_key',
      line: 7,
    },
    { note: 'a life of nothing', more: `${STATE}sessions: { idle: 0s }\n`, code: 'config.duration', line: 8 },
    { note: 'a life in words', more: `${STATE}sessions: { idle: an hour }\n`, code: 'config.invalid', line: 8 },
    {
      note: 'a secret written out',
      more: `${STATE}login: { providers: { corp: { client-id: x, client-secret: hunter2 } } }\n`,
      code: 'config.invalid',
      line: 8,
    },
    { note: 'no key', more: 'state: { file: ./s.db, keys: [] }\n', code: 'config.invalid', line: 7 },
    {
      note: 'a secret that is not there',
      more: `${STATE}login: { providers: { corp: { client-id: x, client-secret: { file: ./none } } } }\n`,
      code: 'config.secret_unreadable',
      line: 8,
    },
  ])('$note', ({ more, code, line }) => expect(faults(more)).toEqual([[code, line]]))

  test('a key that others may read', () => {
    chmodSync(join(folder, 'state.key'), 0o640)
    expect(faults(STATE)).toEqual([['config.key_readable', 7]])
  })
})
