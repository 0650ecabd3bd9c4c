// People log in with a browser at a provider (OpenID Connect Core 1.0, as a relying party): the pages and protocols of that under
// `/.balustrade/`, and what turns a challenge into a login. Writes sessions through their one writer, never decides what anybody may do.
import { type Answer, createDecisionIds, type Endpoint, type LoginStart, type SessionReader } from '@balustrade/core/kit'
import { createAllowance } from './allowance.ts'
import { beginEndpoint } from './begin.ts'
import { callbackEndpoint } from './callback.ts'
import { type LoginContext, type LoginParts, MOST_FORMS, MOST_LOGINS } from './login-context.ts'
import { createLoginStart } from './login-start.ts'
import { createProviders } from './providers.ts'
import { loggedOutEndpoint, logoutEndpoint, logoutPageEndpoint } from './logout.ts'
import { backChannelEndpoint, frontChannelEndpoint } from './provider-logout.ts'
import { createRefreshingReader } from './refresh.ts'
import { doneEndpoint, resumeEndpoint } from './resume.ts'
import { createSeals } from './seal.ts'

export interface Login {
  readonly endpoints: readonly Endpoint[]
  readonly start: LoginStart
  /** Sessions for the engine: those of `parts.sessions`, their claims refreshed where settings ask for it. */
  readonly reader: SessionReader
}

const ENDPOINTS = [
  beginEndpoint,
  callbackEndpoint,
  resumeEndpoint,
  doneEndpoint,
  logoutPageEndpoint,
  logoutEndpoint,
  loggedOutEndpoint,
  backChannelEndpoint,
  frontChannelEndpoint,
]

const NO_HEAD: Answer = {
  status: 405,
  headers: [
    ['allow', 'GET'],
    ['cache-control', 'no-store'],
    ['content-length', '0'],
  ],
  body: '',
}

/** HEAD is served as GET, and here a GET may use something up: whoever only wants to know what would come is told nothing. */
const withoutHead = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  serve: (asked) => (asked.request.method === 'HEAD' ? Promise.resolve(NO_HEAD) : endpoint.serve(asked)),
})

/** Holds nothing that has to be closed: what is under way is in the store. */
export const createLogin = (parts: LoginParts): Login => {
  const context: LoginContext = {
    ...parts,
    providers: createProviders(parts),
    seals: createSeals(parts.keys),
    allowances: { logins: createAllowance(MOST_LOGINS), forms: createAllowance(MOST_FORMS) },
    makeId: createDecisionIds(),
  }
  const endpoints = ENDPOINTS.map((make) => withoutHead(make(context)))
  return { endpoints, start: createLoginStart(context), reader: createRefreshingReader(context) }
}
