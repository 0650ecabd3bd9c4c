import type { PolicyImage } from '@balustrade/core/kit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exampleImage } from '../../../core/src/testing/example-facts.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { clientNamed, createTestClock } from '../../../../test/support/login-stage.ts'
import { createProviders } from './providers.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const MINUTE = 60_000
const clock = createTestClock()
let provider: ScriptedProvider
beforeAll(async () => {
  provider = await startLoginProvider(clock.now)
})
beforeEach(() => provider.script.broken.clear())
afterAll(() => provider.close())

const imageOf = (over: Parameters<ScriptedProvider['entry']>[0] = {}): PolicyImage => ({
  ...exampleImage,
  providers: { corp: provider.entry(over), partner: provider.entry() },
})

const open = (troubles: string[] = []) =>
  createProviders({ settings: { clients: { corp: clientNamed('corp') } }, clock, onTrouble: ({ code }) => troubles.push(code) })

const settled = () => new Promise((resolve) => setTimeout(resolve, 50))

describe('metadata', () => {
  test('are asked for once, however many logins begin at the same time', async () => {
    const corp = open().named('corp', imageOf())
    const before = provider.hits(DISCOVERY)
    const all = await Promise.all(Array.from({ length: 20 }, async () => corp?.metadata()))
    expect(new Set(all).size).toBe(1)
    expect(all[0]).toMatchObject({ issuer: provider.issuer, namesIssuer: true, basic: true })
    expect(provider.hits(DISCOVERY) - before).toBe(1)
  })

  test('are renewed after ten minutes, behind a login that does not wait for it', async () => {
    const corp = open().named('corp', imageOf())
    await corp?.metadata()
    const before = provider.hits(DISCOVERY)
    clock.advance(9 * MINUTE)
    await corp?.metadata()
    expect(provider.hits(DISCOVERY) - before).toBe(0)
    clock.advance(MINUTE + 1)
    provider.script.metadata = { claims_parameter_supported: true }
    expect((await corp?.metadata())?.takesClaims).toBe(false)
    await settled()
    expect((await corp?.metadata())?.takesClaims).toBe(true)
    expect(provider.hits(DISCOVERY) - before).toBe(1)
    provider.script.metadata = {}
  })

  test('are good for a day while the provider does not answer, and no longer', async () => {
    const troubles: string[] = []
    const corp = open(troubles).named('corp', imageOf())
    await corp?.metadata()
    provider.script.broken.set(DISCOVERY, 'hang up')
    clock.advance(24 * 60 * MINUTE - 1_500)
    expect(await corp?.metadata()).not.toBeNull()
    await settled()
    expect(troubles).toEqual(['login.metadata'])
    clock.advance(2_001)
    expect(await corp?.metadata()).toBeNull()
  })

  test('that could not be had are not asked for again at once', async () => {
    provider.script.broken.set(DISCOVERY, 'hang up')
    const corp = open().named('corp', imageOf())
    const before = provider.hits(DISCOVERY)
    for (let i = 0; i < 5; i++) expect(await corp?.metadata()).toBeNull()
    expect(provider.hits(DISCOVERY) - before).toBe(1)
    provider.script.broken.clear()
    clock.advance(2_000)
    expect(await corp?.metadata()).not.toBeNull()
  })
})

describe('over policies', () => {
  test('what is known of a provider stays while its issuer and keys do', () => {
    const providers = open()
    const first = providers.named('corp', imageOf())
    expect(providers.named('corp', imageOf({ groupsClaim: 'teams' }))?.metadata).toBe(first?.metadata)
    expect(providers.named('corp', imageOf({ jwksUri: 'https://keys.example/' }))?.tokens).not.toBe(first?.tokens)
    expect(providers.named('corp', imageOf({ issuer: 'https://other.example' }))?.metadata).not.toBe(first?.metadata)
  })

  test('a provider counts where it is declared and configured', () => {
    const troubles: string[] = []
    const providers = open(troubles)
    expect(providers.all(imageOf()).map(({ name }) => name)).toEqual(['corp'])
    expect(providers.named('partner', imageOf())).toBeNull()
    expect(providers.named('corp', { ...imageOf(), providers: {} })).toBeNull()
    expect(providers.named('partner', imageOf())).toBeNull()
    expect(troubles).toEqual(['login.no_client'])
    for (const name of ['toString', '__proto__', '']) expect(providers.named(name, imageOf())).toBeNull()
  })
})
