import { createSecretKey } from 'node:crypto'
import type { KeyFound } from '@balustrade/core/kit'
import { describe, expect, test } from 'vitest'
import { addressAt } from '../../../../test/support/keys.ts'
import type { Stored } from '../state/state-store.ts'
import { createKeyReader } from './find-key.ts'
import type { KeptKey } from './kept-key.ts'
import { drawKey, writeKey } from './key-form.ts'
import { createKeyMemory, type Seen } from './key-memory.ts'
import { createSecretHashing } from './secret-hashing.ts'

const [newest, old, gone] = [1, 2, 3].map((byte) => createSecretKey(Buffer.alloc(32, byte)))
const hashing = createSecretHashing([newest as never, old as never])
const PARTS = drawKey()
const GONE = createSecretHashing([gone as never]).hash(PARTS.secret)
const TEXT = writeKey(PARTS)
const NOW = 1_000

const keptOf = (given: Partial<KeptKey> = {}): KeptKey => ({
  id: PARTS.id,
  hash: hashing.hash(PARTS.secret),
  subject: 'reporter',
  owner: 'payments@example.com',
  scopes: [],
  networks: [],
  createdAt: 0,
  expiresAt: NOW + 1,
  life: NOW + 1,
  revokedAt: null,
  rotatedTo: null,
  ...given,
})
const seenOf = (given: Partial<KeptKey> = {}): Seen =>
  createKeyMemory(() => {}).remember({ kept: keptOf(given), version: 1 }, { at: 0, isWatched: true })

interface Known {
  readonly current?: Seen | null
  /** What the store says; undefined: it does not answer. */
  readonly stored?: Seen | null
  readonly knownLately?: Seen | null
}

const readerOf = ({ current = null, stored, knownLately = null }: Known) => {
  const [asked, old]: [string[], string[]] = [[], []]
  const known = {
    current: (id: string) => (id === PARTS.id ? current : null),
    ask: (id: string): Promise<Stored<Seen | null>> => {
      asked.push(id)
      return Promise.resolve(stored === undefined ? { ok: false } : { ok: true, value: stored })
    },
    knownLately: (id: string) => (id === PARTS.id ? knownLately : null),
    changed: () => {},
    all: () => [],
    close: () => {},
  }
  const { find } = createKeyReader({ known, hashing, onOldHash: (_seen, secret) => void old.push(secret) })
  return {
    asked,
    old,
    find: (text = TEXT, { lenient = false, now = NOW, address = '192.0.2.1' } = {}) =>
      find(text, { now, lenient, address: addressAt(address) }),
  }
}
const wordFor = (found: KeyFound): string =>
  found.status === 'refused' ? found.code : found.status === 'found' && found.unconfirmed ? 'unconfirmed' : found.status

const verdicts: readonly {
  readonly note: string
  readonly given: Partial<KeptKey>
  readonly text?: string
  readonly word: string
}[] = [
  { note: 'good', given: {}, word: 'found' },
  { note: 'with another secret', given: {}, text: writeKey({ ...drawKey(), id: PARTS.id }), word: 'key.unknown' },
  {
    note: 'with another secret, of one that was revoked',
    given: { revokedAt: 1 },
    text: writeKey({ ...drawKey(), id: PARTS.id }),
    word: 'key.unknown',
  },
  {
    note: 'under a key of the state that is gone',
    given: { hash: GONE },
    word: 'unavailable',
  },
  { note: 'revoked', given: { revokedAt: NOW }, word: 'key.revoked' },
  { note: 'revoked and expired', given: { revokedAt: NOW, expiresAt: NOW }, word: 'key.revoked' },
  { note: 'at its end', given: { expiresAt: NOW }, word: 'key.expired' },
  { note: 'expired, from elsewhere', given: { expiresAt: NOW, networks: ['10.0.0.0/8'] }, word: 'key.expired' },
  { note: 'from elsewhere', given: { networks: ['10.0.0.0/8'] }, word: 'key.network' },
  { note: 'from where it may be used', given: { networks: ['192.0.2.0/24'] }, word: 'found' },
]

describe('a key is judged the same way, whether it is known or asked for', () => {
  test.each(verdicts)('$note: $word', async ({ given, text, word }) => {
    const [current, stored] = [seenOf(given), seenOf(given)]
    const warm = readerOf({ current })
    const found = warm.find(text)
    expect(found).not.toBeInstanceOf(Promise)
    expect(wordFor(await found)).toBe(word)
    expect(warm.asked).toEqual([])
    const cold = readerOf({ stored })
    expect(wordFor(await cold.find(text))).toBe(word)
    expect(cold.asked).toEqual([PARTS.id])
    for (const seen of [current, stored]) expect(seen.usedAt).toBe(word === 'found' ? NOW : 0)
  })

  test('what has not the form of a key asks nobody', async () => {
    const { find, asked } = readerOf({ stored: seenOf() })
    for (const text of ['', 'balk_', `${TEXT.slice(0, -1)}!`]) expect(wordFor(await find(text))).toBe('key.malformed')
    expect(asked).toEqual([])
  })

  test('one that is not there is unknown', async () => {
    expect(wordFor(await readerOf({ stored: null }).find())).toBe('key.unknown')
  })

  test('an earlier use is none after a later one', () => {
    const current = seenOf()
    current.usedAt = NOW + 5
    void readerOf({ current }).find()
    expect(current.usedAt).toBe(NOW + 5)
  })

  test('one that rests on an older key of the state is told of with its secret, and only when it is good', async () => {
    const hash = createSecretHashing([old as never]).hash(PARTS.secret)
    const [good, revoked, current] = [{ hash }, { hash, revokedAt: 1 }, {}].map((given) => readerOf({ current: seenOf(given) }))
    for (const reader of [good, revoked, current]) await reader?.find()
    expect([good?.old, revoked?.old, current?.old]).toEqual([[PARTS.secret], [], []])
  })
})

describe('the store does not answer', () => {
  test('nothing was known lately', async () => {
    const { find } = readerOf({})
    for (const lenient of [false, true]) expect(wordFor(await find(TEXT, { lenient }))).toBe('unavailable')
  })

  test.each(verdicts)('known lately, $note', async ({ given, text, word }) => {
    const { find } = readerOf({ knownLately: seenOf(given) })
    expect(wordFor(await find(text))).toBe('unavailable')
    expect(wordFor(await find(text, { lenient: true }))).toBe(word === 'found' ? 'unconfirmed' : word)
  })
})
