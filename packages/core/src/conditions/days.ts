import { defineCondition } from '../model/condition.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'
import { DAY_RANGE, isWithin, nextTurn, windowsOf, ZONE_NAME } from '../model/week.ts'

type DaysSpec = { readonly days: OneOrMany<string>; readonly zone?: string }

export const days = defineCondition({
  key: 'days',
  modifiers: ['zone'],
  place: 'when',
  about: 'It is one of these days on the clock of the zone. Beside `hours`, they are the days on which a window begins.',
  schema: (kit) =>
    kit.strictObject({
      days: oneOrMany(kit, kit.string().regex(DAY_RANGE, 'a day such as mon, or days such as mon-fri')),
      zone: kit.string().regex(ZONE_NAME, 'a zone such as Europe/Berlin').optional(),
    }),
  reads: ['now'],
  reasons: {
    'days.outside': { tri: 0, remedy: false, text: 'This is not open on this day.', help: 'Come back on another day.' },
    'days.zone_unknown': {
      tri: -1,
      remedy: false,
      text: 'Which day it is there could not be found out.',
      help: 'Tell the operator; the decision id helps.',
    },
  },
  compile: (spec: DaysSpec, scope, say) => {
    const windows = windowsOf(listOf(spec.days), [])
    const table = scope.image.zones[spec.zone ?? scope.zone ?? '']
    const [met, outside, unknown] = [say('met'), say('days.outside'), say('days.zone_unknown')]
    if (table === undefined) return () => unknown
    return ({ now }) => (isWithin(windows, table, now) ? met : outside)
  },
  sentence: (spec) => `it is ${inWords(listOf(spec.days))}${spec.zone === undefined ? '' : ` in ${spec.zone}`}`,
  faults: (spec, { zone }) => {
    if (spec.zone !== undefined || zone !== null) return []
    return [
      {
        code: 'zone.missing',
        message: 'no zone says whose clock is meant',
        help: 'Write zone: Europe/Berlin here or at the top of the file.',
      },
    ]
  },
  lapses: (spec, scope) => {
    const windows = windowsOf(listOf(spec.days), [])
    const table = scope.image.zones[spec.zone ?? scope.zone ?? '']
    return ({ now }) => (table === undefined ? Number.POSITIVE_INFINITY : nextTurn(windows, table, now))
  },
  examples: {
    accepted: [{ days: 'mon-fri' }, { days: ['sat', 'sun'], zone: 'America/New_York' }, { days: 'fri-mon' }],
    refused: [
      { spec: 'mon-fri', code: 'spec.invalid' },
      { spec: { days: 'monday' }, code: 'spec.invalid' },
      { spec: { days: [] }, code: 'spec.invalid' },
      { spec: { days: 'mon', zone: '+01:00' }, code: 'spec.invalid' },
    ],
    met: {},
    // Saturday 2026-11-28, 12:00 UTC.
    unmet: { now: 1_795_867_200_000 },
  },
})
