import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import { canCountOpenFiles, openFilesLeft } from '../../../../test/support/open-files.ts'
import { openLeafReader } from './leaf-reader.ts'

const hashOf = (index: number): string => String(index).padStart(32, '\u00ff')

const open = (bytes: Buffer) => {
  const path = join(makeFolder(), 'leaves')
  writeFileSync(path, bytes)
  return openLeafReader(path)
}
const hashes = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, index) => hashOf(index)).join(''), 'latin1')

test('gives the hashes in order, a group at a time', async () => {
  const leaves = await open(hashes(7))
  expect(leaves.next()).toBeNull()
  await leaves.fill(3)
  expect([leaves.next(), leaves.next(), leaves.next(), leaves.next()]).toEqual([hashOf(0), hashOf(1), hashOf(2), null])
  await leaves.fill(2)
  expect([leaves.next(), leaves.next()]).toEqual([hashOf(3), hashOf(4)])
  await leaves.fill(5)
  expect([leaves.next(), leaves.next(), leaves.next(), leaves.next()]).toEqual([hashOf(5), hashOf(6), null, null])
  await leaves.close()
})

test('goes on behind what was taken, not behind what was made ready', async () => {
  const leaves = await open(hashes(5))
  await leaves.fill(4)
  expect(leaves.next()).toBe(hashOf(0))
  await leaves.fill(2)
  expect([leaves.next(), leaves.next(), leaves.next()]).toEqual([hashOf(1), hashOf(2), null])
  await leaves.close()
})

test('half a hash at the end is none', async () => {
  const leaves = await open(hashes(2).subarray(0, 63))
  await leaves.fill(2)
  expect([leaves.next(), leaves.next()]).toEqual([hashOf(0), null])
  await leaves.close()
})

test('a file that is not there has none', async () => {
  const leaves = await openLeafReader(join(makeFolder(), 'none'))
  await leaves.fill(3)
  expect(leaves.next()).toBeNull()
  await leaves.close()
})

test.skipIf(!canCountOpenFiles)('closes its file', async () => {
  const path = join(makeFolder(), 'leaves')
  writeFileSync(path, hashes(2))
  expect(await openFilesLeft(async () => (await openLeafReader(path)).close())).toBe(0)
})
