import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import {
  consistencyProof,
  createMerkle,
  inclusionProof,
  isMerkleState,
  leafHash,
  merkleRoot,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const leavesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))

/** RFC 6962 section 2.1, word for word. */
const slowRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  if (leaves.length < 2) return leaves[0] ?? merkleRoot([])
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1))
  return nodeHash(slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)))
}

test('known hashes', () => {
  expect(hex(merkleRoot([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(hex(leafHash(new Uint8Array()))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
  const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array]
  expect(hex(nodeHash(a, b))).not.toBe(hex(leafHash(Buffer.concat([a, b]))))
})

test('the incremental root is that of the definition at every size, and goes on from any state', () => {
  const leaves = leavesOf(70)
  let tree = createMerkle()
  for (const [i, leaf] of leaves.entries()) {
    expect(hex(tree.root())).toBe(hex(slowRoot(leaves.slice(0, i))))
    tree.append(leaf)
    const state = tree.state()
    expect([tree.size, state.size, isMerkleState(state)]).toEqual([i + 1, i + 1, true])
    tree = createMerkle(state)
  }
})

test('a state is a copy', () => {
  const tree = createMerkle()
  const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array]
  tree.append(a)
  const state = tree.state()
  tree.append(b)
  expect(hex(createMerkle(state).root())).toBe(hex(a))
})

test.each([
  { note: 'a fraction', size: 1.5, count: 1 },
  { note: 'below zero', size: -1, count: 0 },
  { note: 'too few hashes', size: 3, count: 1 },
  { note: 'too many hashes', size: 4, count: 2 },
  { note: 'beyond 2^53', size: 2 ** 53, count: 1 },
  { note: 'NaN', size: Number.NaN, count: 0 },
])('no state: $note', ({ size, count }) => expect(isMerkleState({ size, hashes: leavesOf(count) })).toBe(false))

test('a state has whole hashes, and sizes beyond 32 bits', () => {
  expect(isMerkleState({ size: 1, hashes: [new Uint8Array(31)] })).toBe(false)
  expect(isMerkleState({ size: 2 ** 40 + 1, hashes: leavesOf(2) })).toBe(true)
  const tree = createMerkle({ size: 2 ** 40 + 1, hashes: leavesOf(2) })
  tree.append(leafHash(Buffer.from('x')))
  expect(isMerkleState(tree.state())).toBe(true)
})

test('every inclusion proof of every tree up to 40 leaves holds, and for no other leaf, index, size or root', () => {
  const leaves = leavesOf(40)
  for (let size = 1; size <= leaves.length; size++) {
    const tree = leaves.slice(0, size)
    const root = merkleRoot(tree)
    for (const [index, leaf] of tree.entries()) {
      const proof = inclusionProof(tree, index) as Uint8Array[]
      const claim = { index, size, root, leaf, proof }
      expect(verifyInclusion(claim)).toBe(true)
      expect(verifyInclusion({ ...claim, leaf: leaves[(index + 1) % 40] as Uint8Array })).toBe(false)
      expect(verifyInclusion({ ...claim, index: index + 1 })).toBe(false)
      expect(verifyInclusion({ ...claim, root: leafHash(root) })).toBe(false)
      expect(verifyInclusion({ ...claim, proof: [...proof, root] })).toBe(false)
      expect(size > 1 && verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false)
    }
  }
})

test('every consistency proof of every two trees up to 40 leaves holds, and for no other size or root', () => {
  const leaves = leavesOf(40)
  for (let size2 = 1; size2 <= leaves.length; size2++) {
    const root2 = merkleRoot(leaves.slice(0, size2))
    for (let size1 = 1; size1 <= size2; size1++) {
      const root1 = merkleRoot(leaves.slice(0, size1))
      const proof = consistencyProof(leaves.slice(0, size2), size1) as Uint8Array[]
      const claim = { size1, size2, root1, root2, proof }
      expect(verifyConsistency(claim)).toBe(true)
      expect(verifyConsistency({ ...claim, root1: leafHash(root1) })).toBe(false)
      expect(verifyConsistency({ ...claim, root2: leafHash(root2) })).toBe(false)
      expect(verifyConsistency({ ...claim, proof: [...proof, root1] })).toBe(false)
      expect(size1 < size2 && verifyConsistency({ ...claim, proof: proof.slice(1) })).toBe(false)
    }
  }
})

test.each([
  { note: 'no leaf', index: 3, size: 3 },
  { note: 'below zero', index: -1, size: 3 },
  { note: 'a fraction', index: 0.5, size: 3 },
  { note: 'no tree', index: 0, size: 0 },
])('no inclusion proof: $note', ({ index, size }) => {
  const leaves = leavesOf(3)
  expect(inclusionProof(leaves.slice(0, size), index)).toBeNull()
  expect(verifyInclusion({ index, size, root: leaves[0] as Uint8Array, leaf: leaves[0] as Uint8Array, proof: [] })).toBe(false)
})

test.each([
  { note: 'from the empty tree', size1: 0, size2: 3 },
  { note: 'backwards', size1: 4, size2: 3 },
  { note: 'a fraction', size1: 1.5, size2: 3 },
])('no consistency proof: $note', ({ size1, size2 }) => {
  const leaves = leavesOf(3)
  const root = leaves[0] as Uint8Array
  expect(consistencyProof(leaves, size1)).toBeNull()
  expect(verifyConsistency({ size1, size2, root1: root, root2: root, proof: [root] })).toBe(false)
})

test('property: claims of any size and shape get an answer', () => {
  const bytes = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }))
  const size = fc.oneof(fc.nat({ max: 20 }), fc.maxSafeNat(), fc.double())
  fc.assert(
    fc.property(size, size, fc.array(bytes, { maxLength: 60 }), (a, b, proof) => {
      const [root, leaf] = [proof[0] ?? new Uint8Array(32), new Uint8Array(32)]
      expect(typeof verifyInclusion({ index: a, size: b, root, leaf, proof })).toBe('boolean')
      expect(typeof verifyConsistency({ size1: a, size2: b, root1: root, root2: leaf, proof })).toBe('boolean')
    }),
    { numRuns: 1_000 },
  )
})

describeCorpus('transparency', (path) => {
  interface Case {
    readonly [key: string]: unknown
    readonly desc: string
    readonly wantErr: boolean
  }
  const read = (folder: string): Case[] =>
    readdirSync(join(path, 'merkle', 'testdata', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(path, 'merkle', 'testdata', folder, name), 'utf8')) as Case)
  const bytes = (value: unknown): Uint8Array => Buffer.from((value as string | null) ?? '', 'base64')
  // Where the corpus does not care for a root it gives a word; every hash here has 32 bytes.
  const rootOf = (value: unknown): Uint8Array => (bytes(value).length === 32 ? bytes(value) : leafHash(bytes(value)))
  const proofOf = (one: Case): Uint8Array[] => ((one['proof'] as string[] | null) ?? []).map(bytes)
  const number = (value: unknown): number => Number(value ?? 0)
  const agrees = (cases: readonly Case[], verify: (one: Case) => boolean): number => {
    for (const one of cases) expect({ one, holds: verify(one) }).toEqual({ one, holds: !one.wantErr })
    return cases.length
  }

  test('inclusion', () => {
    const count = agrees(read('inclusion'), (one) =>
      verifyInclusion({
        index: number(one['leafIdx']),
        size: number(one['treeSize']),
        root: bytes(one['root']),
        leaf: bytes(one['leafHash']),
        proof: proofOf(one),
      }),
    )
    expect(count).toBe(98)
  })

  test('consistency', () => {
    const count = agrees(read('consistency'), (one) =>
      verifyConsistency({
        size1: number(one['size1']),
        size2: number(one['size2']),
        root1: rootOf(one['root1']),
        root2: rootOf(one['root2']),
        proof: proofOf(one),
      }),
    )
    expect(count).toBe(98)
  })

  test('inclusion in a subtree is inclusion in the tree over its leaves', () => {
    const isSubtree = (start: number, end: number): boolean => start < end && start % 2 ** Math.ceil(Math.log2(end - start)) === 0
    const count = agrees(read('subtreeinclusion'), (one) => {
      const [start, end] = [number(one['start']), number(one['end'])]
      const claim = {
        index: number(one['leafIdx']) - start,
        size: end - start,
        root: bytes(one['root']),
        leaf: bytes(one['leafHash']),
      }
      return isSubtree(start, end) && verifyInclusion({ ...claim, proof: proofOf(one) })
    })
    expect(count).toBe(204)
  })

  test('consistency of a subtree that begins at the first leaf is consistency', () => {
    const cases = read('subtreeconsistency').filter((one) => number(one['start']) === 0 && number(one['end']) > 0)
    const count = agrees(cases, (one) =>
      verifyConsistency({
        size1: number(one['end']),
        size2: number(one['size']),
        root1: rootOf(one['root1']),
        root2: rootOf(one['root2']),
        proof: proofOf(one),
      }),
    )
    expect(count).toBe(91)
  })
})
