import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  at,
  HOUR,
  lookUp,
  openWorld,
  person,
  type SessionProcess,
  type SessionWorld,
  START,
} from '../../../../test/support/sessions.ts'

const LIFE = { absolute: 3 * HOUR, idle: HOUR }

let world: SessionWorld
beforeAll(() => {
  world = openWorld()
})
afterAll(() => world.close())

/** What a session is, without store, caches or secrets: what every implementation must come to. */
interface Modelled {
  provider: string
  subject: string
  sids: string[]
  proofs: number
  readonly endsAt: number
  usedAt: number
  isOver: boolean
}

interface Model {
  now: number
  /** By place: sessions are named by the order in which they or their step-ups were made. */
  readonly sessions: Modelled[]
}

interface Real {
  process: SessionProcess
  /** Secrets by place; a step-up leaves the old one in `dead`. */
  readonly secrets: string[]
  readonly dead: string[]
}

type Step = fc.AsyncCommand<Model, Real>

const isGood = ({ isOver, endsAt, usedAt }: Modelled, now: number): boolean => !isOver && now < endsAt && now < usedAt + LIFE.idle

const step = (
  name: string,
  run: (model: Model, real: Real) => Promise<void>,
  needs: (model: Model) => boolean = () => true,
): Step => ({
  check: needs,
  run,
  toString: () => name,
})

const placeIn = (model: Model, nth: number): number => nth % model.sessions.length
const hasAny = ({ sessions }: Model): boolean => sessions.length > 0

const provider = fc.constantFrom('corp', 'partner')
const subject = fc.constantFrom('ada', 'bob')
const sid = fc.constantFrom(null, 's1', 's2')
const nth = fc.nat(20)

/** As the model of a session that is there for sure. */
const modelled = (model: Model, place: number): Modelled => {
  const session = model.sessions[place]
  if (session === undefined) throw new Error('no such place')
  return session
}

const begins = fc.record({ provider, subject, sid, replaces: fc.option(nth) }).map((given) =>
  step(`begin ${JSON.stringify(given)}`, async (model, real) => {
    const replaced = given.replaces === null || !hasAny(model) ? null : placeIn(model, given.replaces)
    const replaces = replaced === null ? null : (real.secrets[replaced] ?? null)
    const made = await real.process.sessions.begin(person(given), { ...at(model.now), replaces })
    if (!made.ok) throw new Error('the store does not answer')
    if (replaced !== null) modelled(model, replaced).isOver = true
    real.secrets.push(made.value.secret)
    const { now } = model
    model.sessions.push({
      provider: given.provider,
      subject: given.subject,
      sids: given.sid === null ? [] : [given.sid],
      proofs: 1,
      endsAt: now + LIFE.absolute,
      usedAt: now,
      isOver: false,
    })
  }),
)

const finds = nth.map((n) =>
  step(
    `find ${n}`,
    async (model, real) => {
      const place = placeIn(model, n)
      const session = modelled(model, place)
      const word = await lookUp(real.process, real.secrets[place] ?? '', model.now)
      const good = isGood(session, model.now)
      expect(word).toBe(good ? 'found' : session.isOver ? 'session.none' : word)
      expect(word === 'found').toBe(good)
      if (good) session.usedAt = model.now
    },
    hasAny,
  ),
)

const elevates = fc.record({ nth, provider, subject, sid }).map((given) =>
  step(
    `elevate ${JSON.stringify(given)}`,
    async (model, real) => {
      const place = placeIn(model, given.nth)
      const session = modelled(model, place)
      const old = real.secrets[place] ?? ''
      const made = await real.process.sessions.elevate(old, person(given), at(model.now))
      if (!made.ok) throw new Error('the store does not answer')
      const wins = isGood(session, model.now) && session.provider === given.provider && session.subject === given.subject
      expect(made.value !== null).toBe(wins)
      if (made.value === null) return
      session.proofs = Math.min(8, session.proofs + 1)
      session.usedAt = model.now
      if (given.sid !== null && !session.sids.includes(given.sid)) session.sids.push(given.sid)
      expect(made.value.session.proofs).toHaveLength(session.proofs)
      expect(made.value.session.expiresAt).toBe(session.endsAt)
      real.dead.push(old)
      real.secrets[place] = made.value.secret
    },
    hasAny,
  ),
)

const ends = fc
  .oneof(
    nth.map((n) => ({ by: 'secret' as const, n })),
    nth.map((n) => ({ by: 'id' as const, n })),
    fc.record({ by: fc.constant('subject' as const), provider, subject }),
    fc.record({ by: fc.constant('sid' as const), provider, sid: fc.constantFrom('s1', 's2') }),
    fc.constant({ by: 'all' as const }),
  )
  .map((given) =>
    step(
      `end ${JSON.stringify(given)}`,
      async (model, real) => {
        const { sessions } = real.process
        const on = { ...at(model.now), by: 'operator' as const }
        const covered = (session: Modelled, place: number): boolean => {
          if (given.by === 'all') return true
          if (given.by === 'subject') return session.provider === given.provider && session.subject === given.subject
          if (given.by === 'sid') return session.provider === given.provider && session.sids.includes(given.sid)
          return place === placeIn(model, given.n)
        }
        const secretOf = (n: number) => real.secrets[placeIn(model, n)] ?? ''
        const idOf = async (n: number): Promise<string> => {
          const listed = await sessions.list(model.now)
          const found = await sessions.reader.find(secretOf(n), { now: model.now, lenient: false })
          if (found.status !== 'found') return 'none'
          modelled(model, placeIn(model, n)).usedAt = model.now
          expect(listed.ok && listed.value.some(({ id }) => id === found.session.id)).toBe(true)
          return found.session.id
        }
        if (given.by === 'secret') await sessions.end({ secret: secretOf(given.n) }, on)
        else if (given.by === 'id') {
          const id = await idOf(given.n)
          await sessions.end({ id }, on)
          if (id === 'none') return
        } else if (given.by === 'all') await sessions.end('all', on)
        else if (given.by === 'subject') await sessions.end({ provider: given.provider, subject: given.subject }, on)
        else await sessions.end({ provider: given.provider, sid: given.sid }, on)
        for (const [place, session] of model.sessions.entries()) if (covered(session, place)) session.isOver = true
      },
      hasAny,
    ),
  )

const passes = fc.constantFrom(1, HOUR / 2, HOUR - 1, HOUR, LIFE.absolute).map((ms) =>
  step(`${ms} ms pass`, async (model) => {
    model.now += ms
  }),
)

const lists = fc.constant(
  step('list', async (model, real) => {
    const listed = await real.process.sessions.list(model.now)
    const good = model.sessions.filter((session) => isGood(session, model.now))
    expect(listed.ok && listed.value.map((each) => `${each.provider}/${each.subject}`).sort()).toEqual(
      good.map((each) => `${each.provider}/${each.subject}`).sort(),
    )
  }),
)

const triesDead = fc.constant(
  step('try what is dead', async (model, real) => {
    for (const secret of real.dead) expect(await lookUp(real.process, secret, model.now)).toBe('session.none')
  }),
)

const restarts = fc.constant(
  step('restart', async (_model, real) => {
    await real.process.close()
    real.process = await world.open(LIFE)
  }),
)

test('whatever is done in whatever order, exactly the sessions that should be are good', { timeout: 300_000 }, async () => {
  let process = await world.open(LIFE)
  const frequent = [begins, finds, elevates, passes]
  const steps = fc.commands([...frequent, ...frequent, ...frequent, ends, ends, lists, triesDead, restarts], { maxCommands: 40 })
  await fc.assert(
    fc.asyncProperty(steps, async (commands) => {
      await process.sessions.end('all', { ...at(), by: 'operator' })
      const real: Real = { process, secrets: [], dead: [] }
      try {
        await fc.asyncModelRun(() => ({ model: { now: START, sessions: [] }, real }), commands)
      } finally {
        process = real.process
      }
    }),
    { numRuns: 100 },
  )
})
