import { describe, expect, test } from 'vitest'
import { createStage, type StageOptions } from '../../../../test/support/engines.ts'
import { ada, requestOf } from '../../../../test/support/evaluations.ts'
import { grant, guardrail, imageWith, is, never, publicEntry, tell } from '../../../../test/support/small-policy.ts'
import type { Evaluation } from '../model/engine.ts'
import type { Authentication } from '../model/identity.ts'
import type { PolicyImage, RuleImage, ServiceImage } from '../model/policy-image.ts'
import { EXAMPLE_NOW, exampleImage } from '../testing/example-facts.ts'
import { prepareImage } from './prepare-image.ts'

const TARGET = 'https://acme.pay.example.com/charges?query=1'
const GET = requestOf(`GET ${TARGET}`)
const WITH_CREDENTIAL = requestOf(`GET ${TARGET}`, { authorization: 'x' })
const VERIFIED: Authentication = { status: 'verified', identity: ada }

const strictly = (rules: readonly RuleImage[], audit: ServiceImage['audit'] = 'strict'): PolicyImage => ({
  ...imageWith(...rules),
  services: { ...exampleImage.services, payments: { ...(exampleImage.services.payments as ServiceImage), audit } },
})

const stageWith = async (rules: readonly RuleImage[], options: StageOptions = {}) => {
  const stage = createStage(options)
  const prepared = prepareImage(imageWith(...rules))
  await stage.engine.swap(prepared)
  return { ...stage, prepared }
}

/** The evaluation, which must not have been waited for. */
const now = (evaluation: Evaluation | Promise<Evaluation>): Evaluation => {
  if (evaluation instanceof Promise) expect.fail('waited')
  return evaluation
}

describe('before a policy', () => {
  test('everything is refused, recorded, and rests on none', async () => {
    const { engine, decisions } = createStage()
    const evaluation = now(engine.evaluate(GET))
    expect(evaluation).toMatchObject({
      digest: null,
      serviceName: null,
      service: null,
      image: null,
      identity: null,
      rejected: null,
      preflight: false,
    })
    expect(evaluation.decision).toMatchObject({ outcome: 'deny', class: 'unavailable', reasons: [{ code: 'engine.not_ready' }] })
    expect(decisions()).toMatchObject([{ id: evaluation.id, outcome: 'deny', digest: null, facts: {}, verdicts: {} }])
    expect([engine.digest(), engine.serviceAt('acme.pay.example.com', [])]).toEqual([null, null])
  })
})

describe('a policy that is put in force', () => {
  test('is kept and announced before it is', async () => {
    const { engine, records, kept, prepared } = await stageWith([publicEntry('home'), grant('use')])
    expect(engine.digest()).toEqual(prepared.digest)
    expect(kept).toEqual([prepared.digest.policy])
    expect(records).toEqual([
      { kind: 'policy', at: EXAMPLE_NOW, action: 'loaded', digest: prepared.digest, detail: { rules: 2, kept: true } },
    ])
  })

  test('that could not be kept is announced as such', async () => {
    const { records } = await stageWith([], { keep: async () => false })
    expect(records).toMatchObject([{ detail: { rules: 0, kept: false } }])
  })

  test('judges every later request; the one before is not in force any more', async () => {
    const { engine } = await stageWith([guardrail('closed', { how: never })])
    expect(tell(now(engine.evaluate(GET)).decision)).toBe('deny forbidden')
    const next = prepareImage(imageWith(publicEntry('home')))
    expect(await engine.swap(next)).toEqual(next.digest)
    const evaluation = now(engine.evaluate(GET))
    expect([tell(evaluation.decision), evaluation.digest, evaluation.image]).toEqual([
      'allow home public',
      next.digest,
      next.image,
    ])
  })

  test('that cannot be made leaves the one before in force', async () => {
    const { engine, prepared } = await stageWith([publicEntry('home')])
    await expect(engine.swap(prepareImage(imageWith(guardrail('g', { how: is('how.magic', 'on') }))))).rejects.toThrow(
      /how\.magic/,
    )
    expect(engine.digest()).toEqual(prepared.digest)
  })

  test('says which service is at a host and path', async () => {
    const { engine, prepared } = await stageWith([])
    expect(engine.serviceAt('console.example.com', ['x'])).toEqual({
      service: exampleImage.services.console,
      image: prepared.image,
    })
    expect(engine.serviceAt('nobody.example', [])).toBeNull()
  })
})

describe('an evaluation', () => {
  test('holds everything a point needs', async () => {
    const { engine, prepared, verified } = await stageWith([grant('use')], { verify: () => VERIFIED })
    const evaluation = now(engine.evaluate(WITH_CREDENTIAL))
    expect(evaluation).toMatchObject({
      serviceName: 'payments',
      service: exampleImage.services.payments,
      image: prepared.image,
      identity: ada,
      rejected: null,
      preflight: false,
    })
    expect(tell(evaluation.decision)).toBe('allow use')
    expect(verified).toEqual(['x'])
  })

  test.each<{ note: string; verify: StageOptions['verify']; gives: string; rejected: Evaluation['rejected'] }>([
    {
      note: 'rejected',
      verify: () => ({ status: 'rejected', code: 'credential.expired', http: 401 }),
      gives: 'deny refused',
      rejected: { code: 'credential.expired', http: 401 },
    },
    {
      note: 'unavailable',
      verify: () => ({ status: 'unavailable', code: 'credential.keys_unavailable' }),
      gives: 'deny unavailable',
      rejected: null,
    },
    { note: 'throws', verify: () => expect.fail('broken'), gives: 'deny unavailable', rejected: null },
  ])('of a credential: $note', async ({ verify, gives, rejected }) => {
    const { engine } = await stageWith([grant('use')], { verify })
    const evaluation = now(engine.evaluate(WITH_CREDENTIAL))
    expect([tell(evaluation.decision), evaluation.rejected, evaluation.identity]).toEqual([gives, rejected, null])
  })

  test('waits where verifying does, and is of the policy in force when it began', async () => {
    let answer: (authentication: Authentication) => void = () => {}
    const { engine, prepared } = await stageWith([grant('use')], { verify: () => new Promise((resolve) => (answer = resolve)) })
    const pending = engine.evaluate(WITH_CREDENTIAL)
    await engine.swap(prepareImage(imageWith()))
    answer(VERIFIED)
    const evaluation = await pending
    expect([tell(evaluation.decision), evaluation.digest]).toEqual(['allow use', prepared.digest])
  })

  test('fails closed where waiting fails', async () => {
    const { engine, decisions } = await stageWith([grant('use')], { verify: () => Promise.reject(new Error('broken')) })
    const evaluation = await engine.evaluate(WITH_CREDENTIAL)
    expect(evaluation.decision.reasons).toEqual([{ code: 'engine.failed_closed' }])
    expect(decisions()).toMatchObject([{ id: evaluation.id, reasons: [{ code: 'engine.failed_closed' }] }])
  })

  test('says once how it was completed', async () => {
    const { engine, records, advance } = await stageWith([publicEntry('home')])
    const evaluation = now(engine.evaluate(GET))
    advance(12)
    evaluation.complete({ status: 200, sent: 7, received: 3, end: 'complete' })
    evaluation.complete({ status: 500, sent: 0, received: 0, end: 'again' })
    expect(records.filter(({ kind }) => kind === 'completion')).toEqual([
      {
        kind: 'completion',
        at: EXAMPLE_NOW + 12,
        id: evaluation.id,
        duration: 12,
        status: 200,
        sent: 7,
        received: 3,
        end: 'complete',
      },
    ])
  })
})

describe('whether a decision may be acted on', () => {
  const settled = async (image: PolicyImage, options: StageOptions): Promise<unknown> => {
    const { engine } = createStage(options)
    await engine.swap(prepareImage(image))
    return now(engine.evaluate(GET)).settled()
  }
  const home = [publicEntry('home')]
  const lost = { append: () => ({ accepted: false, durable: async () => false }) }

  test.each<{ note: string; image: PolicyImage; options: StageOptions; gives: boolean }>([
    { note: 'strict, on disk', image: strictly(home), options: {}, gives: true },
    { note: 'strict, not on disk', image: strictly(home), options: lost, gives: false },
    { note: 'bounded, not on disk', image: strictly(home, 'bounded'), options: lost, gives: true },
  ])('$note', async ({ image, options, gives }) => expect(await settled(image, options)).toBe(gives))

  test('bounded ones do not wait', async () => {
    const { engine } = await stageWith(home)
    expect(now(engine.evaluate(GET)).settled()).toBe(true)
  })

  test('a record that cannot be made counts as one that cannot be kept', async () => {
    const withClaims: Authentication = { status: 'verified', identity: { ...ada } }
    const { engine, decisions } = createStage({ verify: () => withClaims, pseudonym: () => expect.fail('broken') })
    await engine.swap(prepareImage(strictly([grant('use')])))
    const evaluation = now(engine.evaluate(WITH_CREDENTIAL))
    expect([tell(evaluation.decision), await evaluation.settled(), decisions()]).toEqual(['allow use', false, []])
  })
})

describe('what never became a request', () => {
  test('is recorded as refused, and gets an id', async () => {
    const { engine, decisions, prepared } = await stageWith([])
    const id = engine.refuse({ at: 5, method: 'BREW', host: 'x', peer: '127.0.0.1', code: 'request.method' })
    expect(id).toMatch(/^00000000-0005-7/)
    expect(decisions()).toEqual([
      {
        kind: 'decision',
        at: 5,
        id,
        point: 'test',
        service: null,
        method: 'BREW',
        host: 'x',
        path: null,
        peer: '127.0.0.1',
        client: null,
        who: null,
        outcome: 'deny',
        class: 'refused',
        reasons: [{ code: 'request.method' }],
        remedy: null,
        rule: null,
        exceptions: [],
        shadow: null,
        digest: prepared.digest,
        facts: {},
        verdicts: {},
        holds: null,
        latency: 0,
      },
    ])
  })

  test('before a policy, without its digest', () => {
    const { engine, decisions } = createStage()
    engine.refuse({ at: 5, method: 'GET', host: 'x', peer: '127.0.0.1', code: 'request.host' })
    expect(decisions()).toMatchObject([{ digest: null }])
  })
})

describe('records', () => {
  test('a shadow rule tells what it would have done', async () => {
    const shadowed = guardrail('tried', { how: never, shadow: { owner: 'a@example.com', until: EXAMPLE_NOW + 1 } })
    const { engine, decisions } = await stageWith([publicEntry('home'), shadowed])
    expect(tell(now(engine.evaluate(GET)).decision)).toBe('allow home public')
    expect(decisions()).toMatchObject([{ shadow: { all: 'deny', alone: { tried: 'deny' } } }])
  })

  test('nothing of it where the request was refused before its facts were gathered', async () => {
    const shadowed = guardrail('tried', { how: never, shadow: { owner: 'a@example.com', until: EXAMPLE_NOW + 1 } })
    const { engine, decisions } = await stageWith([shadowed])
    now(engine.evaluate(requestOf('GET https://nobody.example/')))
    expect(decisions()).toMatchObject([{ shadow: null, reasons: [{ code: 'service.none' }] }])
  })

  test('a credential that was not accepted is recorded before the decision', async () => {
    const { engine, records } = await stageWith([grant('use')], {
      verify: () => ({ status: 'rejected', code: 'credential.expired', http: 401 }),
    })
    const { id } = now(engine.evaluate(WITH_CREDENTIAL))
    expect(records.slice(1)).toMatchObject([
      { kind: 'authentication', id, outcome: 'rejected', code: 'credential.expired' },
      { kind: 'decision', id },
    ])
  })

  test('how long judging took, in µs', async () => {
    const stage = createStage({ verify: () => (stage.advance(3), VERIFIED) })
    await stage.engine.swap(prepareImage(imageWith(grant('use'))))
    now(stage.engine.evaluate(WITH_CREDENTIAL))
    expect(stage.decisions()).toMatchObject([{ latency: 3_000 }])
  })
})

describe('streams', () => {
  test('that a new policy refuses are cut, and recorded under the decision that opened them', async () => {
    const { engine, decisions } = await stageWith([publicEntry('home')])
    const evaluation = now(engine.evaluate(GET))
    const lost: string[] = []
    engine.hold(GET, evaluation, (decision) => void lost.push(tell(decision)))
    await engine.swap(prepareImage(imageWith(guardrail('closed', { how: never }))))
    await expect.poll(() => lost).toEqual(['deny forbidden'])
    expect(decisions().at(-1)).toMatchObject({ holds: evaluation.id, outcome: 'deny' })
    await engine.close()
  })

  test('that it still allows are left alone', async () => {
    const { engine, decisions } = await stageWith([publicEntry('home')])
    const held = engine.hold(GET, now(engine.evaluate(GET)), () => expect.fail('cut'))
    await engine.swap(prepareImage(imageWith(publicEntry('other'))))
    await new Promise((resolve) => setImmediate(resolve))
    expect(decisions()).toHaveLength(1)
    held.release()
    await engine.close()
  })
})

test('closing closes credentials before the log', async () => {
  const { engine, closed } = createStage()
  await engine.close()
  expect(closed).toEqual(['credential', 'log'])
})
