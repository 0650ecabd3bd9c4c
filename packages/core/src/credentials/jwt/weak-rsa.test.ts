import { createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeSigningKey } from '../../../../../test/support/issuer.ts'
import { isSoundRsa } from './weak-rsa.ts'

const PRIMES = [
  3n,
  5n,
  7n,
  11n,
  13n,
  17n,
  19n,
  23n,
  29n,
  31n,
  37n,
  41n,
  43n,
  47n,
  53n,
  59n,
  61n,
  67n,
  71n,
  73n,
  79n,
  83n,
  89n,
  97n,
  101n,
  103n,
  107n,
  109n,
  113n,
  127n,
  131n,
  137n,
  139n,
  149n,
  151n,
  157n,
  163n,
  167n,
]
const PRIMORIAL = PRIMES.reduce((product, prime) => product * prime, 2n)
const power = (exponent: number): bigint => {
  let value = 1n
  for (let i = 0; i < exponent; i++) value = (value * 65_537n) % PRIMORIAL
  return value
}
const E = 65_537n
/** A power of two, and so no modulus of that library: 2 is no power of 65537 modulo 11. */
const bits = (count: number): bigint => 2n ** BigInt(count - 1)

test('must pass: a modulus of today', () => {
  const jwk = createPublicKey(makeSigningKey('RS256', 'r1').privateKey).export({ format: 'jwk' })
  const modulus = BigInt(`0x${Buffer.from(jwk.n ?? '', 'base64url').toString('hex')}`)
  expect(isSoundRsa(modulus, E)).toBe(true)
})

test('from 2048 to 8192 bits', () => {
  expect([2_047, 2_048, 8_192, 8_193].map((count) => isSoundRsa(bits(count), E))).toEqual([false, true, true, false])
  expect(isSoundRsa(0n, E)).toBe(false)
})

test('exponents from 65537 below 2^256', () => {
  const exponents = [0n, 1n, 3n, 65_536n, 65_537n, 2n ** 256n - 1n, 2n ** 256n]
  expect(exponents.map((exponent) => isSoundRsa(bits(2_048), exponent))).toEqual([false, false, false, false, true, true, false])
})

test('CVE-2017-15361: a modulus that is a power of 65537 modulo the primorial', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.bigInt(1n, 2n ** 64n), (exponent, factor) => {
      const modulus = power(exponent) + PRIMORIAL * (bits(2_100) / PRIMORIAL + factor)
      expect(isSoundRsa(modulus, E)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test('one prime that disagrees clears a modulus', () => {
  for (const prime of PRIMES) {
    const residues = new Set(Array.from({ length: Number(prime) }, (_, i) => 65_537n ** BigInt(i) % prime))
    const other = Array.from({ length: Number(prime) - 1 }, (_, i) => BigInt(i) + 1n).find((residue) => !residues.has(residue))
    if (other === undefined) continue
    const rest = PRIMORIAL / prime
    let modulus = 1n + rest * (bits(2_100) / rest)
    while (modulus % prime !== other) modulus += rest
    expect(isSoundRsa(modulus, E), String(prime)).toBe(true)
  }
})
