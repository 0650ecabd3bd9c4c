import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { corpus } from './corpora.ts'
import { planFor } from './needs.ts'
import { peer } from './peer.ts'

describe('a need', () => {
  test.each([
    { note: 'present', path: '/there', ci: undefined, plan: 'run' },
    { note: 'present in CI', path: '/there', ci: 'true', plan: 'run' },
    { note: 'absent', path: null, ci: undefined, plan: 'skip' },
    { note: 'absent where CI says false', path: null, ci: 'false', plan: 'skip' },
    { note: 'absent in CI', path: null, ci: 'true', plan: 'fail' },
  ])('$note: $plan', ({ path, ci, plan }) => expect(planFor({ what: 'a thing', path }, ci)).toBe(plan))
})

test('a corpus that is not there is null, and one that is there is its folder', () => {
  expect(corpus('no-such-corpus')).toBeNull()
  const url = corpus('url')
  expect(url === null || existsSync(url)).toBe(true)
})

test('a program is found on the PATH, and one that is not installed is null', () => {
  expect(peer('node')).toMatch(/node$/)
  expect(peer('no-such-program')).toBeNull()
})
