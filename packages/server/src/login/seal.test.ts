import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeals } from './seal.ts'

const key = () => createSecretKey(randomBytes(32))
const [first, second] = [key(), key()]
const seals = createSeals([first])
const CONTENT = { target: '/orders', at: 1, list: ['a', null] }

describe('must pass', () => {
  test('what was sealed opens, under an older key too', () => {
    const sealed = seals.seal('start', CONTENT)
    expect(seals.open('start', sealed)).toEqual(CONTENT)
    expect(createSeals([second, first]).open('start', sealed)).toEqual(CONTENT)
  })

  test('the newest key seals', () => {
    const sealed = createSeals([second, first]).seal('start', CONTENT)
    expect(createSeals([second]).open('start', sealed)).toEqual(CONTENT)
    expect(createSeals([first]).open('start', sealed)).toBeNull()
  })
})

describe('nothing else opens', () => {
  test('for another use, or under another key', () => {
    const sealed = seals.seal('start', CONTENT)
    expect(seals.open('resume', sealed)).toBeNull()
    expect(createSeals([second]).open('start', sealed)).toBeNull()
  })

  test('with any one bit changed, or cut', () => {
    const bytes = Buffer.from(seals.seal('start', CONTENT), 'base64url')
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), fc.nat(bytes.length), (bit, length) => {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(seals.open('start', changed.toString('base64url'))).toBeNull()
        if (length < bytes.length) expect(seals.open('start', bytes.subarray(0, length).toString('base64url'))).toBeNull()
      }),
    )
  })

  test('any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(seals.open('start', text)).toBeNull()
      }),
    )
  })

  test('in another spelling of base64', () => {
    const sealed = seals.seal('start', CONTENT)
    for (const text of [`${sealed}=`, ` ${sealed}`, `${sealed}\n`]) expect(seals.open('start', text)).toBeNull()
  })
})

test('says nothing, and is another every time', () => {
  const sealed = [seals.seal('start', CONTENT), seals.seal('start', CONTENT)]
  expect(new Set(sealed).size).toBe(2)
  for (const text of sealed) expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('orders')
})

test('needs a key', () => expect(() => createSeals([])).toThrow(RangeError))
