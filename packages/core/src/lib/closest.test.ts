import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closest } from './closest.ts'

test.each([
  { note: 'exact', name: 'hours', candidates: ['days', 'hours'], near: 'hours' },
  { note: 'one letter missing', name: 'hous', candidates: ['days', 'hours'], near: 'hours' },
  { note: 'one letter more', name: 'hourss', candidates: ['days', 'hours'], near: 'hours' },
  { note: 'swapped neighbours', name: 'huors', candidates: ['days', 'hours'], near: 'hours' },
  { note: 'letter case', name: 'SourceIp', candidates: ['source_ip', 'sourceIp'], near: 'sourceIp' },
  { note: 'exact before letter case', name: 'ab', candidates: ['AB', 'ab'], near: 'ab' },
  { note: 'a third of a long word', name: 'authentification', candidates: ['authentication'], near: 'authentication' },
  { note: 'the nearer one', name: 'grant', candidates: ['great', 'grants'], near: 'grants' },
  { note: 'the first of equals', name: 'cat', candidates: ['rat', 'bat', 'hat'], near: 'bat' },
  { note: 'another word', name: 'weather', candidates: ['days', 'hours'], near: null },
  { note: 'a whole short word replaced', name: 'ip', candidates: ['ab'], near: null },
  { note: 'one letter', name: 'a', candidates: ['b'], near: null },
  { note: 'nothing', name: '', candidates: ['a', 'ab'], near: null },
  { note: 'no candidates', name: 'hours', candidates: [], near: null },
  { note: 'a very long name', name: 'a'.repeat(100_000), candidates: ['a'], near: null },
  { note: 'a very long candidate', name: 'a', candidates: ['a'.repeat(100_000)], near: null },
])('$note: $name', ({ name, candidates, near }) => expect(closest(name, candidates)).toBe(near))

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A'), maxLength: 6 })

test('property: the order of the candidates does not matter, and the answer is one of them', () => {
  fc.assert(
    fc.property(word, fc.uniqueArray(word, { maxLength: 8 }), (name, candidates) => {
      const near = closest(name, candidates)
      expect(closest(name, candidates.toReversed())).toBe(near)
      expect(near === null || candidates.includes(near)).toBe(true)
      if (candidates.includes(name)) expect(near).toBe(name)
    }),
    { numRuns: 2_000 },
  )
})

test('property: one slip in a word of three letters or more is always found', () => {
  const name = fc.stringMatching(/^[a-z]{3,20}$/)
  fc.assert(
    fc.property(name, fc.nat({ max: 19 }), fc.constantFrom('drop', 'double', 'swap'), (wanted, at, how) => {
      const i = at % (wanted.length - 1)
      const tails = {
        drop: wanted.slice(i + 1),
        double: wanted[i] + wanted.slice(i),
        swap: `${wanted[i + 1]}${wanted[i]}${wanted.slice(i + 2)}`,
      }
      expect(closest(wanted.slice(0, i) + tails[how], [wanted])).toBe(wanted)
    }),
  )
})
