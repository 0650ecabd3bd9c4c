import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import { canCountOpenFiles, openFilesLeft } from '../../../../test/support/open-files.ts'
import { lockFolder } from './writer-lock.ts'

test('one holds it at a time', () => {
  const folder = makeFolder()
  const first = lockFolder(folder)
  if (!first.ok) throw new Error('not locked')
  expect(lockFolder(folder)).toEqual({ ok: false, busy: true })
  expect(lockFolder(folder)).toEqual({ ok: false, busy: true })
  first.release()
  const second = lockFolder(folder)
  expect(second.ok).toBe(true)
  expect(readFileSync(join(folder, 'lock')).length).toBe(0)
  if (second.ok) second.release()
})

test.skipIf(!canCountOpenFiles)('who does not get it, or gives it back, keeps nothing open', async () => {
  const folder = makeFolder()
  const first = lockFolder(folder)
  expect(await openFilesLeft(() => lockFolder(folder))).toBe(0)
  if (first.ok) first.release()
  const takeAndRelease = () => {
    const lock = lockFolder(folder)
    if (lock.ok) lock.release()
  }
  expect(await openFilesLeft(takeAndRelease)).toBe(0)
})

test('a folder where it cannot be made is not busy', () => {
  const folder = makeFolder()
  mkdirSync(join(folder, 'lock'))
  expect(lockFolder(folder)).toEqual({ ok: false, busy: false })
  expect(lockFolder(join(folder, 'none'))).toEqual({ ok: false, busy: false })
})
