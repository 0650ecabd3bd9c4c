import { FAULT } from './fault.ts'
import { type Library, overload } from './signature.ts'
import { isList, isTagged, NONE, numberOf, optional, type Optional, type Value } from './value.ts'

const isZeroOfKind = (value: Value): boolean => {
  if (!isTagged(value)) return false
  switch (value.kind) {
    case 'map':
      return value.entries.size === 0
    case 'bytes':
      return value.octets.length === 0
    case 'duration':
      return value.nanos === 0
    case 'timestamp':
      return value.seconds === 0 && value.nanos === 0
    case 'optional':
      return value.value === undefined
    default:
      return false
  }
}

/** Zero, empty, false or null. */
const isZero = (value: Value): boolean => {
  if (value === null || value === false || value === '') return true
  if (isList(value)) return value.length === 0
  return numberOf(value) === 0 || isZeroOfKind(value)
}

const valueOf = ({ value }: Optional): Value => (value === undefined ? FAULT.no_value : value)

/** Values that may be missing, and what to take instead. */
export const OPTIONALS: Library = {
  'optional.of': [overload('(A) -> optional<A>', (value: Value) => optional(value))],
  'optional.ofNonZeroValue': [overload('(A) -> optional<A>', (value: Value) => (isZero(value) ? NONE : optional(value)))],
  'optional.none': [overload('() -> optional<A>', () => NONE)],
  hasValue: [overload('optional<A>.() -> bool', ({ value }: Optional) => value !== undefined)],
  value: [overload('optional<A>.() -> A', valueOf)],
  or: [
    overload('optional<A>.(optional<A>) -> optional<A>', (first: Optional, second: Optional) =>
      first.value === undefined ? second : first,
    ),
  ],
  orValue: [
    overload('optional<A>.(A) -> A', (first: Optional, otherwise: Value) =>
      first.value === undefined ? otherwise : first.value,
    ),
  ],
}
