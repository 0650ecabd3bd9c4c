import { describe, expect, test } from 'vitest'
import { at, person, START } from '../../../../test/support/sessions.ts'
import { createDenials } from './denials.ts'
import { targetOf } from './ending-target.ts'
import { sessionIdOf } from './find-session.ts'
import { firstKept, type KeptSession } from './kept-session.ts'
import type { Authenticated, Ending } from './sessions.ts'

const ID = sessionIdOf('secret')
const keptOf = (given: Partial<Authenticated> = {}, now = START): KeptSession =>
  firstKept(person({ sid: 's1', ...given }), { id: ID, epoch: 0, now, absolute: 1_000 })
const denialOf = (which: Ending, now = START) => ({ target: targetOf(which), on: { ...at(now), by: 'logout' } as const })

describe('an end that the store was not told of covers', () => {
  test.each<{ note: string; which: Ending; id?: string; kept?: KeptSession | null; covers: boolean }>([
    { note: 'the session of the secret', which: { secret: 'secret' }, covers: true },
    { note: 'the session of the id', which: { id: ID }, covers: true },
    { note: 'it, though nobody has seen it', which: { secret: 'secret' }, kept: null, covers: true },
    { note: 'no other session', which: { secret: 'other' }, covers: false },
    { note: 'no other session of that id', which: { id: 'other' }, covers: false },
    { note: 'those of the session at the provider', which: { provider: 'corp', sid: 's1' }, covers: true },
    { note: 'none of another session at the provider', which: { provider: 'corp', sid: 's2' }, covers: false },
    { note: 'none of a session of that name at another provider', which: { provider: 'partner', sid: 's1' }, covers: false },
    { note: 'those of the person', which: { provider: 'corp', subject: 'ada' }, covers: true },
    { note: 'none of another person', which: { provider: 'corp', subject: 'bob' }, covers: false },
    { note: 'none of a namesake at another provider', which: { provider: 'partner', subject: 'ada' }, covers: false },
    { note: 'none of the person that was not seen', which: { provider: 'corp', subject: 'ada' }, kept: null, covers: false },
    { note: 'all', which: 'all', covers: true },
    { note: 'none begun after it, of all', which: 'all', kept: keptOf({}, START + 1), covers: false },
    {
      note: 'none begun after it, of a person',
      which: { provider: 'corp', subject: 'ada' },
      kept: keptOf({}, START + 1),
      covers: false,
    },
    { note: 'none that was not seen, of all', which: 'all', kept: null, covers: false },
  ])('$note', ({ which, id = ID, kept = keptOf(), covers }) => {
    const denials = createDenials()
    expect(denials.cover(id, kept)).toBe(false)
    denials.add(denialOf(which), true)
    expect(denials.cover(id, kept)).toBe(covers)
    denials.remove(targetOf(which))
    expect(denials.cover(id, kept)).toBe(false)
    expect(denials.all()).toEqual([])
  })

  test('what any of several covers', () => {
    const denials = createDenials()
    denials.add(denialOf({ provider: 'corp', subject: 'bob' }), true)
    denials.add(denialOf({ secret: 'other' }), true)
    denials.add(denialOf({ provider: 'corp', sid: 's1' }), true)
    expect(denials.cover(ID, keptOf())).toBe(true)
    expect(denials.cover('another', keptOf({ sid: 's2' }))).toBe(false)
  })
})

describe('what is remembered of them', () => {
  test('is one for the same sessions, the latest; those of more than one come first', () => {
    const denials = createDenials()
    const again = denialOf({ id: ID }, START + 1)
    const wide = denialOf('all')
    denials.add(denialOf({ secret: 'secret' }), true)
    denials.add(again, true)
    denials.add(wide, true)
    expect(denials.all()).toEqual([wide, again])
  })

  test('is one for each of what may be ended', () => {
    const denials = createDenials()
    const ways: readonly Ending[] = [
      { provider: 'corp', sid: 's1' },
      { provider: 'corp', sid: 's2' },
      { provider: 'corp', subject: 's1' },
      { provider: 'partner', sid: 's1' },
      'all',
      { id: 's1' },
      { id: 's2' },
    ]
    for (const which of [...ways, ...ways]) denials.add(denialOf(which), true)
    expect(denials.all().map(({ target }) => target.kind)).toEqual(['tag', 'tag', 'tag', 'tag', 'all', 'one', 'one'])
  })

  test('are ten thousand that nobody has seen, and every one that somebody has', () => {
    const denials = createDenials()
    for (let n = 0; n < 10_001; n++) denials.add(denialOf({ id: `made-up-${n}` }), false)
    expect(denials.all()).toHaveLength(10_000)
    expect(denials.cover('made-up-9999', null)).toBe(true)
    expect(denials.cover('made-up-10000', null)).toBe(false)
    denials.add(denialOf({ id: ID }), true)
    expect(denials.cover(ID, null)).toBe(true)
  })
})
