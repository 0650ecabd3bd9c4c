import { describe, expect, test } from 'vitest'
import { keyParts } from '../../../../test/support/key-parts.ts'
import { DAY } from '../../../../test/support/keys.ts'
import { START } from '../../../../test/support/sessions.ts'
import type { KeptKey } from './kept-key.ts'

const KEPT: KeptKey = {
  id: 'a',
  hash: { under: 'k1', mac: 'mac' },
  subject: 'reporter',
  owner: 'payments@example.com',
  scopes: [],
  networks: [],
  createdAt: START,
  expiresAt: START + DAY,
  life: DAY,
  revokedAt: null,
  rotatedTo: null,
}
const value = (given: unknown) => ({ ok: true, value: given })
const NOT_OK = { ok: false }
const USE = { at: START + 5, expiresAt: START + DAY }

describe('a key in the store', () => {
  test('is added once, read, rewritten while it is what was read, listed and removed', async () => {
    const { ledger } = keyParts()
    expect(await ledger.read('a')).toEqual(value(null))
    expect(await ledger.add(KEPT)).toEqual(value(true))
    expect(await ledger.add(KEPT)).toEqual(value(false))
    const read = await ledger.read('a')
    if (!read.ok || read.value === null) throw new Error('not there')
    expect(read.value.kept).toEqual(KEPT)
    const next = { ...KEPT, revokedAt: START }
    expect(await ledger.rewrite(next, read.value.version)).toEqual(value(true))
    expect(await ledger.rewrite(KEPT, read.value.version)).toEqual(value(false))
    expect(await ledger.list()).toEqual(value([next]))
    expect(await ledger.remove('a')).toEqual(value(true))
    expect(await ledger.list()).toEqual(value([]))
  })

  test('is told of for ninety days after its end', async () => {
    const { ledger, real } = keyParts()
    await ledger.add(KEPT)
    expect(await real.get('api-key', 'a')).toMatchObject({ value: { expiresAt: START + 91 * DAY, tags: [] } })
  })

  test('that cannot be read back is none', async () => {
    const { ledger, real } = keyParts()
    await real.add('api-key', 'a', { value: { subject: 'reporter' }, expiresAt: Infinity, tags: [] })
    expect(await ledger.read('a')).toEqual(value(null))
    expect(await ledger.list()).toEqual(value([]))
  })
})

describe('the last use', () => {
  test('is the latest that was kept, by id', async () => {
    const { ledger, real } = keyParts()
    await real.add('used', 'session:a', { value: START + 99, expiresAt: Infinity, tags: [] })
    await real.add('used', 'api-key:odd', { value: 'x', expiresAt: Infinity, tags: [] })
    for (const at of [START + 5, START + 4, START + 6, START + 6]) await ledger.keepUse('a', { ...USE, at })
    expect(await ledger.lastUses()).toEqual(
      value(
        new Map([
          ['odd', 0],
          ['a', START + 6],
        ]),
      ),
    )
    expect(await real.get('used', 'api-key:a')).toMatchObject({ value: { expiresAt: START + 91 * DAY } })
  })

  test('asks for nothing more where it is kept already, or the store does not answer', async () => {
    const { ledger, asked, silence } = keyParts()
    await ledger.keepUse('a', USE)
    await ledger.keepUse('a', USE)
    silence(['get'])
    await ledger.keepUse('a', { ...USE, at: START + 6 })
    expect(asked).toEqual(['get', 'add', 'get', 'get'])
  })
})

test.each<{ note: string; silent: string; ask: (parts: ReturnType<typeof keyParts>) => Promise<unknown> }>([
  { note: 'a key', silent: 'get', ask: ({ ledger }) => ledger.read('a') },
  { note: 'the keys', silent: 'list', ask: ({ ledger }) => ledger.list() },
  { note: 'the last uses', silent: 'list', ask: ({ ledger }) => ledger.lastUses() },
])('whoever asks for $note is told when the store does not answer', async ({ silent, ask }) => {
  expect(await ask(keyParts({ silent: [silent] }))).toEqual(NOT_OK)
})
