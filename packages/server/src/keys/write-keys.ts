import type { DecisionLog, JsonObject } from '@balustrade/core/kit'
import { NOT_STORED, type Stored, stored } from '../state/state-store.ts'
import type { KeptKey } from './kept-key.ts'
import { drawKey, writeKey } from './key-form.ts'
import type { KeyLedger, ReadKey } from './key-ledger.ts'
import { listedOf } from './listed-key.ts'
import { type GivenOut, keyFault, type KeyOccasion, type KeyRefusal, type NewKey, type RotatedKey, termFault } from './new-key.ts'
import type { SecretHash, SecretHashing } from './secret-hashing.ts'

export interface KeyWriterParts {
  readonly ledger: KeyLedger
  readonly hashing: SecretHashing
  readonly log: Pick<DecisionLog, 'append'>
  /** ms */
  readonly longestLife: number
  /** This process changed it. */
  readonly onChanged: (id: string) => void
}

export interface KeyWriter {
  readonly create: (asked: NewKey, on: KeyOccasion) => Promise<Stored<GivenOut | KeyRefusal>>
  readonly rotate: (id: string, how: RotatedKey, on: KeyOccasion) => Promise<Stored<GivenOut | KeyRefusal>>
  readonly revoke: (id: string, on: KeyOccasion) => Promise<Stored<boolean | KeyRefusal>>
  /** Hashes the secret of a key anew, under the newest key of the server; it stays what it is where another write came between. */
  readonly rehash: (kept: KeptKey, version: number, secret: string) => Promise<void>
}

/** Times that a write is tried again because another came between. */
const MOST_TRIES = 50

const NONE: KeyRefusal = { refused: 'none' }

type Action = 'keys.created' | 'keys.rotated' | 'keys.revoked'

const note = (log: KeyWriterParts['log'], action: Action, { now, by, ...detail }: KeyOccasion & JsonObject): void =>
  void log.append({ kind: 'administration', at: now, action, detail: { ...detail, by } })

const keptOf = (id: string, asked: NewKey & { readonly hash: SecretHash }, now: number): KeptKey => ({
  id,
  hash: asked.hash,
  subject: asked.subject,
  owner: asked.owner,
  scopes: [...new Set(asked.scopes)].sort(),
  networks: asked.networks,
  createdAt: now,
  expiresAt: now + asked.life,
  life: asked.life,
  revokedAt: null,
  rotatedTo: null,
})

/** Adds a key of its own; the ids of two keys are the same once in 2^65 times, and then the second is drawn again. */
const addNew = async (parts: KeyWriterParts, asked: NewKey, now: number): Promise<Stored<GivenOut>> => {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const drawn = drawKey()
    const hash = parts.hashing.hash(drawn.secret)
    const kept = keptOf(drawn.id, { ...asked, hash }, now)
    const added = await parts.ledger.add(kept)
    if (!added.ok) return NOT_STORED
    const key = listedOf(kept, { now, usedAt: 0, hashing: parts.hashing })
    if (added.value) return stored({ text: writeKey(drawn), key })
  }
  return NOT_STORED
}

const create = async (parts: KeyWriterParts, asked: NewKey, on: KeyOccasion): Promise<Stored<GivenOut | KeyRefusal>> => {
  const fault = keyFault(asked, parts.longestLife)
  if (fault !== null) return stored(fault)
  const made = await addNew(parts, asked, on.now)
  if (!made.ok) return NOT_STORED
  const { id, subject, owner, scopes, networks, expiresAt } = made.value.key
  note(parts.log, 'keys.created', { ...on, key: id, subject, owner, scopes, networks, expiresAt })
  return made
}

/** Why a key cannot be given another in its place; null: it can. */
const rotationFault = ({ revokedAt, rotatedTo, expiresAt }: KeptKey, now: number): KeyRefusal | null => {
  if (revokedAt !== null) return { refused: 'revoked' }
  if (rotatedTo !== null) return { refused: 'rotated', to: rotatedTo }
  return expiresAt <= now ? { refused: 'expired' } : null
}

/** Writes what becomes of a key until nobody came between. `next`: what it is then, or what is answered without writing. */
const change = async <T>(
  { ledger, onChanged }: KeyWriterParts,
  id: string,
  next: (read: ReadKey) => KeptKey | { readonly answer: T },
): Promise<Stored<ReadKey | { readonly answer: T } | null>> => {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const read = await ledger.read(id)
    if (!read.ok) return NOT_STORED
    if (read.value === null) return stored(null)
    const made = next(read.value)
    if ('answer' in made) return stored(made)
    const done = await ledger.rewrite(made, read.value.version)
    onChanged(id)
    if (!done.ok) return NOT_STORED
    if (done.value) return stored(read.value)
  }
  return NOT_STORED
}

interface Rotation {
  readonly how: RotatedKey
  readonly on: KeyOccasion
}

/** What the key in its place is asked for as; a refusal where it can have none. */
const successorOf = (old: KeptKey, longest: number, { how, on }: Rotation): NewKey | KeyRefusal => {
  const life = how.life ?? Math.min(old.life, longest)
  return rotationFault(old, on.now) ?? termFault({ life, overlap: how.overlap }, longest) ?? { ...old, life }
}

/** Lets the old key end with the new one in its place; null: there is none. */
const supersede = (parts: KeyWriterParts, id: string, { how, on, to }: Rotation & { readonly to: string }) =>
  change<KeyRefusal>(parts, id, ({ kept }) => {
    const fault = rotationFault(kept, on.now)
    if (fault !== null) return { answer: fault }
    return { ...kept, rotatedTo: to, expiresAt: Math.min(kept.expiresAt, on.now + how.overlap) }
  })

/**
 * The new key is written first: whoever fails in between leaves one behind that nobody has seen, never an old one that ends with
 * nothing in its place. Of several at once one wins, and the others take theirs back.
 */
const rotate = async (parts: KeyWriterParts, id: string, rotation: Rotation): Promise<Stored<GivenOut | KeyRefusal>> => {
  const { log, longestLife, ledger } = parts
  const read = await ledger.read(id)
  if (!read.ok) return NOT_STORED
  const asked = read.value === null ? NONE : successorOf(read.value.kept, longestLife, rotation)
  if ('refused' in asked) return stored(asked)
  const made = await addNew(parts, asked, rotation.on.now)
  if (!made.ok) return NOT_STORED
  const { id: to, subject, expiresAt } = made.value.key
  const done = await supersede(parts, id, { ...rotation, to })
  if (!done.ok) return NOT_STORED
  if (done.value !== null && 'kept' in done.value) {
    note(log, 'keys.rotated', { ...rotation.on, key: id, subject, to, overlap: rotation.how.overlap, expiresAt })
    return made
  }
  await ledger.remove(to)
  return stored(done.value === null ? NONE : done.value.answer)
}

/** False: it was before. */
const revoke = async (parts: KeyWriterParts, id: string, on: KeyOccasion): Promise<Stored<boolean | KeyRefusal>> => {
  const done = await change<false>(parts, id, ({ kept }) =>
    kept.revokedAt === null ? { ...kept, revokedAt: on.now } : { answer: false },
  )
  if (!done.ok) return NOT_STORED
  if (done.value === null) return stored(NONE)
  if ('answer' in done.value) return stored(false)
  note(parts.log, 'keys.revoked', { ...on, key: id, subject: done.value.kept.subject })
  return stored(true)
}

export const createKeyWriter = (parts: KeyWriterParts): KeyWriter => ({
  create: (asked, on) => create(parts, asked, on),
  rotate: (id, how, on) => rotate(parts, id, { how, on }),
  revoke: (id, on) => revoke(parts, id, on),
  rehash: async (kept, version, secret) => {
    const done = await parts.ledger.rewrite({ ...kept, hash: parts.hashing.hash(secret) }, version)
    if (done.ok && done.value) parts.onChanged(kept.id)
  },
})
