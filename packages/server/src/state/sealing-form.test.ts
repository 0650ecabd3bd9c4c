// What a box is made of, by another hand than that of the source: what is kept must open in every version to come.
import { createDecipheriv, createHmac, createSecretKey, hkdfSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { stateKey } from '../../../../test/support/state.ts'
import { createKeyring } from './sealing.ts'

const derived = (byte: number, purpose: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', createSecretKey(stateKey(byte)), '', `balustrade state ${purpose}`, bytes))
const keyring = createKeyring([createSecretKey(stateKey(1)), createSecretKey(stateKey(2))])

test('keys are named by eight bytes that are derived for that alone, in order', () => {
  expect(keyring.ids).toEqual([1, 2].map((byte) => derived(byte, 'key id', 8).toString('hex')))
})

test('a box is salt, nonce, tag and text, under a key of its own, bound to what it belongs to', () => {
  const { keyId, box } = keyring.seal('text: ä', ['entry', 7])
  const bytes = Buffer.from(box)
  expect(keyId).toBe(keyring.ids[0])
  const own = createHmac('sha256', derived(1, 'values', 32))
    .update(bytes.subarray(0, 16))
    .digest()
  const decipher = createDecipheriv('aes-256-gcm', own, bytes.subarray(16, 28), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(JSON.stringify([keyId, 'entry', 7])))
  decipher.setAuthTag(bytes.subarray(28, 44))
  expect(Buffer.concat([decipher.update(bytes.subarray(44)), decipher.final()]).toString('utf8')).toBe('text: ä')
})

test('boxes too short to hold a tag do not open', () => {
  const { keyId, box } = keyring.seal('', [])
  expect(box).toHaveLength(44)
  expect(keyring.open({ keyId, box }, [])).toBe('')
  for (const length of [0, 16, 28, 43]) expect(keyring.open({ keyId, box: box.subarray(0, length) }, [])).toBeNull()
})
