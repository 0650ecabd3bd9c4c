import { type ConditionFault, defineCondition } from '../model/condition.ts'
import { inWords, listOf, type OneOrMany, oneOrMany } from '../model/spec.ts'
import { DAY_RANGE, HOUR_RANGE, hoursOf, isWithin, nextTurn, windowsOf, ZONE_NAME } from '../model/week.ts'

type HoursSpec = { readonly hours: OneOrMany<string>; readonly days?: OneOrMany<string>; readonly zone?: string }

const windowsOfSpec = (spec: HoursSpec) => windowsOf(spec.days === undefined ? [] : listOf(spec.days), listOf(spec.hours))

const faultsOf = (spec: HoursSpec, zone: string | null): readonly ConditionFault[] => {
  const faults: ConditionFault[] = []
  if (spec.zone === undefined && zone === null) {
    faults.push({
      code: 'zone.missing',
      message: 'no zone says whose clock is meant',
      help: 'Write zone: Europe/Berlin here or at the top of the file.',
    })
  }
  for (const range of listOf(spec.hours)) {
    const { from, to } = hoursOf(range)
    if (from !== to) continue
    faults.push({
      code: 'hours.empty',
      message: `${range} is no time at all, or a whole day`,
      help: 'Write 00:00-24:00 for the whole day.',
    })
  }
  return faults
}

export const hours = defineCondition({
  key: 'hours',
  modifiers: ['days', 'zone'],
  place: 'when',
  about:
    'It is within one of these windows on the clock of the zone, the end excluded. A window may go past midnight; `days` beside it are those on which it begins.',
  schema: (kit) =>
    kit.strictObject({
      hours: oneOrMany(kit, kit.string().regex(HOUR_RANGE, 'hours such as 08:00-18:00')),
      days: oneOrMany(kit, kit.string().regex(DAY_RANGE, 'a day such as mon, or days such as mon-fri')).optional(),
      zone: kit.string().regex(ZONE_NAME, 'a zone such as Europe/Berlin').optional(),
    }),
  reads: ['now'],
  reasons: {
    'hours.outside': { tri: 0, remedy: false, text: 'This is not open at this time.', help: 'Come back at another time.' },
    'hours.zone_unknown': {
      tri: -1,
      remedy: false,
      text: 'What time it is there could not be found out.',
      help: 'Tell the operator; the decision id helps.',
    },
  },
  compile: (spec: HoursSpec, scope, say) => {
    const windows = windowsOfSpec(spec)
    const table = scope.image.zones[spec.zone ?? scope.zone ?? '']
    const [met, outside, unknown] = [say('met'), say('hours.outside'), say('hours.zone_unknown')]
    if (table === undefined) return () => unknown
    return ({ now }) => (isWithin(windows, table, now) ? met : outside)
  },
  sentence: (spec) => {
    const begins = spec.days === undefined ? '' : `, begun on ${inWords(listOf(spec.days))}`
    return `it is ${inWords(listOf(spec.hours))}${begins}${spec.zone === undefined ? '' : ` in ${spec.zone}`}`
  },
  faults: (spec, { zone }) => faultsOf(spec, zone),
  lapses: (spec, scope) => {
    const windows = windowsOfSpec(spec)
    const table = scope.image.zones[spec.zone ?? scope.zone ?? '']
    return ({ now }) => (table === undefined ? Number.POSITIVE_INFINITY : nextTurn(windows, table, now))
  },
  examples: {
    accepted: [
      { hours: '08:00-18:00', days: 'mon-fri' },
      { hours: '22:00-06:00', zone: 'America/New_York' },
      { hours: ['08:00-12:00', '13:00-24:00'] },
    ],
    refused: [
      { spec: '08:00-18:00', code: 'spec.invalid' },
      { spec: { hours: '8-18' }, code: 'spec.invalid' },
      { spec: { hours: '24:00-06:00' }, code: 'spec.invalid' },
      { spec: { hours: '08:00-08:00' }, code: 'hours.empty' },
      { spec: { hours: '08:00-18:00', months: 'may' }, code: 'spec.invalid' },
    ],
    met: {},
    // 18:00 in Berlin on the same Tuesday: the first minute outside.
    unmet: { now: 1_795_539_600_000 },
  },
})
