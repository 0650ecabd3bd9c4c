import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLru } from './lru.ts'

test('forgets what was used least recently', () => {
  const lru = createLru<string, number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  expect(lru.get('a')).toBe(1)
  lru.set('c', 3)
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3])
})

test('setting again is a use and takes no second place', () => {
  const lru = createLru<string, number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.set('a', 3)
  lru.set('c', 4)
  expect([lru.get('a'), lru.get('b'), lru.size]).toEqual([3, undefined, 2])
})

test('keeps undefined as a value', () => {
  const lru = createLru<string, undefined>(1)
  lru.set('a', undefined)
  expect([lru.get('a'), lru.size, lru.delete('a'), lru.delete('a'), lru.size]).toEqual([undefined, 1, true, false, 0])
})

test('property: behaves as a list ordered by use', () => {
  const step = fc.tuple(fc.constantFrom('get', 'set', 'delete', 'clear'), fc.nat({ max: 5 }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (max, steps) => {
      const lru = createLru<number, number>(max)
      let model: (readonly [number, number])[] = []
      for (const [i, [verb, key]] of steps.entries()) {
        const known = model.find(([k]) => k === key)
        const others = model.filter(([k]) => k !== key)
        if (verb === 'get') {
          expect(lru.get(key)).toBe(known?.[1])
          if (known) model = [...others, known]
        } else if (verb === 'set') {
          lru.set(key, i)
          model = [...others, [key, i] as const].slice(-max)
        } else if (verb === 'delete') {
          expect(lru.delete(key)).toBe(known !== undefined)
          model = others
        } else {
          lru.clear()
          model = []
        }
        expect(lru.size).toBe(model.length)
      }
    }),
  )
})
