import type { HeaderLine } from '../model/access-request.ts'
import type { Evaluation } from '../model/engine.ts'
import { UNKNOWN, type Maybe, type Membership } from '../model/fact.ts'
import { IDENTITY_HEADERS, type IdentityHeader } from '../model/policy-image.ts'

/** Percent-encodes what could end a field, split a list or be read two ways upstream: controls, non-ASCII, comma, percent, edge space. */
const safe = (text: string): string =>
  text.replace(/[^\x21-\x24\x26-\x2b\x2d-\x7e]/gu, (character) => encodeURIComponent(character))

const names = (fact: Maybe<Membership>): string =>
  fact === null || fact === UNKNOWN ? '' : [...fact.names].sort().map(safe).join(',')

const text = (fact: Maybe<string>): string => (typeof fact === 'string' ? safe(fact) : '')

const valueOf = (header: Exclude<IdentityHeader, 'assertion'>, evaluation: Evaluation): string => {
  const facts = evaluation.identity?.facts
  if (facts === undefined) return ''
  if (header === 'user') return text(facts.user === null ? facts.workload : facts.user)
  if (header === 'kind') return text(facts.kind)
  return names(header === 'groups' ? facts.groups : facts.roles)
}

/**
 * Identity headers of the service, always all of them, empty when there is nothing to say, so that what a client sent under
 * such a name can never be read as ours. `assertion` is the signed assertion, '' when the point makes none.
 */
export const identityHeaders = (evaluation: Evaluation, assertion: string): readonly HeaderLine[] => {
  const headers = evaluation.service?.identityHeaders
  if (headers === undefined) return []
  return IDENTITY_HEADERS.map(
    (header) => [headers[header], header === 'assertion' ? assertion : valueOf(header, evaluation)] as const,
  )
}
