import { expect, test } from 'vitest'
import { createExpiringMap } from './expiring-map.ts'

test('an entry is over at its end and not before', () => {
  let time = 0
  const map = createExpiringMap<number>(10, () => time)
  map.set('a', 1, 100)
  time = 99
  expect(map.get('a')).toBe(1)
  time = 100
  expect(map.get('a')).toBeUndefined()
})

test('when it is full, what is over goes first, then what was put first', () => {
  let time = 0
  const map = createExpiringMap<string>(2, () => time)
  map.set('long', 'l', 1_000)
  map.set('short', 's', 10)
  time = 10
  map.set('third', 't', 1_000)
  expect(['long', 'short', 'third'].map(map.get)).toEqual(['l', undefined, 't'])
  map.set('fourth', 'f', 1_000)
  expect(['long', 'third', 'fourth'].map(map.get)).toEqual([undefined, 't', 'f'])
})

test('putting again renews, deleting ends', () => {
  let time = 0
  const map = createExpiringMap<number>(2, () => time)
  map.set('a', 1, 10)
  map.set('b', 2, 100)
  map.set('a', 3, 100)
  time = 50
  map.set('c', 4, 100)
  expect(['a', 'b', 'c'].map(map.get)).toEqual([3, undefined, 4])
  map.delete('a')
  expect(map.get('a')).toBeUndefined()
})
