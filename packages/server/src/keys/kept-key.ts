import { isObject, type JsonObject, type JsonValue } from '@balustrade/core/kit'
import type { SecretHash } from './secret-hashing.ts'

/** A key as it stands in the store. */
export interface KeptKey {
  readonly id: string
  readonly hash: SecretHash
  readonly subject: string
  /** Who answers for it: a person or a team. */
  readonly owner: string
  readonly scopes: readonly string[]
  /** CIDRs it may be used from; empty: from anywhere. */
  readonly networks: readonly string[]
  /** Epoch ms. */
  readonly createdAt: number
  /** Epoch ms; void from here on. */
  readonly expiresAt: number
  /** ms it was given out for; a key that takes its place lives as long. */
  readonly life: number
  /** Epoch ms; null: not revoked. */
  readonly revokedAt: number | null
  /** Id of the key that takes its place. */
  readonly rotatedTo: string | null
}

/** As it is written. The id is the key it is written under. */
export const keptJson = ({ id: _id, hash, ...said }: KeptKey): JsonObject => ({ ...said, hash: { ...hash } })

const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

const isHash = (value: JsonValue | undefined): value is { readonly under: string; readonly mac: string } =>
  isObject(value) && typeof value['under'] === 'string' && typeof value['mac'] === 'string'

const orNull = (value: JsonValue | undefined, type: 'number' | 'string'): boolean => value === null || typeof value === type

/** A key read back; null: it is not of the form that is written here. */
export const readKept = (id: string, value: JsonValue): KeptKey | null => {
  if (!isObject(value)) return null
  const { hash, subject, owner, scopes, networks, createdAt, expiresAt, life, revokedAt, rotatedTo } = value
  const texts = [subject, owner].every((each) => typeof each === 'string')
  const numbers = [createdAt, expiresAt, life].every((each) => typeof each === 'number')
  if (!texts || !numbers || !orNull(revokedAt, 'number') || !orNull(rotatedTo, 'string')) return null
  if (!isHash(hash) || !isTexts(scopes) || !isTexts(networks)) return null
  return { id, ...value, hash: { under: hash.under, mac: hash.mac } } as unknown as KeptKey
}
