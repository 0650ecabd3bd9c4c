import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import { sha256Hex } from '../lib/digest.ts'
import { createImageStore } from './image-store.ts'

const JSON_TEXT = '{"services":[{"name":"café \u{1f98a}"}]}'
const digestOf = (text: string): string => `sha256:${sha256Hex(text)}`

describe('images', () => {
  test('come back as they were kept, by another store as well', async () => {
    const folder = makeFolder()
    const digest = digestOf(JSON_TEXT)
    expect(await createImageStore(folder).keep(digest, JSON_TEXT)).toBe(true)
    expect(await createImageStore(folder).keep(digest, JSON_TEXT)).toBe(true)
    expect(createImageStore(folder).read(digest)).toBe(JSON_TEXT)
    expect(readdirSync(join(folder, 'images'))).toEqual([`${digest.slice(7)}.json`])
  })

  test('kept twice at once', async () => {
    const folder = makeFolder()
    const store = createImageStore(folder)
    const kept = await Promise.all(Array.from({ length: 8 }, () => store.keep(digestOf(JSON_TEXT), JSON_TEXT)))
    expect(kept).toEqual(Array(8).fill(true))
    expect(readdirSync(join(folder, 'images'))).toHaveLength(1)
  })

  test('a file that is not what its name says is not read, and kept anew', async () => {
    const folder = makeFolder()
    const store = createImageStore(folder)
    const digest = digestOf(JSON_TEXT)
    await store.keep(digest, JSON_TEXT)
    const file = join(folder, 'images', `${digest.slice(7)}.json`)
    for (const damage of [JSON_TEXT.replace('name', 'nome'), '', JSON_TEXT.slice(1)]) {
      writeFileSync(file, damage)
      expect(store.read(digest)).toBeNull()
      expect(await store.keep(digest, JSON_TEXT)).toBe(true)
      expect(readFileSync(file, 'utf8')).toBe(JSON_TEXT)
    }
  })

  const wrong = [
    '',
    'sha256:',
    `sha256:${'g'.repeat(64)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:../../${'a'.repeat(58)}`,
    `md5:${'a'.repeat(64)}`,
    digestOf('another'),
  ]
  test.each(wrong)('%s is not its digest', async (digest) => {
    const folder = makeFolder()
    const store = createImageStore(folder)
    expect(await store.keep(digest, JSON_TEXT)).toBe(false)
    expect(store.read(digest)).toBeNull()
    expect(readdirSync(folder)).toEqual([])
  })

  test('what cannot get its name leaves nothing behind', async () => {
    const folder = makeFolder()
    const store = createImageStore(folder)
    const name = `${digestOf(JSON_TEXT).slice(7)}.json`
    mkdirSync(join(folder, 'images', name), { recursive: true })
    expect(await store.keep(digestOf(JSON_TEXT), JSON_TEXT)).toBe(false)
    expect(store.read(digestOf(JSON_TEXT))).toBeNull()
    expect(readdirSync(join(folder, 'images'))).toEqual([name])
  })

  test('what is kept already is not written again', async () => {
    const folder = makeFolder()
    const store = createImageStore(folder)
    const file = join(folder, 'images', `${digestOf(JSON_TEXT).slice(7)}.json`)
    await store.keep(digestOf(JSON_TEXT), JSON_TEXT)
    const { ino } = statSync(file)
    expect(await store.keep(digestOf(JSON_TEXT), JSON_TEXT)).toBe(true)
    expect(statSync(file).ino).toBe(ino)
  })

  test('only their owner may read them', async () => {
    const folder = makeFolder()
    await createImageStore(folder).keep(digestOf(JSON_TEXT), JSON_TEXT)
    expect(statSync(join(folder, 'images')).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'images', `${digestOf(JSON_TEXT).slice(7)}.json`)).mode & 0o777).toBe(0o600)
  })

  test('a folder that cannot be made is false, not an exception', async () => {
    const folder = makeFolder()
    writeFileSync(join(folder, 'images'), '')
    chmodSync(folder, 0o700)
    const store = createImageStore(folder)
    expect(await store.keep(digestOf(JSON_TEXT), JSON_TEXT)).toBe(false)
    expect(store.read(digestOf(JSON_TEXT))).toBeNull()
  })
})
