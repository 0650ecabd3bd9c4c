import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ada } from '../../../../test/support/evaluations.ts'
import { CONDITIONS } from '../catalogue.ts'
import { openOpeningLedger } from '../decision-log/opening-ledger.ts'
import type { Decision } from '../model/decision.ts'
import type { Evaluation, Opened } from '../model/engine.ts'
import type { Facts } from '../model/fact.ts'
import type { Authentication, CredentialDefinition, MaybePromise } from '../model/identity.ts'
import type { DecisionRecord, LogRecord } from '../model/log-record.ts'
import type { OpeningLedger } from '../model/ports.ts'
import { compilePolicy } from '../policy/index.ts'
import { fromDescription } from '../request/from-description.ts'
import { createEngine } from './engine.ts'
import { prepareImage } from './prepare-image.ts'
import { replayDecision } from './replay.ts'

const NOW = Date.UTC(2026, 10, 24, 10)
const HOUR = 3_600_000

interface Arming {
  readonly at?: number
  readonly by?: string
}

const policy = ({ at = NOW, by = 'security@example.com' }: Arming = {}, more = '') => {
  const text = `balustrade: 1
services:
  pay: { hosts: [pay.example.com], upstream: 'http://127.0.0.1:1', audience: https://pay.example.com, providers: corp, routing: { case: sensitive, trailing-slash: distinct } }
providers:
  corp: { issuer: https://login.example.com, profile: rfc9068, algorithms: [ES256], lifetime: 1h, groups-claim: groups, complete: [groups, mfa], mfa: { acr: { gold: hardware }, proved-at: auth_time } }
groups: [customers]
grants:
  all: { who: { group: customers }, what: { service: pay } }
guardrails:
  frozen: { what: { service: pay, path: /ledger/** }, how: never }
exceptions:
  glass:
    waives: frozen
    who: { group: customers }
    what: { service: pay }
    how: { mfa: hardware }
    owner: payments@example.com
    approved-by: security@example.com
    reason: the ledger must be mended by hand
    standing: break-glass
    opens-for: 4h
    alarm: pager
    drill-by: 2027-01-01
    armed: { at: '${new Date(at).toISOString()}', by: ${by} }
${more}`
  const { image, diagnostics } = compilePolicy([{ path: 'p.yaml', text }], { conditions: CONDITIONS, now: NOW })
  if (image === null) throw new Error(JSON.stringify(diagnostics))
  return image
}

const ORDINARY = `  planned:
    waives: frozen
    who: { group: customers }
    what: { service: pay }
    owner: payments@example.com
    approved-by: security@example.com
    reason: announced work
    from: 2026-11-24T00:00:00Z
    until: 2026-11-25T00:00:00Z
`

const identity = (): Authentication => ({
  status: 'verified',
  identity: { ...ada, facts: { ...ada.facts, factors: [{ level: 'hardware', at: NOW }] }, expiresAt: NOW + 1_000 * HOUR },
})

interface Made {
  readonly ask: (at: number, path?: string) => Promise<Evaluation>
  readonly arm: (arming: Arming) => Promise<void>
  readonly hold: (at: number, evaluation: Evaluation, onLost: (decision: Decision) => void) => void
  readonly records: readonly LogRecord[]
  readonly opened: readonly Opened[]
}

interface Options {
  readonly openings: OpeningLedger
  readonly image?: ReturnType<typeof policy>
  /** Resolves when authenticating may go on. */
  readonly wait?: () => Promise<void>
}

const requestAt = (at: number, path = '/ledger/1') => {
  const made = fromDescription({ request: `POST https://pay.example.com${path}`, at })
  if (!made.ok) throw new Error(made.code)
  return made.request
}

const make = async ({ openings, image = policy(), wait }: Options): Promise<Made> => {
  const records: LogRecord[] = []
  const opened: Opened[] = []
  let now = NOW
  const verify = (): MaybePromise<Authentication> => (wait === undefined ? identity() : wait().then(identity))
  const credential: CredentialDefinition = {
    kind: 'jwt',
    about: 'always the same person',
    ambient: false,
    find: () => ({ value: 'x' }),
    create: () => ({ verify, close: () => {} }),
  }
  const engine = createEngine({
    conditions: CONDITIONS,
    credentials: [credential],
    sessions: null,
    keys: null,
    point: 'test',
    log: {
      append: (record) => {
        records.push(record)
        return { accepted: true, durable: async () => true }
      },
      pseudonym: (text) => text,
      close: async () => {},
    },
    images: { keep: async () => true, read: () => null },
    openings,
    clock: { now: () => now, monotonic: () => 0 },
    onTrouble: () => {},
    onOpened: (each) => void opened.push(each),
  })
  await engine.swap(prepareImage(image))
  return {
    records,
    opened,
    ask: async (at, path) => {
      now = at
      return engine.evaluate(requestAt(at, path))
    },
    arm: async (arming) => void (await engine.swap(prepareImage(policy(arming)))),
    hold: (at, evaluation, onLost) => {
      now = at
      engine.hold(requestAt(at), evaluation, onLost)
    },
  }
}

const outcome = async (asked: Promise<Evaluation>): Promise<string> => {
  const { decision, settled } = await asked
  if (decision.outcome === 'allow' && !(await settled())) return 'not recorded'
  return decision.outcome
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'balustrade-glass-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fresh = () => openOpeningLedger(folder)

describe('a break-glass exception', () => {
  test('opens at its first use, with an alarm and a record, and closes after its time', async () => {
    const { ask, records, opened } = await make({ openings: fresh() })
    const first = await ask(NOW + HOUR)
    expect([first.decision.outcome, first.decision.exceptions, await first.settled()]).toEqual(['allow', ['glass'], true])
    const alarm = { exception: 'glass', alarm: 'pager', by: 'corp/ada', until: NOW + 5 * HOUR, decision: first.id }
    expect(opened).toEqual([alarm])
    const administration = records.filter(({ kind }) => kind === 'administration')
    expect(administration).toEqual([{ kind: 'administration', at: NOW + HOUR, action: 'breakglass.opened', detail: alarm }])
    expect(await outcome(ask(NOW + 5 * HOUR - 1))).toBe('allow')
    expect(await outcome(ask(NOW + 5 * HOUR))).toBe('deny')
    expect(await outcome(ask(NOW + 500 * HOUR))).toBe('deny')
    expect(opened).toHaveLength(1)
  })

  test('tells until when its answer holds', async () => {
    const { ask } = await make({ openings: fresh() })
    await ask(NOW)
    expect((await ask(NOW + HOUR)).decision.holdsUntil).toBe(NOW + 4 * HOUR)
  })

  test('stays closed after a restart, and open within its time', async () => {
    await outcome((await make({ openings: fresh() })).ask(NOW))
    const again = await make({ openings: fresh() })
    expect(await outcome(again.ask(NOW + HOUR))).toBe('allow')
    expect(await outcome(again.ask(NOW + 4 * HOUR))).toBe('deny')
    expect(again.opened).toEqual([])
  })

  test.each([
    { note: 'another person', by: 'security@example.com', gives: 'allow' },
    { note: 'whoever used it last', by: 'corp/ada', gives: 'deny' },
    { note: 'whoever used it last, in capitals', by: 'CORP/Ada', gives: 'deny' },
  ])('armed again by $note: $gives', async ({ by, gives }) => {
    const { ask, arm, opened } = await make({ openings: fresh() })
    await outcome(ask(NOW))
    await arm({ at: NOW + 10 * HOUR, by })
    expect(await outcome(ask(NOW + 9 * HOUR))).toBe('deny')
    expect(await outcome(ask(NOW + 10 * HOUR))).toBe(gives)
    expect(opened).toHaveLength(gives === 'allow' ? 2 : 1)
  })

  test('armed for an instant before its use, it is not armed again', async () => {
    const { ask, arm } = await make({ openings: fresh() })
    await outcome(ask(NOW + HOUR))
    await arm({ at: NOW + HOUR - 1 })
    expect(await outcome(ask(NOW + 6 * HOUR))).toBe('deny')
  })

  test('is opened once by requests that come at once, also while keys are fetched', async () => {
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const { ask, opened } = await make({ openings: fresh(), wait: () => gate })
    const asked = [0, 1, 2, 3].map((ms) => outcome(ask(NOW + ms)))
    go()
    expect(await Promise.all(asked)).toEqual(['allow', 'allow', 'allow', 'allow'])
    expect(opened).toHaveLength(1)
  })

  test('waives nothing when it cannot be told whether it was opened: unavailable, not forbidden', async () => {
    writeFileSync(join(folder, 'openings.json'), 'not what was written')
    const { ask, opened } = await make({ openings: fresh() })
    expect((await ask(NOW)).decision).toMatchObject({ outcome: 'deny', class: 'unavailable' })
    expect(opened).toEqual([])
  })

  test('lets nobody through whose use cannot be written down', async () => {
    const never: OpeningLedger = { read: () => new Map(), open: () => ({ first: true, durable: async () => false }) }
    const { ask } = await make({ openings: never })
    expect(await outcome(ask(NOW))).toBe('not recorded')
  })

  test('is not opened where it is not needed', async () => {
    const beside = await make({ openings: fresh(), image: policy({}, ORDINARY) })
    const { decision } = await beside.ask(NOW)
    expect([decision.outcome, decision.exceptions, beside.opened]).toEqual(['allow', ['planned'], []])
    const elsewhere = await make({ openings: fresh() })
    expect([await outcome(elsewhere.ask(NOW, '/accounts')), elsewhere.opened]).toEqual(['allow', []])
  })

  test('cuts the streams that it let in when it closes', async () => {
    const { ask, hold } = await make({ openings: fresh() })
    const held = await ask(NOW)
    await expect(new Promise<unknown>((lost) => hold(NOW + 4 * HOUR, held, lost))).resolves.toMatchObject({ outcome: 'deny' })
  })

  test('a stream held over its arming uses it anew, with an alarm', async () => {
    const { ask, hold, arm, opened } = await make({ openings: fresh() })
    const held = await ask(NOW)
    hold(NOW + 3 * HOUR, held, () => {})
    await arm({ at: NOW + 2 * HOUR })
    await expect
      .poll(() => opened.map(({ decision, until }) => [decision, until]))
      .toEqual([
        [held.id, NOW + 4 * HOUR],
        [null, NOW + 7 * HOUR],
      ])
  })

  test('every record of it is judged again as it was', async () => {
    const { ask, arm, records } = await make({ openings: fresh() })
    const images = [policy(), policy({ at: NOW + 10 * HOUR, by: 'corp/ada' })]
    for (const hours of [0, 1, 4, 5]) await outcome(ask(NOW + hours * HOUR))
    await arm({ at: NOW + 10 * HOUR, by: 'corp/ada' })
    await outcome(ask(NOW + 11 * HOUR))
    const decisions = records.filter((record): record is DecisionRecord => record.kind === 'decision')
    expect(decisions.map(({ outcome: came, facts }) => [came, facts['openings']])).toEqual([
      ['allow', undefined],
      ['allow', { glass: NOW }],
      ['deny', { glass: NOW }],
      ['deny', { glass: NOW }],
      ['deny', { glass: 'unarmed' }],
    ])
    const replays = decisions.map((record, index) => replayDecision(record, images[index === 4 ? 1 : 0] as never, CONDITIONS))
    expect(replays.map(({ same, judged }) => same && judged)).toEqual([true, true, true, true, true])
    const hidden = (openings: unknown) => ({ ...decisions[1], facts: { ...decisions[1]?.facts, openings } }) as DecisionRecord
    for (const openings of ['x', [1], { glass: 'open' }, { unknown: true }])
      expect(replayDecision(hidden(openings), images[0] as never, CONDITIONS).decision.class).toBe('unavailable')
  })

  test('an unreadable ledger is recorded as such', async () => {
    writeFileSync(join(folder, 'openings.json'), '[]')
    const { ask, records } = await make({ openings: fresh() })
    await ask(NOW)
    const [record] = records.filter((each): each is DecisionRecord => each.kind === 'decision')
    expect(record?.facts['openings']).toEqual({ unknown: true } satisfies object as Partial<Facts>)
    expect(replayDecision(record as DecisionRecord, policy(), CONDITIONS).same).toBe(true)
  })
})
