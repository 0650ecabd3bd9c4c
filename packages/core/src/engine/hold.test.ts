import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { allowed, denied, evaluationWith, payments, requestOf } from '../../../../test/support/evaluations.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { Decision } from '../model/decision.ts'
import type { Evaluation } from '../model/engine.ts'
import { createHolds, type HoldParts, type Holds } from './hold.ts'

const REQUEST = requestOf('GET https://acme.pay.example.com/stream')
const START = 1_000_000
const RECHECK = 60_000
const LOST = denied('forbidden', 'grant.none')

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

interface Stage {
  readonly holds: Holds
  /** Times at which a stream was judged again, after the start. */
  readonly judged: readonly number[]
  readonly cut: readonly string[]
  readonly lost: readonly Decision[]
  readonly open: (evaluation?: Partial<Evaluation>) => ReturnType<Holds['hold']>
}

const stage = (rejudge: (request: AccessRequest) => Decision | Promise<Decision>, parts: Partial<HoldParts> = {}): Stage => {
  const [judged, cut, lost]: [number[], string[], Decision[]] = [[], [], []]
  const holds = createHolds({
    clock: { now: () => Date.now(), monotonic: () => Date.now() },
    isCurrent: () => true,
    rejudge: async (request) => {
      judged.push(request.at - START)
      return rejudge(request)
    },
    record: (request, opened) => void cut.push(`${opened} at ${request.at - START}`),
    ...parts,
  })
  const open = (evaluation: Partial<Evaluation> = {}) =>
    holds.hold(
      REQUEST,
      evaluationWith({ service: { ...payments, recheck: RECHECK }, ...evaluation }),
      (decision) => void lost.push(decision),
    )
  return { holds, judged, cut, lost, open }
}

const later = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('an open stream', () => {
  test('is judged again at every recheck, as it would be then', async () => {
    const { judged, lost, open } = stage(() => allowed)
    open()
    await later(RECHECK - 1)
    expect(judged).toEqual([])
    await later(1 + 2 * RECHECK)
    expect(judged).toEqual([RECHECK, 2 * RECHECK, 3 * RECHECK])
    expect(lost).toEqual([])
  })

  test('is judged again when its decision lapses, and then when the next one does', async () => {
    const until = [20_000, 30_000]
    const { judged, open } = stage(() => ({ ...allowed, holdsUntil: START + (until.shift() ?? 1_000_000) }))
    open({ decision: { ...allowed, holdsUntil: START + 10_000 } })
    await later(30_000)
    expect(judged).toEqual([10_000, 20_000, 30_000])
  })

  test('is judged at once where its decision has lapsed already', async () => {
    const { judged, open } = stage(() => allowed)
    open({ decision: { ...allowed, holdsUntil: START - 5 } })
    await later(0)
    expect(judged).toEqual([0])
  })

  test('is judged at once where a new policy came between', async () => {
    const { judged, open } = stage(() => allowed, { isCurrent: () => false })
    open()
    await later(0)
    expect(judged).toEqual([0])
    await later(RECHECK)
    expect(judged).toEqual([0, RECHECK])
  })

  test('of no service is judged at once and again', async () => {
    const { judged, open } = stage(() => LOST)
    open({ service: null })
    await later(0)
    expect(judged).toEqual([0])
  })

  test('that is lost is cut once, recorded under the decision that opened it', async () => {
    const { judged, cut, lost, open } = stage(() => LOST)
    open({ id: 'opening' })
    await later(5 * RECHECK)
    expect(judged).toEqual([RECHECK])
    expect(cut).toEqual([`opening at ${RECHECK}`])
    expect(lost).toEqual([LOST])
  })

  test('that is to sign in again is lost', async () => {
    const challenge: Decision = { ...LOST, outcome: 'challenge', class: null, remedy: { login: { maxAge: null } } }
    const { lost, open } = stage(() => challenge)
    open()
    await later(RECHECK)
    expect(lost).toEqual([challenge])
  })

  test('that is released is not judged again', async () => {
    const { judged, cut, open } = stage(() => LOST)
    open().release()
    await later(5 * RECHECK)
    expect([judged, cut]).toEqual([[], []])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that is released while it is judged is not cut', async () => {
    let answer: (decision: Decision) => void = () => {}
    const { cut, lost, open } = stage(() => new Promise((resolve) => (answer = resolve)))
    const held = open()
    await later(RECHECK)
    held.release()
    answer(LOST)
    await later(5 * RECHECK)
    expect([cut, lost]).toEqual([[], []])
  })

  test('whose decision holds for ever and whose recheck is longer than a timer can be waits as long as one can', async () => {
    const { judged, open } = stage(() => allowed)
    open({ service: { ...payments, recheck: 2 ** 40 } })
    await later(2 ** 31 - 2)
    expect(judged).toEqual([])
    await later(1)
    expect(judged).toEqual([2 ** 31 - 1])
  })
})

describe('on a new policy', () => {
  test('every open stream is judged at once, and its timer begins anew', async () => {
    const { holds, judged, open } = stage(() => allowed)
    open()
    open()
    await later(10_000)
    holds.rejudgeAll()
    await later(0)
    expect(judged).toEqual([10_000, 10_000])
    await later(RECHECK - 1)
    expect(judged).toHaveLength(2)
    await later(1)
    expect(judged).toHaveLength(4)
  })

  test('released ones are not', async () => {
    const { holds, judged, open } = stage(() => allowed)
    open().release()
    holds.rejudgeAll()
    await later(0)
    expect(judged).toEqual([])
  })

  describe('a hundred a turn of the event loop', () => {
    beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ['setTimeout', 'clearTimeout', 'Date'] }))

    /** One turn: what was promised is done, then what was put off to the turn. */
    const turn = async () => {
      for (let i = 0; i < 20; i++) await Promise.resolve()
      await new Promise((resolve) => setImmediate(resolve))
    }

    test('however many there are', async () => {
      const { holds, judged, open } = stage(() => allowed)
      for (let i = 0; i < 250; i++) open()
      holds.rejudgeAll()
      const seen = [judged.length]
      for (let i = 0; i < 3; i++) {
        await turn()
        seen.push(judged.length)
      }
      expect(seen).toEqual([100, 200, 250, 250])
    })

    test('those released meanwhile are passed over, and closing ends it', async () => {
      const { holds, judged, open } = stage(() => allowed)
      const held = Array.from({ length: 350 }, () => open())
      holds.rejudgeAll()
      for (const each of held.slice(100, 150)) each.release()
      await turn()
      expect(judged).toHaveLength(150)
      holds.close()
      await turn()
      await turn()
      expect(judged).toHaveLength(150)
    })
  })
})

test('closing leaves no timer and judges nothing more', async () => {
  const { holds, judged, open } = stage(() => allowed)
  open()
  open()
  holds.close()
  expect(vi.getTimerCount()).toBe(0)
  await later(5 * RECHECK)
  expect(judged).toEqual([])
})
