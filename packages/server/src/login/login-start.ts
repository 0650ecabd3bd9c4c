import {
  type AccessRequest,
  type Evaluation,
  type LoginStart,
  type LoginWay,
  originOf,
  RESERVED_SEGMENT,
} from '@balustrade/core/kit'
import { browserMarks } from './browser-cookie.ts'
import { type Demand, demandDigest, demandOf } from './demand.ts'
import { keepForm } from './kept-form.ts'
import type { LoginContext } from './login-context.ts'
import { offeredProviders } from './offered.ts'
import { parseReturnTarget } from './return-target.ts'
import { startJson } from './start.ts'

/** ms. Whoever just did what is asked again is not sent round once more. */
const JUST_DONE = 60_000

/** What a request target may hold, less what a chosen provider adds. */
const LONGEST_LOCATION = 8_000

const NONE: LoginWay = { way: 'none' }

/** What would have to be proved, where a login could prove it to whoever this is. */
const demandFor = (context: LoginContext, evaluation: Evaluation): Demand | null => {
  const { service, image, identity, decision } = evaluation
  const demand = decision.remedy === null ? null : demandOf(decision.remedy)
  if (service === null || image === null || demand === null) return null
  // What was sent is another kind of credential: a session beside it would be a second one.
  if (identity !== null && identity.kind !== 'session') return null
  const wanted = { service, image, demand, present: identity?.provider ?? null }
  return offeredProviders(context.providers, wanted).length === 0 ? null : demand
}

interface Way {
  readonly demand: Demand
  readonly target: string
  readonly form: string | null
}

const locationOf = (
  context: LoginContext,
  evaluation: Evaluation,
  way: Way & { readonly request: AccessRequest },
): string | null => {
  const target = parseReturnTarget(way.target)
  const { identity, serviceName } = evaluation
  if (target === null || serviceName === null) return null
  const sealed = context.seals.seal(
    'start',
    startJson({
      service: serviceName,
      origin: originOf(way.request),
      target,
      demand: way.demand,
      present: identity === null ? null : { provider: identity.provider, subject: identity.subject },
      form: way.form,
      marks: way.form === null ? [] : browserMarks(way.request),
      at: way.request.at,
    }),
  )
  const location = `/${RESERVED_SEGMENT}/login?start=${sealed}`
  return location.length <= LONGEST_LOCATION ? location : null
}

const wasJustDone = (
  context: LoginContext,
  { identity }: Evaluation,
  asked: { readonly demand: Demand; readonly at: number },
): boolean => {
  const last = identity === null ? null : context.sessions.lastAnswered(identity.credentialHash)
  return last !== null && last.digest === demandDigest(asked.demand) && asked.at - last.at < JUST_DONE
}

/** Turns challenges into logins. Writes nothing but kept forms; what the browser is given can be read and made by nobody else. */
export const createLoginStart = (context: LoginContext): LoginStart => ({
  wayOf: (evaluation, request, form) => {
    const demand = demandFor(context, evaluation)
    if (demand === null) return NONE
    if (wasJustDone(context, evaluation, { demand, at: request.at })) return { way: 'no-progress' }
    const location = locationOf(context, evaluation, { request, demand, target: request.target, form })
    return location === null ? NONE : { way: 'redirect', location }
  },
  windowFor: (evaluation, request) => {
    const demand = demandFor(context, evaluation)
    return demand === null
      ? null
      : locationOf(context, evaluation, { request, demand, target: `/${RESERVED_SEGMENT}/done`, form: null })
  },
  keepForm: (evaluation, request, body) =>
    demandFor(context, evaluation) === null ? Promise.resolve(null) : keepForm(context, request, body),
})
