import { hash } from 'node:crypto'

/** A Merkle tree hash: 32 bytes of SHA-256. */
export type TreeHash = Uint8Array

/** What an incremental tree needs to go on: the roots of its perfect subtrees, largest first, one for each bit of `size`. */
export interface MerkleState {
  readonly size: number
  readonly hashes: readonly TreeHash[]
}

/** A tree that only grows, kept as its compact range: at most 53 hashes, whatever its size. */
export interface Merkle {
  readonly size: number
  /** Adds the next leaf, given its leafHash. */
  append(leaf: TreeHash): void
  /** The root over all leaves so far; that of the empty tree is SHA-256 of nothing. */
  root(): TreeHash
  /** A copy from which createMerkle goes on. */
  state(): MerkleState
}

/** A leaf of a tree, and the path that shows it to be there. */
export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly root: TreeHash
  readonly leaf: TreeHash
  readonly proof: readonly TreeHash[]
}

/** Two states of a tree, and the path that shows the second to begin with the first. */
export interface ConsistencyClaim {
  readonly size1: number
  readonly root1: TreeHash
  readonly size2: number
  readonly root2: TreeHash
  readonly proof: readonly TreeHash[]
}

const HASH_BYTES = 32

const sha256 = (data: Uint8Array): TreeHash => hash('sha256', data, 'buffer')

/** RFC 6962 section 2.1: H(0x00 || data). The prefix keeps a leaf from passing for a node. */
export const leafHash = (data: Uint8Array): TreeHash => {
  const bytes = new Uint8Array(data.length + 1)
  bytes.set(data, 1)
  return sha256(bytes)
}

/** RFC 6962 section 2.1: H(0x01 || left || right). */
export const nodeHash = (left: TreeHash, right: TreeHash): TreeHash => {
  const bytes = new Uint8Array(1 + left.length + right.length)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 1 + left.length)
  return sha256(bytes)
}

const emptyRoot = (): TreeHash => sha256(new Uint8Array(0))

const isOdd = (n: number): boolean => n % 2 === 1

// Sizes reach 2^53, beyond what >>> and & can do.
const half = (n: number): number => Math.floor(n / 2)

const countBits = (n: number): number => {
  let count = 0
  for (let rest = n; rest > 0; rest = half(rest)) count += rest % 2
  return count
}

const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0

const isHash = (value: TreeHash): boolean => value.length === HASH_BYTES

const sameHash = (a: TreeHash, b: TreeHash): boolean => isHash(a) && isHash(b) && a.every((byte, i) => byte === b[i])

/** True when a state could belong to a tree: a safe size and as many hashes of 32 bytes as the size has bits. */
export const isMerkleState = (state: MerkleState): boolean =>
  isSize(state.size) && state.hashes.length === countBits(state.size) && state.hashes.every(isHash)

/** An empty tree, or one that goes on from a state (which isMerkleState accepts; that it is the right one is not checked). */
export const createMerkle = (state: MerkleState = { size: 0, hashes: [] }): Merkle => {
  let size = state.size
  const hashes = [...state.hashes]
  return {
    get size() {
      return size
    },
    append: (leaf) => {
      let carried = leaf
      for (let rest = size; isOdd(rest); rest = half(rest)) carried = nodeHash(hashes.pop() as TreeHash, carried)
      hashes.push(carried)
      size++
    },
    root: () =>
      hashes.reduceRight<TreeHash | undefined>((right, left) => (right ? nodeHash(left, right) : left), undefined) ?? emptyRoot(),
    state: () => ({ size, hashes: [...hashes] }),
  }
}

/** The root over these leaf hashes. */
export const merkleRoot = (leaves: readonly TreeHash[]): TreeHash => {
  const tree = createMerkle()
  for (const leaf of leaves) tree.append(leaf)
  return tree.root()
}

/** The largest power of two below n, for n of 2 or more. */
const splitOf = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/**
 * The path from leaf `index` to the root of the tree over `leaves` (RFC 6962 section 2.1.1), nearest sibling first; null
 * when there is no such leaf. Takes time linear in the leaves.
 */
export const inclusionProof = (leaves: readonly TreeHash[], index: number): readonly TreeHash[] | null => {
  if (!isSize(index) || index >= leaves.length) return null
  const path: TreeHash[] = []
  let from = 0
  let to = leaves.length
  while (to - from > 1) {
    const split = from + splitOf(to - from)
    const left = index < split
    path.push(merkleRoot(left ? leaves.slice(split, to) : leaves.slice(from, split)))
    if (left) to = split
    else from = split
  }
  return path.reverse()
}

/**
 * The path that shows the tree over `leaves` to begin with the tree over its first `size1` (RFC 6962 section 2.1.2); empty
 * for equal sizes; null when size1 is 0 or beyond the leaves. Takes time linear in the leaves.
 */
export const consistencyProof = (leaves: readonly TreeHash[], size1: number): readonly TreeHash[] | null => {
  if (!isSize(size1) || size1 === 0 || size1 > leaves.length) return null
  const path: TreeHash[] = []
  let from = 0
  let to = leaves.length
  while (size1 < to) {
    const split = from + splitOf(to - from)
    const left = size1 <= split
    path.push(merkleRoot(left ? leaves.slice(split, to) : leaves.slice(from, split)))
    if (left) to = split
    else from = split
  }
  // The old tree is itself a node of the new one when nothing was split off to its left: the verifier has its root.
  if (from > 0) path.push(merkleRoot(leaves.slice(from, to)))
  return path.reverse()
}

/**
 * The climb of RFC 9162 (sections 2.1.3.2 and 2.1.4.2) from a node to the root, `last` being the last node of its level: for
 * each sibling met, whether it stands to the left. A node without sibling moves up a level and meets none.
 */
const climb = (from: number, lastOfLevel: number): readonly boolean[] => {
  const lefts: boolean[] = []
  let node = from
  for (let last = lastOfLevel; last > 0; last = half(last)) {
    if (isOdd(node) || node < last) lefts.push(isOdd(node))
    node = half(node)
  }
  return lefts
}

const isIndexOf = (index: number, size: number): boolean => isSize(index) && isSize(size) && index < size

/** RFC 9162 section 2.1.3.2. True when the proof shows the leaf at that index of the tree. Never throws. */
export const verifyInclusion = (claim: InclusionClaim): boolean => {
  if (!isIndexOf(claim.index, claim.size) || ![claim.leaf, ...claim.proof].every(isHash)) return false
  const lefts = climb(claim.index, claim.size - 1)
  if (lefts.length !== claim.proof.length) return false
  const root = claim.proof.reduce(
    (node, sibling, i) => (lefts[i] ? nodeHash(sibling, node) : nodeHash(node, sibling)),
    claim.leaf,
  )
  return sameHash(root, claim.root)
}

/** Climbs from the largest node that both trees share and that ends where the first one does. */
const climbBoth = (claim: ConsistencyClaim): boolean => {
  let node = claim.size1 - 1
  let last = claim.size2 - 1
  for (; isOdd(node); node = half(node)) last = half(last)
  // When the first tree is itself that node, the proof leaves it out.
  const [shared, ...siblings] = node === 0 ? [claim.root1, ...claim.proof] : claim.proof
  const lefts = climb(node, last)
  if (shared === undefined || lefts.length !== siblings.length) return false
  const first = siblings.reduce((hashed, sibling, i) => (lefts[i] ? nodeHash(sibling, hashed) : hashed), shared)
  const second = siblings.reduce(
    (hashed, sibling, i) => (lefts[i] ? nodeHash(sibling, hashed) : nodeHash(hashed, sibling)),
    shared,
  )
  return sameHash(first, claim.root1) && sameHash(second, claim.root2)
}

/**
 * RFC 9162 section 2.1.4.2. True when the proof shows the second tree to begin with the first. Equal sizes need equal roots
 * and an empty proof; a claim from the empty tree says nothing and is refused. Never throws.
 */
export const verifyConsistency = (claim: ConsistencyClaim): boolean => {
  if (claim.size1 === 0 || !isIndexOf(claim.size1 - 1, claim.size2)) return false
  if (![claim.root1, ...claim.proof].every(isHash)) return false
  if (claim.size1 === claim.size2) return claim.proof.length === 0 && sameHash(claim.root1, claim.root2)
  return climbBoth(claim)
}
