import { callsOf } from './names.ts'
import type { Expr, ExpressionFault } from './syntax.ts'

const READING = /^get(?:FullYear|Month|Date|DayOfMonth|DayOfWeek|DayOfYear|Hours|Minutes|Seconds|Milliseconds)$/
const OFFSET = /^[+-]?\d{1,2}:\d{2}$/

/** Zones by name that an expression reads clocks of; those that are not written out are faults. */
export const zonesOf = (expr: Expr): { readonly names: readonly string[]; readonly faults: readonly ExpressionFault[] } => {
  const names = new Set<string>()
  const faults: ExpressionFault[] = []
  for (const { name, target, args } of callsOf(expr)) {
    const [zone] = args
    if (target === null || zone === undefined || !READING.test(name)) continue
    if (zone.op !== 'literal' || typeof zone.value !== 'string') {
      const help = 'Write the name of the zone in quotes, such as "Europe/Berlin".'
      faults.push({ code: 'if.zone', from: zone.from, to: zone.to, message: 'whose clock is meant is not written here', help })
    } else if (zone.value !== 'UTC' && !OFFSET.test(zone.value)) names.add(zone.value)
  }
  return { names: [...names], faults }
}
