import type { JsonObject, JsonValue } from '@balustrade/core/kit'
import { describe, expect, test } from 'vitest'
import { keptJson, type KeptKey, readKept } from './kept-key.ts'

const KEPT: KeptKey = {
  id: 'AAAAAAAAAAA',
  hash: { under: 'k1', mac: 'mac' },
  subject: 'reporter',
  owner: 'payments@example.com',
  scopes: ['charges.read'],
  networks: ['10.0.0.0/8'],
  createdAt: 1,
  expiresAt: 2,
  life: 1,
  revokedAt: null,
  rotatedTo: null,
}
const written = () => keptJson(KEPT)
const NAMES = Object.keys(KEPT).filter((name) => name !== 'id')

describe('a key as it is written', () => {
  test.each<{ note: string; kept: KeptKey }>([
    { note: 'good', kept: KEPT },
    { note: 'revoked', kept: { ...KEPT, revokedAt: 2 } },
    { note: 'rotated', kept: { ...KEPT, rotatedTo: 'BBBBBBBBBBB' } },
    { note: 'with neither scopes nor networks', kept: { ...KEPT, scopes: [], networks: [] } },
  ])('is read back as it was: $note', ({ kept }) => {
    expect(readKept(kept.id, JSON.parse(JSON.stringify(keptJson(kept))) as JsonValue)).toEqual(kept)
  })

  test('does not hold the name under which it is written', () => expect(written()).not.toHaveProperty('id'))

  test.each<{ note: string; value: () => JsonValue }>([
    { note: 'nothing', value: () => null },
    { note: 'a text', value: () => 'key' },
    { note: 'a list', value: () => [] },
    ...NAMES.map((name) => ({
      note: `without ${name}`,
      value: () => {
        const { [name]: _left, ...rest } = written()
        return rest as JsonObject
      },
    })),
    ...(
      [
        ['subject', 7],
        ['owner', null],
        ['createdAt', '1'],
        ['expiresAt', null],
        ['life', '1'],
        ['revokedAt', '2'],
        ['rotatedTo', 7],
        ['hash', 'mac'],
        ['hash', { under: 'k1' }],
        ['hash', { mac: 'mac' }],
        ['hash', { under: 7, mac: 'mac' }],
        ['hash', { under: 'k1', mac: 7 }],
        ['scopes', 'charges.read'],
        ['scopes', ['charges.read', 7]],
        ['networks', null],
        ['networks', [7]],
      ] as const
    ).map(([name, value]) => ({
      note: `${name}: ${JSON.stringify(value)}`,
      value: () => ({ ...written(), [name]: value }) as JsonObject,
    })),
  ])('is none: $note', ({ value }) => expect(readKept('AAAAAAAAAAA', value())).toBeNull())
})
