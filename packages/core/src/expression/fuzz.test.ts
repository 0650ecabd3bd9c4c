import { describe, expect, test } from 'vitest'
import {
  differenceOf,
  evaluateWithout,
  explanationOf,
  EXPLANATIONS,
  goThrough,
  NAMES,
} from '../../../../test/support/cel-differences.ts'
import { HARD_EXPRESSIONS } from '../../../../test/support/hard-expressions.ts'
import { createRandom, mutate, randomExpression, randomText } from '../testing/random-expressions.ts'

const COUNT = 10_000

describe('ten thousand random expressions', () => {
  test('come to what another implementation says, or the definition explains the difference', () => {
    const random = createRandom(20_261_124)
    const unexplained: unknown[] = []
    let values = 0
    for (let at = 0; at < COUNT; at++) {
      const text = randomExpression(random, NAMES)
      const difference = differenceOf(text)
      if (difference === null) values++
      else if (explanationOf(difference) === null) unexplained.push(difference)
    }
    expect(unexplained).toEqual([])
    expect(values).toBeGreaterThan(COUNT * 0.9)
  })

  test.each(EXPLANATIONS)('a difference: $why', (explanation) => {
    const difference = differenceOf(explanation.example)
    expect(difference).not.toBeNull()
    if (difference !== null) expect(explanationOf(difference)).toBe(explanation)
  })

  test('say no more when some of what they name is unknown', () => {
    const random = createRandom(4_242)
    const names = Object.values(NAMES).flat()
    const wrong: unknown[] = []
    let unknown = 0
    for (let at = 0; at < COUNT; at++) {
      const text = randomExpression(random, NAMES, at % 2 === 0 ? 'bool' : undefined)
      const hidden = names.filter(() => random() < 0.5)
      const masked = evaluateWithout(text, hidden)
      if (masked === 'unknown') unknown++
      else if (masked !== evaluateWithout(text, [])) wrong.push({ text, hidden, masked })
    }
    expect(wrong).toEqual([])
    expect(unknown).toBeGreaterThan(COUNT * 0.1)
  })
})

test.each(HARD_EXPRESSIONS)('%s is gone through', (text) => expect(() => goThrough(text)).not.toThrow())

test('ten thousand texts that are hardly expressions throw nothing', () => {
  const random = createRandom(99)
  let read = 0
  for (let at = 0; at < COUNT; at++) {
    const text = at % 4 === 0 ? randomText(random) : mutate(random, randomExpression(random, NAMES))
    if (goThrough(text)) read++
  }
  expect(read).toBeGreaterThan(COUNT * 0.05)
})
