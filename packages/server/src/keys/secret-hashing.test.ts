import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type * as Crypto from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { createSecretHashing, type SecretHash } from './secret-hashing.ts'

// The real one, watched.
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof Crypto>()
  return { ...real, timingSafeEqual: vi.fn<typeof real.timingSafeEqual>(real.timingSafeEqual) }
})

const keyOf = (byte: number): KeyObject => createSecretKey(Buffer.alloc(32, byte))
const old = createSecretHashing([keyOf(1)])
const both = createSecretHashing([keyOf(2), keyOf(1)])
const newest = createSecretHashing([keyOf(2)])

describe('a hash', () => {
  test('is that of its secret, under the key it names', () => {
    const kept = old.hash('secret')
    expect([old, both, newest].map(({ matches }) => matches('secret', kept))).toEqual([true, true, null])
    expect([old, both].map(({ matches }) => matches('Secret', kept))).toEqual([false, false])
  })

  test('is compared in constant time, whether or not it is the same', () => {
    const kept = old.hash('secret')
    for (const secret of ['secret', 'another', '']) {
      vi.mocked(timingSafeEqual).mockClear()
      old.matches(secret, kept)
      expect(timingSafeEqual).toHaveBeenCalledTimes(1)
    }
  })

  test('is made under the newest key', () => {
    const kept = both.hash('secret')
    expect([both, newest].map(({ isNewest }) => isNewest(kept))).toEqual([true, true])
    expect(both.isNewest(old.hash('secret'))).toBe(false)
    expect(kept).toEqual(newest.hash('secret'))
  })

  test('is not that of the key of the state itself, which seals', () => {
    const direct = createHmac('sha256', keyOf(1)).update('secret').digest('base64url')
    expect(old.hash('secret').mac).not.toBe(direct)
  })

  test.each([
    { note: 'is empty', change: () => '' },
    { note: 'is cut', change: (mac: string) => mac.slice(0, -2) },
    { note: 'is longer', change: (mac: string) => `${mac}AAAA` },
    { note: 'is another', change: (mac: string) => `${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}` },
  ])('matches nothing where it $note', ({ change }) => {
    const kept = old.hash('secret')
    const changed: SecretHash = { ...kept, mac: change(kept.mac) }
    expect(old.matches('secret', changed)).toBe(false)
  })
})
