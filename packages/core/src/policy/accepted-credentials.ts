import { CREDENTIAL_KINDS, type CredentialKind, OWN_PROVIDER } from '../model/fact.ts'
import type { ServiceImage } from '../model/policy-image.ts'
import type { Reporter } from './reporter.ts'
import { choice, type Fields, list, type Located, located, maybe, text } from './shape.ts'

/** What a service says of the credentials it accepts. */
export interface Accepting {
  readonly audience: readonly string[] | undefined
  readonly providers: readonly Located<string>[] | undefined
  readonly credentials: Located<readonly CredentialKind[]> | undefined
  readonly login: readonly Located<string>[] | undefined
  readonly sessions: Located<'strict' | 'lenient'> | undefined
}

const PROVIDER = located(text('the name of a provider'))

export const accepting: Fields<Accepting> = {
  audience: maybe(list(text('an audience'))),
  providers: maybe(list(PROVIDER)),
  credentials: maybe(located(list(choice(CREDENTIAL_KINDS)))),
  login: maybe(list(PROVIDER)),
  sessions: maybe(located(choice(['strict', 'lenient']))),
}

/** The kinds stated, or those that providers and login bring along; in one order, whatever was written. */
const kindsOf = ({ credentials, providers, login }: Accepting): readonly CredentialKind[] => {
  const implied: readonly CredentialKind[] = [...(providers ? (['jwt'] as const) : []), ...(login ? (['session'] as const) : [])]
  const accepted = credentials?.value ?? implied
  return CREDENTIAL_KINDS.filter((kind) => accepted.includes(kind))
}

const checkTokens = (service: Accepting, at: Located<unknown>['at'], to: Reporter): void => {
  const takesTokens = kindsOf(service).includes('jwt')
  if (takesTokens && service.audience === undefined) to.report('service.audience_missing', at)
  const isPointless = service.credentials === undefined && service.audience !== undefined
  if (service.providers === undefined && (takesTokens || isPointless)) to.report('service.providers_missing', at)
}

const checkSessions = (service: Accepting, to: Reporter): void => {
  const { credentials, login, sessions } = service
  const kinds = kindsOf(service)
  const takesSessions = kinds.includes('session')
  if (takesSessions && login === undefined && credentials !== undefined) to.report('service.login_missing', credentials.at)
  if (!takesSessions && login !== undefined && credentials !== undefined) to.report('service.login_unused', credentials.at)
  // Keys are looked up in the same store, and follow the same word while it does not answer.
  if (!takesSessions && !kinds.includes('api-key') && sessions !== undefined) to.report('service.sessions_unused', sessions.at)
}

/** Whoever is not accepted could log in, and would then be refused. */
const checkLogin = ({ login, providers }: Accepting, declared: ReadonlySet<string>, to: Reporter): void => {
  for (const { value, at } of login ?? []) {
    if (value !== OWN_PROVIDER && declared.has(value) && providers?.some((provider) => provider.value === value) !== true)
      to.report('service.login_provider', at, { name: value })
  }
}

/** Only what no single value shows: whether each provider is declared is checked where all of them are. */
export const checkCredentials = (
  service: Accepting,
  place: { readonly at: Located<unknown>['at']; readonly declared: ReadonlySet<string> },
  to: Reporter,
): void => {
  checkTokens(service, place.at, to)
  checkSessions(service, to)
  checkLogin(service, place.declared, to)
}

const valuesOf = (written: readonly Located<string>[] | undefined): readonly string[] => [
  ...new Set((written ?? []).map(({ value }) => value)),
]

export const credentialsImage = (
  service: Accepting,
): Pick<ServiceImage, 'audience' | 'providers' | 'credentials' | 'login' | 'sessions'> => ({
  audience: [...new Set(service.audience ?? [])].sort(),
  providers: valuesOf(service.providers).toSorted(),
  credentials: kindsOf(service),
  login: valuesOf(service.login),
  sessions: service.sessions?.value ?? 'strict',
})
