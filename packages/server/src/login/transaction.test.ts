import { type JsonObject, sha256Base64Url } from '@balustrade/core/kit'
import { describe, expect, test } from 'vitest'
import { scriptedStore } from '../../../../test/support/store-in-memory.ts'
import type { LoginContext } from './login-context.ts'
import { keepTransaction, takeTransaction, type Transaction } from './transaction.ts'

const NOW = 1_000_000
const TRANSACTION: Transaction = {
  browser: 'b',
  provider: 'corp',
  nonce: 'n',
  verifier: 'v',
  begunAt: NOW,
  start: {
    service: 'payments',
    origin: 'https://pay.example.com',
    target: '/orders',
    demand: { loginAge: null, level: null, factorAge: null, acr: null },
    present: null,
    form: null,
    marks: [],
    at: NOW,
  },
}
const NONE = { ok: true, transaction: null }

const open = () => {
  let now = NOW
  const scripted = scriptedStore({ now: () => now, monotonic: () => 0 })
  const context = { store: scripted.store } as LoginContext
  return {
    ...scripted,
    keep: (transaction = TRANSACTION) => keepTransaction(context, transaction),
    take: (state: string) => takeTransaction(context, state),
    advance: (ms: number) => void (now += ms),
  }
}

describe('a login under way', () => {
  test('is taken by its state, once', async () => {
    const { keep, take } = open()
    const state = (await keep()) ?? ''
    expect(state).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await take(state)).toEqual({ ok: true, transaction: TRANSACTION })
    expect(await take(state)).toEqual(NONE)
  })

  test('is taken by one of several at once', async () => {
    const { keep, take } = open()
    const state = (await keep()) ?? ''
    const taken = await Promise.all([take(state), take(state), take(state)])
    expect(taken.filter((each) => each.ok && each.transaction !== null)).toHaveLength(1)
  })

  test('is kept under the hash of its state alone', async () => {
    const { keep, real } = open()
    const state = (await keep()) ?? ''
    const entries = await real.list('login')
    expect(entries).toMatchObject({ ok: true, value: [{ key: sha256Base64Url(state), tags: [], expiresAt: NOW + 600_000 }] })
    expect(JSON.stringify(entries)).not.toContain(state)
  })

  test('lasts ten minutes from when it was begun', async () => {
    const { keep, take, advance } = open()
    const [first, second] = [(await keep()) ?? '', (await keep()) ?? '']
    expect(second).not.toBe(first)
    advance(599_999)
    expect(await take(first)).toMatchObject({ transaction: { nonce: 'n' } })
    advance(1)
    expect(await take(second)).toEqual(NONE)
  })

  test('is not begun where it cannot be kept, or another stands in its place', async () => {
    const { keep, silence, store } = open()
    silence(['add'])
    expect(await keep()).toBeNull()
    const full = { store: { ...store, add: () => Promise.resolve({ ok: true, value: false }) } } as unknown as LoginContext
    expect(await keepTransaction(full, TRANSACTION)).toBeNull()
  })

  test('cannot be told from none where the store does not answer', async () => {
    const { keep, take, silence } = open()
    const state = (await keep()) ?? ''
    silence(['take'])
    expect(await take(state)).toEqual({ ok: false })
  })

  test.each<{ note: string; change: (kept: JsonObject) => JsonObject | null }>([
    { note: 'nothing', change: () => null },
    ...['browser', 'provider', 'nonce', 'verifier', 'begunAt', 'start'].map((name) => ({
      note: `without ${name}`,
      change: ({ [name]: _left, ...rest }: JsonObject) => rest as JsonObject,
    })),
    { note: 'a time in quotes', change: (kept) => ({ ...kept, begunAt: '1' }) },
    {
      note: 'a start that leads elsewhere',
      change: (kept) => ({ ...kept, start: { ...(kept['start'] as JsonObject), target: '//e' } }),
    },
  ])('is none where it cannot be read back: $note', async ({ change }) => {
    const { keep, take, real } = open()
    const state = (await keep()) ?? ''
    const taken = await real.take('login', sha256Base64Url(state))
    if (!taken.ok || taken.value === null) throw new Error('not kept')
    const { value, expiresAt, tags } = taken.value
    await real.add('login', sha256Base64Url(state), { value: change(value as JsonObject), expiresAt, tags })
    expect(await take(state)).toEqual(NONE)
  })
})
