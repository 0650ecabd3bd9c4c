import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
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

test('who does not get it keeps nothing open', () => {
  const folder = makeFolder()
  const first = lockFolder(folder)
  for (let i = 0; i < 2_000; i++) expect(lockFolder(folder).ok).toBe(false)
  if (first.ok) first.release()
})

test('a folder where it cannot be made is not busy', () => {
  const folder = makeFolder()
  mkdirSync(join(folder, 'lock'))
  expect(lockFolder(folder)).toEqual({ ok: false, busy: false })
  expect(lockFolder(join(folder, 'none'))).toEqual({ ok: false, busy: false })
})
