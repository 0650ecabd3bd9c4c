import {
  type AccessRequest,
  type Answer,
  type Endpoint,
  originOf,
  RESERVED_SEGMENT,
  seeOther,
  sha256Base64Url,
} from '@balustrade/core/kit'
import type { Authenticated, Begun } from '../session/sessions.ts'
import type { Stored } from '../state/state-store.ts'
import { authenticate, type NotAuthenticated } from './authenticate.ts'
import { readAuthorizationResponse } from './authorization-response.ts'
import { redirectUriOf } from './begin.ts'
import { loginSecretOf, sessionSecretOf, setSessionCookie } from './browser-cookie.ts'
import { answerFailure } from './failure.ts'
import type { LoginContext } from './login-context.ts'
import { occasionOf } from './occasion.ts'
import { type Parameters, readParameters } from './parameters.ts'
import { readyProvider } from './ready-provider.ts'
import { takeTransaction, type Transaction } from './transaction.ts'

type Found = { readonly transaction: Transaction } | { readonly fault: string }

/**
 * The transaction that this browser began in this origin. Whoever brings somebody else's state to a browser logs it in as
 * themselves, to read later what is entered there (login cross-site request forgery): the state alone proves nothing.
 */
const findTransaction = async (context: LoginContext, request: AccessRequest, state: string | undefined): Promise<Found> => {
  if (state === undefined) return { fault: 'login.state' }
  const secret = loginSecretOf(request)
  if (secret === null) return { fault: 'login.browser' }
  const taken = await takeTransaction(context, state)
  if (!taken.ok) return { fault: 'login.unavailable' }
  const { transaction } = taken
  if (transaction === null) return { fault: 'login.expired' }
  if (transaction.browser !== sha256Base64Url(secret)) return { fault: 'login.browser' }
  return transaction.start.origin === originOf(request) ? { transaction } : { fault: 'login.state' }
}

/** Somebody who logged in, and for what. */
interface Done {
  readonly transaction: Transaction
  readonly from: Authenticated
}

/** The session that the browser has is stepped up if it is the same person's; otherwise it ends and another begins. */
const keepSession = async (
  context: LoginContext,
  request: AccessRequest,
  { transaction, from }: Done,
): Promise<Stored<Begun>> => {
  const { sessions } = context
  const on = occasionOf(context, request, transaction.start.service)
  const present = sessionSecretOf(request)
  const elevated = present === null ? null : await sessions.elevate(present, from, on)
  if (elevated !== null && !elevated.ok) return elevated
  if (elevated?.ok === true && elevated.value !== null) return { ok: true, value: elevated.value }
  return sessions.begin(from, { ...on, replaces: present })
}

/** A form goes on only for the person who sent it. */
const targetFor = (
  context: LoginContext,
  { start, browser }: Transaction,
  { provider, subject }: Authenticated,
): string | null => {
  const { form, present, target } = start
  if (form === null) return target
  if (present !== null && (present.provider !== provider || present.subject !== subject)) return null
  const sealed = context.seals.seal('resume', { form, browser, at: context.clock.now() })
  return `/${RESERVED_SEGMENT}/resume?form=${sealed}`
}

const complete = async (context: LoginContext, request: AccessRequest, done: Done): Promise<Answer> => {
  const { transaction, from } = done
  const { service, target } = transaction.start
  const kept = await keepSession(context, request, done)
  if (!kept.ok) return answerFailure(context, request, { code: 'login.unavailable', service, target })
  const cookie = setSessionCookie(request.transport.scheme, kept.value.secret)
  const next = targetFor(context, transaction, from)
  if (next !== null) return seeOther(next, [cookie])
  return answerFailure(context, request, { code: 'login.form_gone', service, headers: [cookie] })
}

const answerTo = async (
  context: LoginContext,
  request: AccessRequest,
  came: { readonly transaction: Transaction; readonly parameters: Parameters },
): Promise<Answer> => {
  const { transaction, parameters } = came
  const { service, target, origin } = transaction.start
  const refuse = ({ fault, ...more }: NotAuthenticated): Answer =>
    answerFailure(context, request, { code: fault, service, provider: transaction.provider, target, ...more })
  const ready = await readyProvider(context, transaction.provider)
  if ('fault' in ready) return refuse(ready)
  const response = readAuthorizationResponse(parameters, ready.metadata)
  if ('fault' in response) return refuse(response)
  const asked = { code: response.code, redirectUri: redirectUriOf(origin), now: context.clock.now }
  const from = await authenticate(ready, transaction, asked)
  return 'fault' in from ? refuse(from) : complete(context, request, { transaction, from })
}

const serve = async (context: LoginContext, request: AccessRequest): Promise<Answer> => {
  const parameters = readParameters(request.query ?? '')
  if (parameters === null) return answerFailure(context, request, { code: 'login.state' })
  const found = await findTransaction(context, request, parameters.get('state'))
  if ('fault' in found) return answerFailure(context, request, { code: found.fault })
  return answerTo(context, request, { transaction: found.transaction, parameters })
}

/** `GET /.balustrade/callback`: the browser is back from the provider. */
export const callbackEndpoint = (context: LoginContext): Endpoint => ({
  method: 'GET',
  segments: ['callback'],
  serve: ({ request }) => serve(context, request),
})
