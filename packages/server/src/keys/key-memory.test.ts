import { expect, test } from 'vitest'
import { addressAt } from '../../../../test/support/keys.ts'
import type { KeptKey } from './kept-key.ts'
import type { ReadKey } from './key-ledger.ts'
import { createKeyMemory } from './key-memory.ts'

const read = (id: string, { version = 1, networks = [] as readonly string[] } = {}): ReadKey => ({
  kept: { id, subject: 'reporter', scopes: ['a'], expiresAt: 9, networks } as unknown as KeptKey,
  version,
})
const READING = { at: 1, isWatched: true }

test('a key is answered with what it is, confirmed or not', () => {
  const seen = createKeyMemory(() => {}).remember(read('a'), { at: 7, isWatched: false })
  const key = { id: 'a', subject: 'reporter', scopes: ['a'], expiresAt: 9 }
  expect(seen).toMatchObject({
    found: { status: 'found', key, unconfirmed: false },
    unconfirmed: { status: 'found', key, unconfirmed: true },
    networks: null,
    usedAt: 0,
    usedInStore: 0,
    confirmedAt: 7,
    isFresh: false,
  })
})

test.each([
  { note: 'within one of them', networks: ['10.0.0.0/8', '192.0.2.0/24'], address: '192.0.2.9', has: true },
  { note: 'outside of all', networks: ['10.0.0.0/8', '192.0.2.0/24'], address: '192.0.3.9', has: false },
  { note: 'what is no network holds no address', networks: ['everywhere'], address: '192.0.2.9', has: false },
  { note: 'and takes nothing from the others', networks: ['everywhere', '192.0.2.0/24'], address: '192.0.2.9', has: true },
])('networks: $note', ({ networks, address, has }) => {
  const seen = createKeyMemory(() => {}).remember(read('a', { networks }), READING)
  expect(seen.networks?.has(addressAt(address))).toBe(has)
})

test('keeps the key that it had while its version is the same, and its uses in any case', () => {
  const memory = createKeyMemory(() => {})
  const first = memory.remember(read('a'), READING)
  Object.assign(first, { usedAt: 5, usedInStore: 3 })
  const second = memory.remember(read('a'), READING)
  expect([second.kept, second.found]).toEqual([first.kept, first.found])
  expect(second.found).toBe(first.found)
  const third = memory.remember(read('a', { version: 2 }), READING)
  expect(third.found).not.toBe(first.found)
  expect(third).toMatchObject({ usedAt: 5, usedInStore: 3, version: 2 })
})

test('forgets those that were read longest ago, and tells', () => {
  const forgotten: string[] = []
  const memory = createKeyMemory(({ kept }) => forgotten.push(kept.id), 3)
  for (const id of ['a', 'b', 'c', 'a', 'd', 'e']) memory.remember(read(id), READING)
  expect([...memory.all()].map(({ kept }) => kept.id)).toEqual(['a', 'd', 'e'])
  expect(forgotten).toEqual(['b', 'c'])
})

test('a change of one that is not known matters only where some were forgotten', () => {
  const memory = createKeyMemory(() => {}, 2)
  memory.remember(read('a'), READING)
  expect([memory.doubt('a'), memory.doubt('other')]).toEqual([true, false])
  for (const id of ['b', 'c']) memory.remember(read(id), READING)
  expect(memory.doubt('a')).toBe(true)
})

test('what is in doubt is not fresh, and was never good; what all are in doubt of was good before', () => {
  const memory = createKeyMemory(() => {})
  const [a, b] = [memory.remember(read('a'), READING), memory.remember(read('b'), READING)]
  memory.doubt('a')
  expect([a.isFresh, a.confirmedAt, b.isFresh]).toEqual([false, -Infinity, true])
  memory.doubtAll()
  expect([b.isFresh, b.confirmedAt]).toEqual([false, 1])
})

test('a look confirms what is not in doubt, and never earlier than before', () => {
  const memory = createKeyMemory(() => {})
  const [fresh, doubted] = [memory.remember(read('a'), READING), memory.remember(read('b'), READING)]
  memory.doubt('b')
  memory.confirm(5)
  memory.confirm(3)
  expect([fresh.confirmedAt, doubted.confirmedAt]).toEqual([5, -Infinity])
})

test('what is dropped is known no more', () => {
  const memory = createKeyMemory(() => {})
  memory.remember(read('a'), READING)
  memory.drop('a')
  expect(memory.get('a')).toBeUndefined()
})

test('twenty thousand are remembered', () => {
  const forgotten: string[] = []
  const memory = createKeyMemory(({ kept }) => forgotten.push(kept.id))
  for (let n = 0; n < 20_001; n++) memory.remember(read(`${n}`), READING)
  expect(forgotten).toEqual(['0'])
})
