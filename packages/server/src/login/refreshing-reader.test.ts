// Which sessions are refreshed, and what is remembered of refreshes, with a reader that answers at once.
import type { Session, SessionFound } from '@balustrade/core/kit'
import { expect, test } from 'vitest'
import { clientNamed } from '../../../../test/support/login-stage.ts'
import { scriptedStore } from '../../../../test/support/store-in-memory.ts'
import type { LoginContext } from './login-context.ts'
import { createRefreshingReader } from './refresh.ts'

const NOW = 1_795_514_400_000
const EVERY = 600_000
const sessionOf = (id: string, given: Partial<Session> = {}): Session => ({
  id,
  provider: 'corp',
  subject: 'ada',
  claims: { iat: NOW / 1_000 },
  proofs: [{}],
  expiresAt: NOW + 1_000_000,
  ...given,
})

/** Every refresh that is begun fails, and is told. */
const open = ({ grace = 0 } = {}) => {
  const clock = { now: () => NOW, monotonic: () => 0 }
  const { store } = scriptedStore(clock, { silent: ['add'] })
  let session = sessionOf('a')
  let troubles = 0
  const context = {
    store,
    clock,
    settings: { clients: { corp: clientNamed('corp', { refresh: { every: EVERY, grace } }), plain: clientNamed('plain') } },
    sessions: { reader: { find: (): SessionFound => ({ status: 'found', session, unconfirmed: false }) } },
    onTrouble: () => troubles++,
  } as unknown as LoginContext
  const reader = createRefreshingReader(context)
  return {
    troubles: () => troubles,
    find: (next: Session) => {
      session = next
      return reader.find('secret', { now: NOW, lenient: false })
    },
  }
}

test.each<{ note: string; given: Partial<Session> }>([
  { note: 'whose claims are new', given: {} },
  { note: 'whose claims are as old as they may be', given: { claims: { iat: (NOW - EVERY + 1_000) / 1_000 } } },
  { note: 'of a client that asks for none', given: { provider: 'plain', claims: {} } },
  { note: 'of a provider without a client', given: { provider: 'gone', claims: {} } },
  { note: 'of a provider that has the name of something else', given: { provider: 'toString', claims: {} } },
])('a session $note is given at once', ({ given }) => {
  const { find, troubles } = open()
  const session = sessionOf('a', given)
  expect(find(session)).toEqual({ status: 'found', session, unconfirmed: false })
  expect(troubles()).toBe(0)
})

test.each<{ note: string; claims: Session['claims'] }>([
  { note: 'are too old', claims: { iat: (NOW - EVERY) / 1_000 } },
  { note: 'do not say how old they are', claims: {} },
  { note: 'say it in quotes', claims: { iat: String(NOW / 1_000) } },
])('one whose claims $note is refreshed first, and not good while that fails', async ({ claims }) => {
  const { find, troubles } = open({ grace: -1 })
  const finding = find(sessionOf('a', { claims }))
  expect(finding).toBeInstanceOf(Promise)
  expect(await finding).toEqual({ status: 'unavailable' })
  expect(troubles()).toBe(1)
})

test('what failed is remembered of ten thousand sessions', async () => {
  const { find, troubles } = open()
  const due = sessionOf('a', { claims: {} })
  for (let times = 0; times < 3; times++) await find(due)
  expect(troubles()).toBe(1)
  for (let n = 0; n < 9_999; n++) void find(sessionOf(`${n}`))
  await find(due)
  expect(troubles()).toBe(1)
  void find(sessionOf('one more'))
  await find(due)
  expect(troubles()).toBe(2)
})
