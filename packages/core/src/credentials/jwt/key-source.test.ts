import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { manualSetup, type ManualSetup } from '../../../../../test/support/credential-target.ts'
import { makeIssuer, makeSigningKey, type TestIssuer } from '../../../../../test/support/issuer.ts'
import { createKeySource, type KeySource } from './key-source.ts'

let issuer: TestIssuer
let setup: ManualSetup
let source: KeySource

const kids = (): readonly (string | null)[] | null => source.current()?.keys.map(({ kid }) => kid) ?? null
const codes = (): readonly string[] => setup.troubles.map(({ code }) => code)
/** Until no fetch is under way. Real time: the fetch is real, only ages and cooldowns are on the manual clock. */
const settled = async (): Promise<void> => {
  while (source.lastFetch() === 'under way') await new Promise((resolve) => setTimeout(resolve, 5))
}
const warm = async (): Promise<void> => {
  await source.renew()
  await settled()
}

beforeEach(async () => {
  setup = manualSetup()
  issuer = await makeIssuer({ now: setup.now })
  source = createKeySource('corp', { issuer: issuer.url, jwksUri: issuer.jwksUri, loopback: true }, setup)
})
afterEach(() => issuer.close())

describe('a cold start', () => {
  test('asking for keys fetches none; renewing does', async () => {
    expect(source.current()).toBeNull()
    expect(issuer.jwksHits()).toBe(0)
    expect(source.lastFetch()).toBe('done')
    await source.renew()
    expect(kids()).toEqual(['k1'])
    expect(source.lastFetch()).toBe('done')
    expect(setup.troubles).toEqual([])
  })

  test('a thousand who ask at once share one fetch', async () => {
    await Promise.all(Array.from({ length: 1_000 }, () => Promise.resolve(source.renew())))
    expect(issuer.jwksHits()).toBe(1)
  })

  test('nobody waits longer than a second, and the fetch goes on behind', async () => {
    issuer.answer('/jwks', { delay: 1_400 })
    await source.renew()
    expect(source.current()).toBeNull()
    expect(source.lastFetch()).toBe('under way')
    await settled()
    expect(kids()).toEqual(['k1'])
    expect(issuer.jwksHits()).toBe(1)
  })

  test('a failure is told once and tried again after two seconds, not before', async () => {
    issuer.answer('/jwks', { status: 500 })
    await source.renew()
    expect(source.current()).toBeNull()
    expect(source.lastFetch()).toBe('failed')
    expect(setup.troubles).toEqual([{ provider: 'corp', code: 'keys.fetch', detail: 'the answer has status 500' }])
    issuer.answer('/jwks', null)
    setup.advance(1_999)
    expect(source.renew()).toBeNull()
    setup.advance(1)
    await source.renew()
    expect(kids()).toEqual(['k1'])
    expect(source.lastFetch()).toBe('done')
    expect(issuer.jwksHits()).toBe(2)
  })
})

describe('freshness', () => {
  const cases = [
    { note: 'not stated: ten minutes', cacheControl: null, ms: 600_000 },
    { note: 'nothing of max-age: ten minutes', cacheControl: 'public, s-maxage=5', ms: 600_000 },
    { note: 'max-age', cacheControl: 'public, max-age=120, must-revalidate', ms: 120_000 },
    { note: 'max-age in capitals, alone', cacheControl: 'MAX-AGE=61', ms: 61_000 },
    { note: 'max-age after a comma without space', cacheControl: 'public,max-age=90,private', ms: 90_000 },
    { note: 'at least a minute', cacheControl: 'max-age=0', ms: 60_000 },
    { note: 'at most an hour', cacheControl: 'max-age=86400', ms: 3_600_000 },
    { note: 'no-store: a minute', cacheControl: 'no-store, max-age=3000', ms: 60_000 },
    { note: 'no-cache: a minute', cacheControl: 'max-age=3000, No-Cache', ms: 60_000 },
    { note: 'no-cache of a field: a minute', cacheControl: 'no-cache="x", max-age=3000', ms: 60_000 },
    { note: 'a name that ends like it', cacheControl: 'xno-store, x-max-age=3000, no-storey', ms: 600_000 },
    { note: 'a number too long to be one', cacheControl: 'max-age=10000000000', ms: 600_000 },
    { note: 'no number', cacheControl: 'max-age=1h', ms: 600_000 },
  ]
  test.each(cases)('$note', async ({ cacheControl, ms }) => {
    issuer.answer('/jwks', { headers: cacheControl === null ? {} : { 'cache-control': cacheControl } })
    await warm()
    setup.advance(ms - 1)
    source.current()
    expect(source.lastFetch()).not.toBe('under way')
    setup.advance(1)
    source.current()
    expect(source.lastFetch()).toBe('under way')
    await settled()
    expect(issuer.jwksHits()).toBe(2)
  })
})

describe('a stale set', () => {
  beforeEach(warm)

  test('is used while it is replaced behind', async () => {
    issuer.rotate('ES256', 'k2')
    setup.advance(600_000)
    expect(kids()).toEqual(['k1'])
    expect(kids()).toEqual(['k1'])
    await settled()
    expect(kids()).toEqual(['k2'])
    expect(issuer.jwksHits()).toBe(2)
  })

  test.each([
    { note: 'down', reply: { hangUp: true }, code: 'keys.fetch' },
    { note: 'an error page', reply: { status: 503, body: '<html>' }, code: 'keys.fetch' },
    { note: 'garbage', reply: { body: '{"keys":' }, code: 'keys.fetch' },
    { note: 'another document', reply: { body: '{"message":"hello"}' }, code: 'keys.malformed' },
    { note: 'huge', reply: { body: `{"keys":[],"x":"${'x'.repeat(1_048_576)}"}` }, code: 'keys.fetch' },
  ])('is kept through an outage of a day: $note', async ({ reply, code }) => {
    issuer.answer('/jwks', reply)
    setup.advance(600_000)
    expect(kids()).toEqual(['k1'])
    await settled()
    expect(kids()).toEqual(['k1'])
    expect(codes()).toEqual([code])
    expect(source.lastFetch()).toBe('failed')
    setup.advance(86_400_000 - 600_000)
    expect(kids()).toEqual(['k1'])
    await settled()
    setup.advance(1)
    expect(kids()).toBeNull()
  })

  test('is asked for every thirty seconds while the issuer does not answer', async () => {
    issuer.answer('/jwks', { hangUp: true })
    setup.advance(600_000)
    source.current()
    await settled()
    setup.advance(29_999)
    source.current()
    expect(source.lastFetch()).not.toBe('under way')
    setup.advance(1)
    source.current()
    expect(source.lastFetch()).toBe('under way')
    await settled()
    expect(issuer.jwksHits()).toBe(3)
    issuer.answer('/jwks', null)
    setup.advance(30_000)
    source.current()
    await settled()
    expect(source.lastFetch()).toBe('done')
  })

  test('past a day, somebody waits for a new one as at a cold start', async () => {
    setup.advance(86_400_001)
    expect(source.current()).toBeNull()
    await source.renew()
    expect(kids()).toEqual(['k1'])
  })
})

describe('renewing for a key that is not in the set', () => {
  beforeEach(warm)

  test('once at once, then once every thirty seconds', async () => {
    await source.renew()
    expect(issuer.jwksHits()).toBe(2)
    for (let i = 0; i < 1_000; i++) expect(source.renew()).toBeNull()
    setup.advance(29_999)
    expect(source.renew()).toBeNull()
    setup.advance(1)
    await Promise.all(Array.from({ length: 1_000 }, () => Promise.resolve(source.renew())))
    expect(issuer.jwksHits()).toBe(3)
  })

  test('a failed one counts, too, and leaves doubt until one succeeds', async () => {
    issuer.answer('/jwks', { hangUp: true })
    await source.renew()
    expect(source.renew()).toBeNull()
    expect(source.lastFetch()).toBe('failed')
    issuer.answer('/jwks', null)
    setup.advance(30_000)
    await source.renew()
    expect(source.lastFetch()).toBe('done')
  })

  test('joins a refresh under way', async () => {
    issuer.answer('/jwks', { delay: 50 })
    setup.advance(600_000)
    source.current()
    await source.renew()
    expect(source.lastFetch()).not.toBe('under way')
    expect(issuer.jwksHits()).toBe(2)
  })
})

describe('what a refresh brings', () => {
  beforeEach(warm)

  test('the same keys stay the same object, and any change makes another', async () => {
    const before = source.current()
    setup.advance(30_000)
    await source.renew()
    expect(issuer.jwksHits()).toBe(2)
    expect(source.current()).toBe(before)
    issuer.publish([issuer.key.jwk, makeSigningKey('ES256', 'k2').jwk])
    setup.advance(30_000)
    await source.renew()
    expect(source.current()).not.toBe(before)
    expect(kids()).toEqual(['k1', 'k2'])
  })

  test('removed keys are gone', async () => {
    issuer.rotate('ES256', 'k2')
    await source.renew()
    expect(kids()).toEqual(['k2'])
  })

  test('a kid used again is the new key', async () => {
    const before = source.current()?.keys[0]?.thumbprint
    issuer.rotate('ES256', 'k1')
    await source.renew()
    expect(kids()).toEqual(['k1'])
    expect(source.current()?.keys[0]?.thumbprint).not.toBe(before)
  })

  test('an emptied set is believed, and told', async () => {
    issuer.publish([])
    await source.renew()
    expect(kids()).toEqual([])
    expect(codes()).toEqual(['keys.none_usable'])
  })
})

describe('the issuer disagrees about the time', () => {
  const dated = (ms: number): void =>
    issuer.answer('/jwks', { headers: { date: new Date(Math.floor(setup.now() / 1_000) * 1_000 + ms).toUTCString() } })

  test.each([
    { by: 62_000, said: "the issuer's clock and ours differ by 6" },
    { by: -62_000, said: "the issuer's clock and ours differ by 6" },
    { by: 300_000, said: "the issuer's clock and ours differ by " },
  ])('by $by ms', async ({ by, said }) => {
    dated(by)
    await warm()
    expect(codes()).toEqual(['clock.skew'])
    expect(setup.troubles[0]?.detail.startsWith(said)).toBe(true)
    expect(kids()).toEqual(['k1'])
  })

  test('a minute is nothing, nor is a date that is none, nor none', async () => {
    dated(59_000)
    await warm()
    for (const reply of [{ headers: { date: 'yesterday' } }, { undated: true }]) {
      issuer.answer('/jwks', reply)
      setup.advance(30_000)
      await source.renew()
    }
    expect(issuer.jwksHits()).toBe(3)
    expect(setup.troubles).toEqual([])
  })

  test('in whole seconds', async () => {
    issuer.answer('/jwks', { headers: { date: new Date(Math.floor(setup.now() / 1_000) * 1_000 + 3_600_000).toUTCString() } })
    await warm()
    expect(setup.troubles[0]?.detail).toMatch(/^the issuer's clock and ours differ by (?:3599|3600) s$/)
  })
})

test('a listener that throws stops nothing', async () => {
  const throwing = createKeySource(
    'corp',
    { issuer: issuer.url, jwksUri: issuer.jwksUri, loopback: true },
    {
      ...setup,
      onTrouble: () => {
        throw new Error('no')
      },
    },
  )
  issuer.answer('/jwks', { hangUp: true })
  await throwing.renew()
  issuer.answer('/jwks', null)
  setup.advance(2_000)
  await throwing.renew()
  expect(throwing.current()?.keys).toHaveLength(1)
})
