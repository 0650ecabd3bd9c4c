import type { AccessRequest } from '../model/access-request.ts'
import type { Evaluation } from '../model/engine.ts'
import { MFA_LEVELS, type MfaLevel } from '../model/fact.ts'
import type { ProviderImage } from '../model/policy-image.ts'
import type { Remedy } from '../model/remedy.ts'
import { metadataUrl } from './metadata.ts'

/** Quoted-string content allowed by RFC 6750 section 3: no quote, no backslash, nothing outside printable ASCII. */
const quotable = (text: string): string => text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')

const reaches = (level: MfaLevel, asked: MfaLevel): boolean => MFA_LEVELS.indexOf(level) >= MFA_LEVELS.indexOf(asked)

const providersOf = (evaluation: Evaluation): readonly ProviderImage[] => {
  const { image, service, identity } = evaluation
  const names = identity === null ? (service?.providers ?? []) : [identity.provider]
  return names.flatMap((name) => image?.providers[name] ?? [])
}

/** The acr values whose mapped level suffices, weakest that suffices first, as each provider lists them. */
const acrValues = (evaluation: Evaluation, remedy: Remedy): readonly string[] => {
  if (remedy.acr !== undefined) return remedy.acr
  const asked = remedy.stepUp?.level
  if (asked === undefined) return []
  const entries = providersOf(evaluation).flatMap((provider) => Object.entries(provider.mfa.acr))
  const enough = entries.filter(([, level]) => reaches(level, asked))
  enough.sort((a, b) => MFA_LEVELS.indexOf(a[1]) - MFA_LEVELS.indexOf(b[1]))
  return [...new Set(enough.map(([value]) => value))]
}

const smallest = (ages: readonly (number | null | undefined)[]): number | null => {
  const known = ages.filter((age) => age !== null && age !== undefined)
  return known.length === 0 ? null : Math.floor(Math.min(...known) / 1000)
}

type Parameter = readonly [name: string, value: string]

/** RFC 9470 section 3: `insufficient_user_authentication` with `acr_values` and `max_age`; scopes too when they are short as well. */
const stepUpParameters = (evaluation: Evaluation, remedy: Remedy): readonly Parameter[] => {
  const values = acrValues(evaluation, remedy)
  const age = smallest([remedy.stepUp?.maxAge, remedy.login?.maxAge])
  return [
    ['error', 'insufficient_user_authentication'],
    ['error_description', 'A different authentication level is required'],
    ...(values.length === 0 ? [] : [['acr_values', values.join(' ')] as const]),
    ...(age === null ? [] : [['max_age', String(age)] as const]),
    ...(remedy.scopes === undefined ? [] : [['scope', remedy.scopes.join(' ')] as const]),
  ]
}

const scopeParameters = (scopes: readonly string[]): readonly Parameter[] => [
  ['error', 'insufficient_scope'],
  ['error_description', 'The credential lacks a scope'],
  ['scope', scopes.join(' ')],
]

/** Without a credential no error code is given (RFC 6750 section 3.1); level and age are, when no identity is needed to know them. */
const anonymousParameters = (evaluation: Evaluation, remedy: Remedy): readonly Parameter[] => {
  const values = acrValues(evaluation, remedy)
  const age = smallest([remedy.stepUp?.maxAge, remedy.login?.maxAge])
  return [
    ...(values.length === 0 ? [] : [['acr_values', values.join(' ')] as const]),
    ...(age === null ? [] : [['max_age', String(age)] as const]),
  ]
}

const rejectedParameters = (code: string, http: 400 | 401 | 403): readonly Parameter[] => [
  ['error', http === 400 || code === 'credential.malformed' ? 'invalid_request' : 'invalid_token'],
  ['error_description', code === 'credential.expired' ? 'The token expired' : 'The token was not accepted'],
]

const parametersOf = (evaluation: Evaluation): readonly Parameter[] => {
  const { rejected, identity, decision } = evaluation
  if (rejected !== null && decision.class === 'refused') return rejectedParameters(rejected.code, rejected.http)
  const { remedy } = decision
  if (remedy === null) return []
  if (identity === null) return anonymousParameters(evaluation, remedy)
  const { scopes } = remedy
  if (scopes !== undefined && remedy.stepUp === undefined && remedy.acr === undefined && remedy.login === undefined)
    return scopeParameters(scopes)
  return stepUpParameters(evaluation, remedy)
}

/** The WWW-Authenticate value for a 401, and for the 403 of missing scopes; null for other answers. */
export const challengeHeader = (evaluation: Evaluation, request: AccessRequest, status: number): string | null => {
  const scoped = status === 403 && evaluation.decision.outcome === 'challenge'
  if ((status !== 401 && status !== 400 && !scoped) || evaluation.service === null) return null
  if (status === 400 && evaluation.rejected === null) return null
  const parameters: readonly Parameter[] = [
    ['realm', evaluation.serviceName ?? ''],
    ...parametersOf(evaluation),
    ['resource_metadata', metadataUrl(evaluation.service, request)],
  ]
  return `Bearer ${parameters.map(([name, value]) => `${name}="${quotable(value)}"`).join(', ')}`
}
