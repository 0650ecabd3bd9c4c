import { describe, expect, test } from 'vitest'
import { findStale, redact } from '../../scripts/install.mjs'

const here = { os: [process.platform], cpu: [process.arch] }

describe('what makes node_modules stale', () => {
  const wanted = {
    '': { name: 'whole' },
    'packages/core': { version: '1.0.0' },
    'node_modules/@balustrade/core': { resolved: 'packages/core', link: true },
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/tool-here': { version: '1.0.0', integrity: 'y', optional: true, ...here },
    'node_modules/tool-elsewhere': { version: '1.0.0', integrity: 'z', optional: true, os: ['plan9'], cpu: ['mips'] },
    'node_modules/tool-musl': { version: '1.0.0', integrity: 'z', optional: true, libc: ['musl'], ...here },
    'packages/core/node_modules/b': { version: '2.0.0', integrity: 'w' },
  }
  const { '': _whole, 'node_modules/tool-elsewhere': _elsewhere, 'node_modules/tool-musl': _musl, ...installed } = wanted

  test('nothing, when all that belongs here is there', () => expect(findStale(wanted, installed)).toBeUndefined())

  test.each([
    { note: 'a package is missing', change: { 'node_modules/a': undefined }, stale: 'node_modules/a' },
    { note: 'another version', change: { 'node_modules/a': { version: '1.0.1', integrity: 'x' } }, stale: 'node_modules/a' },
    { note: 'other content', change: { 'node_modules/a': { version: '1.0.0', integrity: 'q' } }, stale: 'node_modules/a' },
    {
      note: 'a nested package is missing',
      change: { 'packages/core/node_modules/b': undefined },
      stale: 'packages/core/node_modules/b',
    },
    {
      note: 'a workspace is not linked',
      change: { 'node_modules/@balustrade/core': undefined },
      stale: 'node_modules/@balustrade/core',
    },
    {
      note: 'the tool of this platform is missing',
      change: { 'node_modules/tool-here': undefined },
      stale: 'node_modules/tool-here',
    },
  ])('$note', ({ change, stale }) => expect(findStale(wanted, { ...installed, ...change })).toBe(stale))
})

test('addresses are taken out of what npm says', () => {
  expect(redact('GET https://user:secret@example.com/a failed, see git+ssh://example.com/b')).toBe(
    'GET (address) failed, see (address)',
  )
})
