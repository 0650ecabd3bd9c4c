import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTurns } from './turns.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Two rounds, after which a request no longer counts. */
const YOUNG = 50
const [ALONE, AMONG_OTHERS] = [128, 64]

interface Asked {
  readonly key: string
  readonly n: number
  gone: boolean
  done: (() => void) | null
  /** When it began, and whether it is over. */
  since: number
  over: boolean
}

const stage = () => {
  const turns = createTurns()
  const begun: Asked[] = []
  let n = 0
  const ask = (key: string): Asked => {
    const asked: Asked = { key, n: n++, gone: false, done: null, since: 0, over: false }
    const begin = (done: () => void) => {
      asked.since = Date.now()
      asked.done = () => {
        asked.over = true
        done()
      }
      begun.push(asked)
    }
    turns.take({ key, begin, gone: () => asked.gone })
    return asked
  }
  const askMany = (key: string, count: number): Asked[] => Array.from({ length: count }, () => ask(key))
  const begunOf = (key: string): number[] => begun.filter((asked) => asked.key === key).map((asked) => asked.n)
  /** Ends one of those that are under way. */
  const end = (which: number): void => {
    const left = begun.filter(({ over }) => !over)
    left[which % Math.max(1, left.length)]?.done?.()
  }
  /** Those that have been under way for less than a round. */
  const youngOf = (key: string): number =>
    begun.filter((asked) => asked.key === key && !asked.over && Date.now() - asked.since < YOUNG / 2).length
  return { turns, ask, askMany, end, begun, begunOf, youngOf }
}

describe('turns', () => {
  test('let a client that is alone have more under way than one of several', () => {
    const { askMany, begunOf } = stage()
    askMany('a', 200)
    expect(begunOf('a')).toHaveLength(ALONE)
    askMany('b', 200)
    expect(begunOf('b')).toHaveLength(AMONG_OTHERS)
  })

  test('begin the next of a client when one of its own is done, and of nobody else', () => {
    const { ask, askMany, begunOf } = stage()
    ask('b')
    const [first] = askMany('a', AMONG_OTHERS + 8)
    expect(begunOf('a')).toHaveLength(AMONG_OTHERS)
    first?.done?.()
    first?.done?.()
    expect(begunOf('a')).toHaveLength(AMONG_OTHERS + 1)
  })

  test('go on without those that take long: a slow upstream holds up nobody', () => {
    const { ask, askMany, begun, begunOf } = stage()
    ask('b')
    askMany('a', 180)
    vi.advanceTimersByTime(YOUNG)
    expect(begunOf('a')).toHaveLength(2 * AMONG_OTHERS)
    // Those that no longer count make no room when they are done.
    for (const asked of begun.filter(({ key }) => key === 'a').slice(0, AMONG_OTHERS)) asked.done?.()
    expect(begunOf('a')).toHaveLength(2 * AMONG_OTHERS)
    vi.advanceTimersByTime(YOUNG)
    expect(begunOf('a')).toHaveLength(180)
  })

  test('take a request that ends in the round after its own off the count', () => {
    const { ask, askMany, begunOf } = stage()
    ask('b')
    const asked = askMany('a', 2 * AMONG_OTHERS)
    vi.advanceTimersByTime(YOUNG / 2)
    for (const one of asked.slice(0, 10)) one.done?.()
    expect(begunOf('a')).toHaveLength(AMONG_OTHERS + 10)
  })

  test('skip what nobody waits for any more', () => {
    const { ask, askMany, begunOf } = stage()
    ask('b')
    const asked = askMany('a', AMONG_OTHERS + 8)
    for (const one of asked.slice(AMONG_OTHERS, -1)) one.gone = true
    asked[0]?.done?.()
    expect(begunOf('a').at(-1)).toBe(asked.at(-1)?.n)
  })

  test('count a client for a second after its last request', () => {
    const { ask, askMany, begunOf } = stage()
    ask('b').done?.()
    vi.advanceTimersByTime(900)
    askMany('a', 80)
    expect(begunOf('a')).toHaveLength(AMONG_OTHERS)
    vi.advanceTimersByTime(200)
    askMany('a', 200)
    expect(begunOf('a')).toHaveLength(80 + ALONE)
  })

  test('keep no timer while nobody asks, and none behind their end', () => {
    const { ask, turns } = stage()
    expect(vi.getTimerCount()).toBe(0)
    ask('a').done?.()
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1_200)
    expect(vi.getTimerCount()).toBe(0)
    ask('a')
    turns.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('begin everything once, in the order of each client, and never more than may be', () => {
    const keys = ['a', 'b', 'c']
    const act = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), key: fc.constantFrom(...keys), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('done' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { ask, askMany, end, begunOf, youngOf, turns } = stage()
        const asked: Asked[] = []
        for (const one of acts) {
          ask('another').done?.()
          if (one.kind === 'ask') asked.push(...askMany(one.key, one.count))
          else if (one.kind === 'done') end(one.which)
          else vi.advanceTimersByTime(one.ms)
          for (const key of keys) expect(youngOf(key)).toBeLessThanOrEqual(AMONG_OTHERS)
        }
        vi.advanceTimersByTime(100 * YOUNG)
        for (const key of keys) expect(begunOf(key)).toEqual(asked.filter((each) => each.key === key).map(({ n }) => n))
        turns.close()
      }),
    )
  })
})
