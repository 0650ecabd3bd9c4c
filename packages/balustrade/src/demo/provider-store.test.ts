import { beforeEach, describe, expect, test } from 'vitest'
import { createProviderStores, type ProviderStore } from './provider-store.ts'

describe('what the provider keeps', () => {
  let time = 0
  let store: ProviderStore
  beforeEach(() => {
    time = 1_000_000
    store = createProviderStores(() => time)()
  })

  test('is found until its time is over', async () => {
    await store.upsert('a', { x: 1 }, 10)
    time += 9_999
    expect(await store.find('a')).toEqual({ x: 1 })
    time += 1
    expect(await store.find('a')).toBeUndefined()
  })

  test('is of its kind alone', async () => {
    await store.upsert('a', { x: 1 }, 10)
    expect(await createProviderStores(() => time)().find('a')).toBeUndefined()
  })

  test('is found by its uid, whatever its id is by now', async () => {
    await store.upsert('first', { uid: 'u' }, 10)
    await store.destroy('first')
    await store.upsert('second', { uid: 'u', n: 2 }, 10)
    expect(await store.findByUid('u')).toEqual({ uid: 'u', n: 2 })
    await store.destroy('second')
    expect(await store.findByUid('u')).toBeUndefined()
    expect(await store.findByUid('other')).toBeUndefined()
  })

  test('is marked when it was used, and lives no longer for that', async () => {
    await store.upsert('code', { exp: time / 1_000 + 60 }, 60)
    await store.consume('code')
    expect(await store.find('code')).toMatchObject({ consumed: 1_000 })
    time += 60_000
    expect(await store.find('code')).toBeUndefined()
    await store.consume('gone')
    expect(await store.find('gone')).toBeUndefined()
  })

  test('goes as a whole with its grant', async () => {
    await store.upsert('a', { grantId: 'g' }, 10)
    await store.upsert('b', { grantId: 'g' }, 10)
    await store.upsert('c', { grantId: 'h' }, 10)
    await store.revokeByGrantId('g')
    expect(await Promise.all(['a', 'b', 'c'].map(store.find))).toEqual([undefined, undefined, { grantId: 'h' }])
    await store.revokeByGrantId('none')
  })

  test('is bounded', async () => {
    for (let index = 0; index <= 2_000; index++) await store.upsert(`id-${index}`, { index }, 10)
    expect(await store.find('id-0')).toBeUndefined()
    expect(await store.find('id-1')).toEqual({ index: 1 })
    expect(await store.find('id-2000')).toEqual({ index: 2_000 })
  })
})
