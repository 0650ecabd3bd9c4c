import { compile } from './compiler.ts'
import { earlier, later } from './time.ts'
import type { Library } from './signature.ts'
import type { Call, Expr } from './syntax.ts'
import { childrenOf } from './syntax.ts'
import { tagged, UNKNOWN, type Value } from './value.ts'
import { pathOf, type Vocabulary } from './vocabulary.ts'

/** When an expression may come out otherwise by time alone. */
export type Turn<F> = (input: F) => number

interface Clock<F> {
  /** The variable that is the time of the evaluation. */
  readonly name: string
  readonly now: (input: F) => number
  readonly vocabulary: Vocabulary<F>
  readonly library: Library
}

const SECOND = 1_000

const isClock = <F>(expr: Expr, { name }: Clock<F>): boolean => pathOf(expr, () => false)?.join('.') === name

const mentions = <F>(expr: Expr, clock: Clock<F>): boolean =>
  isClock(expr, clock) || childrenOf(expr).some((child) => mentions(child, clock))

/** The next moment at which a clock that counts in `step` ms shows something else. */
const nextStep =
  <F>(clock: Clock<F>, step: number): Turn<F> =>
  (input) =>
    (Math.floor(clock.now(input) / step) + 1) * step

const msOf = (value: Value): number | null => {
  const at = tagged(value, 'timestamp')
  return at === null ? null : at.seconds * SECOND + at.nanos / 1_000_000
}

/** Around an instant a comparison may turn at it, or in the millisecond after it. */
const around = (at: number, now: number): number =>
  [Math.ceil(at), Math.floor(at) + 1].find((ms) => ms > now) ?? Number.POSITIVE_INFINITY

type Form = 'plus' | 'minus' | 'from'

/** The instant that makes both sides of `now ± part` and `other` equal. */
const solve = (form: Form, part: Value, other: Value): Value => {
  const [at, by] = [tagged(part, 'timestamp'), tagged(part, 'duration')]
  const [wanted, length] = [tagged(other, 'timestamp'), tagged(other, 'duration')]
  if (by !== null && wanted !== null) return form === 'plus' ? earlier(wanted, by) : later(wanted, by)
  if (at === null || length === null) return false
  return form === 'minus' ? later(at, length) : earlier(at, length)
}

/** By operator: with the clock on its left, and on its right. */
const FORMS: Readonly<Record<string, readonly [Form, Form]>> = { '_+_': ['plus', 'plus'], '_-_': ['minus', 'from'] }

/** What of a side is compared with the clock: nothing more, or a part that is added or taken away. */
const formOf = <F>(side: Expr, clock: Clock<F>): { readonly form: Form; readonly part: Expr } | 'clock' | null => {
  if (isClock(side, clock)) return 'clock'
  const forms = side.op === 'call' && Object.hasOwn(FORMS, side.name) ? FORMS[side.name] : undefined
  if (forms === undefined) return null
  const [left, right] = (side as Call).args as readonly [Expr, Expr]
  const first = isClock(left, clock)
  const part = first ? right : left
  if (mentions(part, clock) || (!first && !isClock(right, clock))) return null
  return { form: forms[first ? 0 : 1], part }
}

const COMPARISON = /^_(?:<|<=|>|>=|==|!=)_$/

/** A comparison of the clock with something that does not depend on it: null when it is none. */
const turnOfComparison = <F>(call: Call, clock: Clock<F>): Turn<F> | null => {
  if (!COMPARISON.test(call.name)) return null
  const [a, b] = call.args as readonly [Expr, Expr]
  const [side, other] = mentions(a, clock) ? [a, b] : [b, a]
  const form = mentions(other, clock) ? null : formOf(side, clock)
  if (form === null) return null
  const { vocabulary, library } = clock
  const value = compile(other, { vocabulary, library, onValue: null })
  const part = form === 'clock' ? null : compile(form.part, { vocabulary, library, onValue: null })
  return (input) => {
    const now = clock.now(input)
    const found = value(input)
    const beside = part?.(input) ?? null
    if (found === UNKNOWN || beside === UNKNOWN) return Number.POSITIVE_INFINITY
    const at = msOf(form === 'clock' ? found : solve(form.form, beside, found))
    return at === null ? nextStep(clock, SECOND)(input) : around(at, now)
  }
}

const READINGS: ReadonlyMap<string, number> = new Map([
  ['getSeconds', SECOND],
  ['getMilliseconds', 1],
])

/** A reading of the clock, by the finest step in which it counts; zones differ from UTC by whole minutes. */
const turnOfReading = <F>(call: Call, clock: Clock<F>): Turn<F> | null => {
  if (call.target === null || !isClock(call.target, clock)) return null
  return nextStep(clock, READINGS.get(call.name) ?? 60 * SECOND)
}

const turnsOf = <F>(expr: Expr, clock: Clock<F>): readonly Turn<F>[] => {
  if (!mentions(expr, clock)) return []
  const known = expr.op === 'call' ? (turnOfComparison(expr, clock) ?? turnOfReading(expr, clock)) : null
  if (known !== null) return [known]
  return isClock(expr, clock) ? [nextStep(clock, SECOND)] : childrenOf(expr).flatMap((child) => turnsOf(child, clock))
}

/**
 * The earliest moment after now, in ms since 1970, at which the expression may come out otherwise by time alone: exact where the
 * clock is compared with an instant, or its reading used; every whole second where something else is made of it.
 */
export const createTurn = <F>(expr: Expr, clock: Clock<F>): Turn<F> => {
  const turns = turnsOf(expr, clock)
  return (input) => turns.reduce((least, turn) => Math.min(least, turn(input)), Number.POSITIVE_INFINITY)
}
