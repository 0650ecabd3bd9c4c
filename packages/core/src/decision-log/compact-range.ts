import { hash } from 'node:crypto'

/**
 * A tree that only grows (RFC 6962 section 2.1), as its compact range. Hashes are strings of 32 latin1 characters: on the path
 * of every record a Buffer for each hash costs more than the hash.
 */
export interface RangeState {
  readonly size: number
  /** Roots of the perfect subtrees, largest first. */
  readonly hashes: readonly string[]
}

export interface CompactRange {
  readonly size: number
  append(leaf: string): void
  /** The root over all leaves so far, 32 latin1 characters. */
  root(): string
  state(): RangeState
}

export const EMPTY_RANGE: RangeState = { size: 0, hashes: [] }

const HASH_BYTES = 32
const HEX = /^[0-9a-f]{64}$/

/**
 * H(0x00 || line) for the line at [from, to) of a buffer that nothing else reads: the byte before it is borrowed for the
 * prefix and put back.
 */
export const leafHashAt = (buffer: Buffer, from: number, to: number): string => {
  const before = buffer[from - 1] as number
  buffer[from - 1] = 0
  const leaf = hash('sha256', buffer.subarray(from - 1, to), 'binary')
  buffer[from - 1] = before
  return leaf
}

const createNodeHash = (): ((left: string, right: string) => string) => {
  const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1)
  return (left, right) => {
    node.write(left, 1, 'latin1')
    node.write(right, 1 + HASH_BYTES, 'latin1')
    return hash('sha256', node, 'binary')
  }
}

export const createCompactRange = (state: RangeState = EMPTY_RANGE): CompactRange => {
  const nodeHash = createNodeHash()
  const hashes = [...state.hashes]
  let size = state.size
  return {
    get size() {
      return size
    },
    append: (leaf) => {
      let carried = leaf
      // Sizes may pass 2^32, beyond what >>> can do.
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) carried = nodeHash(hashes.pop() as string, carried)
      hashes.push(carried)
      size++
    },
    root: () => {
      if (hashes.length === 0) return hash('sha256', '', 'binary')
      return hashes.reduceRight((right, left) => nodeHash(left, right))
    },
    state: () => ({ size, hashes: [...hashes] }),
  }
}

export const rootOf = (state: RangeState): string => createCompactRange(state).root()

export const hashToBytes = (text: string): Buffer => Buffer.from(text, 'latin1')

const countBits = (n: number): number => {
  let count = 0
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}

/** A state as a record keeps it: hashes in hex. */
export const formatRangeState = (state: RangeState): { readonly size: number; readonly hashes: readonly string[] } => ({
  size: state.size,
  hashes: state.hashes.map((text) => hashToBytes(text).toString('hex')),
})

/** Reads what formatRangeState wrote; null for what could not be the state of a tree. */
export const parseRangeState = (value: unknown): RangeState | null => {
  const { size: given, hashes } = (value ?? {}) as Readonly<Record<string, unknown>>
  const size = Number.isSafeInteger(given) ? (given as number) : -1
  if (size < 0 || !Array.isArray(hashes) || hashes.length !== countBits(size)) return null
  if (!hashes.every((text) => typeof text === 'string' && HEX.test(text))) return null
  return { size, hashes: hashes.map((text: string) => Buffer.from(text, 'hex').toString('latin1')) }
}
