import { parseDay, parseInstant } from '../lib/civil.ts'
import { localMidnight } from '../lib/clock-face.ts'
import { buildZoneTable, type BuiltZoneTable } from '../lib/zone-table.ts'
import type { ZoneImage } from '../model/policy-image.ts'
import type { Reporter } from './reporter.ts'
import type { Located } from './shape.ts'
import type { Span } from './source.ts'

/** A fixed stretch, so that the same documents give the same image whatever the year. */
const FIRST_YEAR = 2020
const LAST_YEAR = 2050

export interface Zones {
  /** The table of a zone; null when there is no such zone, which is reported at `at`. */
  readonly of: (name: string, at: Span) => ZoneImage | null
  readonly image: () => Readonly<Record<string, ZoneImage>>
}

export const createZones = (to: Reporter): Zones => {
  const built = new Map<string, BuiltZoneTable>()
  return {
    of: (name, at) => {
      const known = built.get(name) ?? buildZoneTable(name, FIRST_YEAR, LAST_YEAR)
      built.set(name, known)
      if (known.ok) return known.table
      to.report('zone.unknown', at, { zone: name, problem: known.why })
      return null
    },
    image: () =>
      Object.fromEntries(
        [...built].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, each]) => (each.ok ? [[name, each.table] as const] : [])),
      ),
  }
}

export type DayEdge = 'begin' | 'end'

/**
 * Epoch ms of a written date or instant: a date is the whole day in the zone, so its edge is the midnight that begins it or the
 * one that ends it; an instant is exact. Null when it was refused and reported.
 */
export const readMoment = (
  written: Located<string>,
  edge: DayEdge,
  scope: { readonly zone: string | null; readonly zones: Zones; readonly to: Reporter },
): number | null => {
  const instant = parseInstant(written.value)
  if (instant !== null) return instant
  const day = parseDay(written.value)
  if (day === null) scope.to.report('time.invalid', written.at, { text: written.value })
  else if (scope.zone === null) scope.to.report('zone.missing', written.at, { text: written.value })
  else {
    const table = scope.zones.of(scope.zone, written.at)
    return table === null ? null : localMidnight(table, edge === 'begin' ? day : day + 1)
  }
  return null
}

/** A day of a register, such as a review: the end of that day in UTC where no zone is declared. */
export const readDue = (written: Located<string>, scope: Parameters<typeof readMoment>[2]): number | null => {
  const day = scope.zone === null ? parseDay(written.value) : null
  return day === null ? readMoment(written, 'end', scope) : (day + 1) * 86_400_000
}
