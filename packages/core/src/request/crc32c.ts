/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), reflected polynomial. */
const POLYNOMIAL = 0x82f63b78

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc
})

/** The checksum of the bytes with four of them, from `blank` on, taken for zero; -1: none is. Unsigned. */
export const crc32c = (bytes: Uint8Array, blank: number): number => {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) {
    const octet = blank >= 0 && i >= blank && i < blank + 4 ? 0 : (bytes[i] as number)
    crc = ((TABLE[(crc ^ octet) & 0xff] as number) ^ (crc >>> 8)) >>> 0
  }
  return (crc ^ 0xffffffff) >>> 0
}
