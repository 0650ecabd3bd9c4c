import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../../test/support/corpora.ts'
import { makeTarget, manualSetup } from '../../../../../test/support/credential-target.ts'
import { makeIssuer } from '../../../../../test/support/issuer.ts'
import { createJwtAuthenticator } from './authenticator.ts'
import { findToken } from '../../identity/bearer.ts'

interface Recorded {
  readonly baseToken: string
  readonly publicJwk: object
  readonly expect: { readonly iss: string; readonly aud: string; readonly alg: readonly string[] }
  readonly cases: readonly {
    readonly id: string
    readonly attack: string
    readonly authorization: string
    readonly mustBeAccepted: boolean
  }[]
}

describeCorpus('jwt-attacks', (path) => {
  test('what jwt_tool sends is refused, and its own token accepted', async () => {
    const recorded: Recorded = JSON.parse(readFileSync(join(path, 'jwt-tool-attacks.json'), 'utf8'))
    const issuer = await makeIssuer()
    issuer.publish([recorded.publicJwk])
    const setup = manualSetup()
    const authenticator = createJwtAuthenticator(setup)
    // The base token lives until 2100.
    const provider = issuer.provider({ issuer: recorded.expect.iss, algorithms: recorded.expect.alg, lifetime: 3e12 })
    const target = makeTarget({ providers: { corp: provider }, audience: [recorded.expect.aud], now: setup.now() })
    const accepts = async (authorization: string): Promise<boolean> => {
      const found = findToken({ fields: new Map([['authorization', [authorization.trim()]]]), query: null })
      if (found === null || 'malformed' in found) return false
      return (await authenticator.verify(found.value, target)).status === 'verified'
    }
    const wrong: string[] = []
    for (const { id, attack, authorization, mustBeAccepted } of recorded.cases) {
      if ((await accepts(authorization)) !== mustBeAccepted) wrong.push(`${id} ${attack}`)
    }
    expect(wrong).toEqual([])
    expect(recorded.cases.length).toBeGreaterThan(250)
    expect(recorded.cases.some(({ mustBeAccepted }) => mustBeAccepted)).toBe(true)
    expect(await accepts(`Bearer ${recorded.baseToken}`)).toBe(true)
    // One for the start, and one for all the kids that were injected.
    expect(issuer.jwksHits()).toBe(2)
    await issuer.close()
  })
})
