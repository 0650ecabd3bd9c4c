import * as listed from './condition-list.ts'
import { apiKey } from './credentials/api-key/api-key.ts'
import { jwt } from './credentials/jwt/jwt.ts'
import { session } from './credentials/session/session.ts'
import { type Condition, PLACES } from './model/condition.ts'
import type { CredentialDefinition } from './model/identity.ts'
import { REASONS, type ReasonText } from './model/reason.ts'

/**
 * Every condition of the language, in the order of the reference: by place, then by key. The order is made here because bundlers
 * do not agree on that of a module's names.
 */
export const CONDITIONS: readonly Condition[] = Object.values(listed).toSorted(
  (a, b) => PLACES.indexOf(a.place) - PLACES.indexOf(b.place) || (a.key < b.key ? -1 : 1),
)

/** Every kind of credential, in the order in which they are looked for. */
export const CREDENTIALS: readonly CredentialDefinition[] = [jwt, session, apiKey]

/** Every reason a decision can give: those of the engine and those of the conditions. */
export const REASON_TEXTS: Readonly<Record<string, ReasonText>> = {
  ...REASONS,
  ...Object.fromEntries(CONDITIONS.flatMap((condition) => Object.entries(condition.reasons))),
}
