import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../../test/support/corpora.ts'
import { isObject, type JsonValue } from '../../lib/strict-json.ts'
import { verifySignature } from './algorithm.ts'
import { parseCompactJws } from './compact-jws.ts'
import { findKey, importKeySet } from './key-set.ts'
import { readTokenHeader } from './token-header.ts'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}
interface Group {
  readonly public?: JsonValue
  readonly private?: JsonValue
  readonly tests: readonly Vector[]
}

const EVERY = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

const keysOf = (group: Group): JsonValue => {
  const keys = group.public ?? group.private ?? null
  return isObject(keys) && 'keys' in keys ? keys : { keys: [keys] }
}

/** The way every token takes before its claims are looked at; the payloads of the vectors are no JSON. */
const accepts = async (jws: string, keys: JsonValue): Promise<boolean> => {
  const parsed = parseCompactJws(jws)
  const wanted = parsed === null ? null : readTokenHeader(parsed.header, 'plain')
  const set = await importKeySet(keys)
  if (parsed === null || wanted === null || set === null) return false
  const key = findKey(set, wanted, EVERY)
  return typeof key !== 'string' && verifySignature(wanted.alg, key.key, parsed)
}

/**
 * Valid vectors that are refused on purpose, by why. `HMAC`: no shared key is ever used. `one key, one algorithm`: the JWK names
 * another algorithm than the token (RFC 8725 section 3.1), or one that does not exist (ES521).
 */
const REFUSED_ON_PURPOSE: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  json_web_signature: {
    HMAC: [1, 348, 352, 357, 358, 359, 372, 373, 376, 377],
    'one key, one algorithm': [346, 347, 350, 351],
  },
  json_web_key: { HMAC: [2, 13, 14, 15] },
}

const FILES = [
  { name: 'json_web_signature', vectors: 401, accepted: 32 },
  { name: 'json_web_key', vectors: 26, accepted: 1 },
]

describeCorpus('wycheproof', (path) => {
  test.each(FILES)('$name: $vectors vectors', async ({ name, vectors, accepted }) => {
    const file: { testGroups: readonly Group[] } = JSON.parse(readFileSync(join(path, `${name}_test.json`), 'utf8'))
    const refused = new Set(Object.values(REFUSED_ON_PURPOSE[name] ?? {}).flat())
    const all = file.testGroups.flatMap((group) => group.tests.map((vector) => ({ ...vector, keys: keysOf(group) })))
    const played = await Promise.all(all.map(async (vector) => ({ ...vector, got: await accepts(vector.jws, vector.keys) })))
    const wrong = played.filter(({ tcId, result, got }) => got !== (result === 'valid' && !refused.has(tcId)))
    expect(wrong.map(({ tcId, comment, result, got }) => `${tcId} ${comment}: ${result}, accepted ${got}`)).toEqual([])
    expect(played.length).toBe(vectors)
    expect(played.filter(({ got }) => got).length).toBe(accepted)
  })
})
