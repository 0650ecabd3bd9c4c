import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createShares, type Shares } from './shares.ts'

const PATIENCE = 1_000

/** An upstream of so many connections, and clients that hold what they get until they are told to let go. */
const stage = (connections: number) => {
  const shares: Shares = createShares(PATIENCE)
  const held: { readonly key: string; readonly release: () => void }[] = []
  const [late, gone] = [[] as string[], new Set<string>()]
  const ask = (key: string): void =>
    shares.take({
      key,
      free: () => connections - held.length,
      begin: (release) => {
        const one = {
          key,
          release: () => {
            held.splice(held.indexOf(one), 1)
            release()
          },
        }
        held.push(one)
      },
      gone: () => gone.has(key),
      onLate: () => late.push(key),
    })
  const heldBy = (key: string): number => held.filter((one) => one.key === key).length
  return { shares, held, late, gone, ask, heldBy }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('shares', () => {
  test.each([
    ['one greedy client', 1, 64],
    ['two', 2, 32],
    ['seven', 7, 1],
  ])('of %s leave a connection for the next one', (_note, clients, least) => {
    const { ask, held, heldBy, shares } = stage(128)
    for (let client = 0; client < clients; client++) for (let n = 0; n < 200; n++) ask(`c${client}`)
    expect(held.length).toBeLessThan(128)
    for (let client = 0; client < clients; client++) expect(heldBy(`c${client}`)).toBeGreaterThanOrEqual(least)
    ask('next')
    expect(heldBy('next')).toBe(1)
    shares.close()
  })

  test('let the first of a client through even when nothing is free: the pool has it wait', () => {
    const { ask, heldBy, shares } = stage(0)
    ask('a')
    ask('a')
    expect(heldBy('a')).toBe(1)
    shares.close()
  })

  test('go to who waits as soon as one is given back, and each is served in the end', () => {
    const order = fc.record({
      connections: fc.integer({ min: 1, max: 20 }),
      asks: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }),
    })
    fc.assert(
      fc.property(order, ({ connections, asks }) => {
        const { ask, held, late, shares } = stage(connections)
        for (const key of asks) ask(key)
        let served = 0
        for (; held.length > 0; served++) held[0]?.release()
        expect([served, late]).toEqual([asks.length, []])
        shares.close()
      }),
    )
  })

  test('that become free without a word are noticed', () => {
    const { ask, held, heldBy, shares } = stage(4)
    for (let n = 0; n < 4; n++) ask('a')
    expect(heldBy('a')).toBe(2)
    held.length = 0
    vi.advanceTimersByTime(100)
    expect(heldBy('a')).toBe(1)
    shares.close()
  })

  test('are not waited for longer than patience allows, nor by who has gone', () => {
    const { ask, late, gone, heldBy, held, shares } = stage(2)
    for (const key of ['a', 'a', 'a', 'b', 'b']) ask(key)
    gone.add('b')
    vi.advanceTimersByTime(PATIENCE + 200)
    expect(late).toEqual(['a', 'a'])
    for (const { release } of held.slice()) release()
    expect([heldBy('a'), heldBy('b')]).toEqual([0, 0])
    shares.close()
  })
})
