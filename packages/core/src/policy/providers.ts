import { MFA_LEVELS, type ClaimType, type MfaLevel, type PrincipalKind } from '../model/fact.ts'
import type { ProviderImage } from '../model/policy-image.ts'
import { type Reporter, suggest } from './reporter.ts'
import {
  choice,
  duration,
  flag,
  FOREIGN_NAME,
  list,
  type Located,
  located,
  maybe,
  type Named,
  named,
  need,
  record,
  text,
} from './shape.ts'
import { secureUrlFault, urlText } from './web-address.ts'

/** Asymmetric algorithms only: with a shared secret whoever verifies can also issue (RFC 8725 section 3.2). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const
const COMPLETE = ['groups', 'roles', 'claims', 'mfa'] as const
const CLAIM_TYPES: readonly ClaimType[] = ['string', 'number', 'boolean', 'strings']
const CLIENT_KINDS: readonly PrincipalKind[] = ['workload', 'agent']
const DAY = 86_400_000

interface Mfa {
  readonly acr: readonly Named<MfaLevel>[] | undefined
  readonly amr: readonly Named<MfaLevel>[] | undefined
  readonly 'proved-at': Located<string>
}

export interface Provider {
  readonly issuer: Located<string>
  readonly profile: ProviderImage['profile']
  readonly algorithms: readonly string[]
  readonly 'jwks-uri': Located<string> | undefined
  readonly lifetime: number
  readonly loopback: boolean | undefined
  readonly claims: readonly Named<ClaimType>[] | undefined
  readonly 'groups-claim': string | undefined
  readonly 'roles-claim': string | undefined
  readonly complete: readonly ('groups' | 'roles' | 'claims' | 'mfa')[] | undefined
  readonly mfa: Mfa | undefined
  readonly 'client-kind': PrincipalKind | undefined
}

const levels = named(choice(MFA_LEVELS), FOREIGN_NAME)
const claimName = text('the name of a claim', FOREIGN_NAME)

export const providers = named(
  record<Provider>('a provider', {
    issuer: need(located(urlText)),
    profile: need(choice(['rfc9068', 'plain'])),
    algorithms: need(list(choice(ALGORITHMS))),
    'jwks-uri': maybe(located(urlText)),
    lifetime: need(duration(30 * DAY)),
    loopback: maybe(flag),
    claims: maybe(named(choice(CLAIM_TYPES), FOREIGN_NAME)),
    'groups-claim': maybe(claimName),
    'roles-claim': maybe(claimName),
    complete: maybe(list(choice(COMPLETE))),
    mfa: maybe(record<Mfa>('`mfa`', { acr: maybe(levels), amr: maybe(levels), 'proved-at': need(located(claimName)) })),
    'client-kind': maybe(choice(CLIENT_KINDS)),
  }),
)

const byName = <T>(entries: readonly Named<T>[] | undefined): Readonly<Record<string, T>> =>
  Object.fromEntries([...(entries ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)).map((entry) => [entry.name, entry.value]))

/** `auth_time` (OIDC), `never`, or a claim that is declared to be a number. */
const checkProvedAt = (provider: Provider, to: Reporter): void => {
  const written = provider.mfa?.['proved-at']
  const numbers = (provider.claims ?? []).filter((claim) => claim.value === 'number').map((claim) => claim.name)
  const known = ['auth_time', 'never', ...numbers]
  if (written === undefined || known.includes(written.value)) return
  to.report('claim.unknown', written.at, { name: written.value, help: suggest(written.value, known, 'values') || undefined })
}

export const checkProvider = (provider: Provider, to: Reporter): void => {
  checkProvedAt(provider, to)
  for (const url of [provider.issuer, provider['jwks-uri']]) {
    const fault = url === undefined ? null : secureUrlFault(url.value, provider.loopback === true)
    if (url !== undefined && fault !== null) to.report('provider.url', url.at, { url: url.value, problem: fault })
  }
}

const mfaImage = (mfa: Mfa | undefined): ProviderImage['mfa'] => ({
  acr: byName(mfa?.acr),
  amr: byName(mfa?.amr),
  provedAt: mfa === undefined || mfa['proved-at'].value === 'never' ? null : mfa['proved-at'].value,
})

export const providerImage = (provider: Provider): ProviderImage => ({
  issuer: provider.issuer.value,
  profile: provider.profile,
  algorithms: [...new Set(provider.algorithms)].sort(),
  jwksUri: provider['jwks-uri']?.value ?? null,
  lifetime: provider.lifetime,
  loopback: provider.loopback === true,
  claims: byName(provider.claims),
  groupsClaim: provider['groups-claim'] ?? null,
  rolesClaim: provider['roles-claim'] ?? null,
  complete: COMPLETE.filter((each) => provider.complete?.includes(each)),
  mfa: mfaImage(provider.mfa),
  clientKind: provider['client-kind'] ?? 'workload',
})
