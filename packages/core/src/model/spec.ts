import type { z } from 'zod'
import { parseDuration } from '../lib/duration.ts'
import type { Reference, SchemaKit, Spec } from './condition.ts'

/** What several conditions write alike: one value or a list, declared names, durations. */
export type OneOrMany<T extends Spec> = T | readonly T[]

/** A list of values means any of them; one value is a list of one. */
export const listOf = <T extends Spec>(spec: OneOrMany<T>): readonly T[] => (Array.isArray(spec) ? spec : [spec]) as readonly T[]

/** One value or a list with at least one. */
export const oneOrMany = <T extends Spec>(kit: SchemaKit, item: z.ZodType<T>): z.ZodType<OneOrMany<T>> =>
  kit.union([item, kit.array(item).min(1)])

/** A name declared elsewhere; whether it is declared, `refers` tells. */
export const nameSchema = (kit: SchemaKit): z.ZodType<string> =>
  kit.string().regex(/^[^\s$][^\s]{0,255}$/, 'a declared name: no spaces, not beginning with $')

/** A declared name, or the `$name` of something captured in `what`. */
export const nameOrCaptureSchema = (kit: SchemaKit): z.ZodType<string> =>
  kit.string().regex(/^(?:[^\s$][^\s]{0,255}|\$[a-z][a-z0-9_-]{0,63})$/, 'a declared name, or a $name captured in `what`')

/** A principal as `provider/subject`, or `provider/$name`. */
export const principalSchema = (kit: SchemaKit): z.ZodType<string> =>
  kit
    .string()
    .regex(
      /^[^\s/$]+\/(?:[^\s$][^\u0000-\u001f\u007f]{0,254}|\$[a-z][a-z0-9_-]{0,63})$/,
      'a principal is provider/subject, or provider/$name; never an e-mail address alone',
    )

/** The providers that principals are written with. */
export const providersOf = (principals: readonly string[]): readonly Reference[] =>
  principals.map((principal) => ({ noun: 'provider', name: principal.slice(0, principal.indexOf('/')) }))

const DURATION =
  /^(?=[0-9])(?:[1-9][0-9]{0,15}d)?(?:[1-9][0-9]{0,15}h)?(?:[1-9][0-9]{0,15}m)?(?:[1-9][0-9]{0,15}s)?(?:[1-9][0-9]{0,15}ms)?$/

/** A duration such as `15m`, at most ten years. */
export const durationSchema = (kit: SchemaKit): z.ZodType<string> => {
  const message = 'a duration such as 15m, 8h or 1h30m, at most ten years'
  return kit
    .string()
    .regex(DURATION, message)
    .refine((text) => parseDuration(text) !== null, message)
}

/** `a`, `a or b`, `a, b or c`. */
export const inWords = (words: readonly (string | number | boolean)[], joint: 'or' | 'and' = 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`
