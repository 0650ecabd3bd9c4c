import { describe, expect, test } from 'vitest'
import { ANONYMOUS, type Facts } from '../model/fact.ts'
import type { Verdict } from '../model/verdict.ts'
import { exampleFacts } from '../testing/example-facts.ts'
import { byCaller, replayable, withGiven } from './given.ts'

const MET: Verdict = { tri: 1, code: 'met', condition: 'who.x' }
const OTHER: Verdict = { tri: 0, code: 'x.other', condition: 'who.x' }

const replay = (ofCaller: boolean) => replayable(() => MET, { key: 'who.x:0', ofCaller, verdicts: [MET, OTHER] })
const given = (code: string, key = 'who.x:0'): Facts => withGiven(exampleFacts, new Map([[key, code]]))

describe('a test that was recorded', () => {
  test.each([
    { note: 'nothing was recorded', facts: exampleFacts, gives: MET },
    { note: 'it was', facts: given('x.other'), gives: OTHER },
    { note: 'another test was', facts: given('x.other', 'who.x:1'), gives: MET },
    { note: 'a code it never gives', facts: given('y.other'), gives: MET },
    { note: 'another caller, who has no record', facts: byCaller(exampleFacts, ANONYMOUS), gives: MET },
  ])('answers: $note', ({ facts, gives }) => {
    expect(replay(false)(facts)).toBe(gives)
    expect(replay(true)(facts)).toBe(gives)
  })

  test('of the caller says nothing of another caller', () => {
    const other = byCaller(given('x.other'), ANONYMOUS)
    expect(replay(true)(other)).toBe(MET)
    expect(replay(false)(other)).toBe(OTHER)
    expect(replay(true)(byCaller(other, ANONYMOUS))).toBe(MET)
  })
})

test('another caller: the same request, other facts of the credential', () => {
  for (const facts of [exampleFacts, given('x.other')]) {
    expect(byCaller(facts, ANONYMOUS)).toMatchObject({ ...ANONYMOUS, host: exampleFacts.host, method: exampleFacts.method })
  }
})

test('facts with what was recorded are the same facts', () => expect(given('x.other')).toMatchObject(exampleFacts))
