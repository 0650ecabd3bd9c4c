import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLru } from './lru.ts'

test('keeps the last half used, and forgets what was not used for longest', () => {
  const lru = createLru<string, number>(4)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.set('c', 3)
  expect(lru.get('a')).toBe(1)
  lru.set('d', 4)
  lru.set('e', 5)
  expect(['b', 'd', 'e'].map((key) => lru.get(key))).toEqual([undefined, 4, 5])
})

test('setting again replaces the value and takes no second place', () => {
  const lru = createLru<string, number>(4)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.set('a', 3)
  lru.set('b', 4)
  lru.set('c', 5)
  expect(['a', 'b', 'c'].map((key) => lru.get(key))).toEqual([3, 4, 5])
})

test('holds nothing once cleared', () => {
  const lru = createLru<string, number>(4)
  for (const key of ['a', 'b', 'c']) lru.set(key, 1)
  lru.clear()
  expect(['a', 'b', 'c'].map((key) => lru.get(key))).toEqual([undefined, undefined, undefined])
})

test('property: at most max entries, never a stale value, and the last max / 2 keys used are there', () => {
  const step = fc.tuple(fc.constantFrom('get', 'set'), fc.nat({ max: 12 }))
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.array(step, { maxLength: 80 }), (max, steps) => {
      const lru = createLru<number, number>(max)
      const values = new Map<number, number>()
      let used: readonly number[] = []
      for (const [i, [verb, key]] of steps.entries()) {
        if (verb === 'set') {
          lru.set(key, i)
          values.set(key, i)
        } else {
          const found = lru.get(key)
          if (found === undefined) expect(used.slice(-Math.floor(max / 2))).not.toContain(key)
          else expect(found).toBe(values.get(key))
          if (found === undefined) continue
        }
        used = [...used.filter((k) => k !== key), key]
      }
      expect([...values.keys()].filter((key) => lru.get(key) !== undefined).length).toBeLessThanOrEqual(max)
    }),
  )
})
