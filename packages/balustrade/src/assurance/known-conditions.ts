import type { Literal } from './literals.ts'

/** Conditions whose constants requests are made from. */
const KNOWN = new Set(
  `who.kind who.user who.group who.role who.provider who.client who.workload who.claim who.acting-for
  what.service what.host what.method what.path what.operation what.tag what.header what.upgrade when.days when.hours
  circumstance.network circumstance.credential how.mfa how.login how.acr how.scope`.split(/\s+/),
)

/** Of other conditions it is not known by which requests they could be told apart: finding nothing then says nothing. */
export const areKnown = (literals: readonly Literal[]): boolean => literals.every(({ is }) => KNOWN.has(is))
