/** The primes up to 167, of which the moduli of CVE-2017-15361 (ROCA) betray themselves. */
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131,
  137, 139, 149, 151, 157, 163, 167,
]
const GENERATOR = 65_537

/** The residues of the powers of 65537 modulo each prime. */
const residuesOf = (prime: number): ReadonlySet<number> => {
  const residues = new Set<number>()
  for (let power = 1; !residues.has(power); power = (power * GENERATOR) % prime) residues.add(power)
  return residues
}

const FINGERPRINT = PRIMES.map((prime) => ({ prime: BigInt(prime), residues: residuesOf(prime) }))

/** True for a modulus made as the library of CVE-2017-15361 made them: factored at modest cost. One in 2^27 others is taken for one. */
const isRoca = (modulus: bigint): boolean => FINGERPRINT.every(({ prime, residues }) => residues.has(Number(modulus % prime)))

const SHORTEST = 2_048
const LONGEST = 8_192

/**
 * True when an RSA public key may be relied upon: 2048 (RFC 7518 section 3.3) to 8192 bits (longer ones cost too much per
 * token), an exponent from 65537 below 2^256 (FIPS 186-5 section 5.4), and a modulus that is not known to be weak. Does not factor.
 */
export const isSoundRsa = (modulus: bigint, exponent: bigint): boolean => {
  const bits = modulus.toString(2).length
  const isUsualExponent = exponent >= 65_537n && exponent < 2n ** 256n
  return bits >= SHORTEST && bits <= LONGEST && isUsualExponent && !isRoca(modulus)
}
