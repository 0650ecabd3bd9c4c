// Parts that fail while a request is judged: whatever throws, rejects or cannot be written down, nothing is allowed by it.
import { describe, expect, test } from 'vitest'
import { CONDITIONS } from '../../packages/core/src/catalogue.ts'
import { createEngine } from '../../packages/core/src/engine/engine.ts'
import { prepareImage } from '../../packages/core/src/engine/prepare-image.ts'
import type { Evaluation } from '../../packages/core/src/model/engine.ts'
import type { Authentication, Authenticator, CredentialDefinition, MaybePromise } from '../../packages/core/src/model/identity.ts'
import { compilePolicy } from '../../packages/core/src/policy/index.ts'
import { fromDescription } from '../../packages/core/src/request/from-description.ts'
import { createMemoryOpenings } from '../support/openings.ts'
import { nouns, serviceFile } from './stage.ts'

const NOW = Date.UTC(2026, 10, 24, 10)
const POLICY = [
  { path: 'nouns.yaml', text: nouns('http://127.0.0.1:1') },
  { path: 'app.yaml', text: serviceFile({ name: 'app', upstream: 'http://127.0.0.1:2' }) },
]

/** A kind of credential of which something breaks. */
const broken = (
  verify: Authenticator['verify'],
  find: CredentialDefinition['find'] = () => ({ value: 'x' }),
): CredentialDefinition => ({
  kind: 'jwt',
  about: 'breaks',
  ambient: false,
  find,
  create: () => ({ verify, close: () => {} }),
})

interface Faults {
  readonly credential: CredentialDefinition
  /** Whether the log gets records onto disk. */
  readonly durable?: boolean
}

const evaluate = async ({ credential, durable = true }: Faults, target: string): Promise<Evaluation> => {
  const { image } = compilePolicy(POLICY, { conditions: CONDITIONS, now: NOW })
  const made = fromDescription({ request: `GET http://app.example.com${target}`, at: NOW })
  if (image === null || !made.ok) throw new Error('the policy or the request of this test is wrong')
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: [credential],
    sessions: null,
    keys: null,
    point: 'gateway',
    log: {
      append: () => ({ accepted: durable, durable: async () => durable }),
      pseudonym: (text) => text,
      close: async () => {},
    },
    images: { keep: async () => true, read: () => null },
    clock: { now: () => NOW, monotonic: () => performance.now() },
    openings: createMemoryOpenings(),
    onTrouble: () => {},
    onOpened: () => {},
  })
  await engine.swap(prepareImage(image))
  return engine.evaluate(made.request)
}

const fails = (): never => {
  throw new Error('broken')
}
const late = (): MaybePromise<Authentication> => Promise.reject(new Error('broken'))
const absent = broken(fails, () => null)

describe('a part that breaks', () => {
  test.each([
    ['looking for a credential throws', { credential: broken(fails, fails) }],
    ['verifying throws', { credential: broken(fails) }],
    ['verifying rejects', { credential: broken(late) }],
    ['the keys cannot be had', { credential: broken(() => ({ status: 'unavailable', code: 'credential.keys_unavailable' })) }],
  ] as const)('%s: denied as unavailable', async (_, faults) => {
    const { decision } = await evaluate(faults, '/api/x')
    expect([decision.outcome, decision.class]).toEqual(['deny', 'unavailable'])
  })

  test('what is public needs no credential, and is served while the keys cannot be had', async () => {
    const unavailable = broken(() => ({ status: 'unavailable', code: 'credential.keys_unavailable' }))
    expect((await evaluate({ credential: unavailable }, '/public/x')).decision.outcome).toBe('allow')
    expect((await evaluate({ credential: absent }, '/public/x')).decision.outcome).toBe('allow')
  })

  test('a decision of a strict service that is not on disk may not be acted on', async () => {
    const kept = await evaluate({ credential: absent }, '/public/x')
    const lost = await evaluate({ credential: absent, durable: false }, '/public/x')
    expect([await kept.settled(), await lost.settled()]).toEqual([true, false])
  })
})
