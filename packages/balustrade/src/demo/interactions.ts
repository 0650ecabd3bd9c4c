import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { attemptAsync, markup } from '@balustrade/core/kit'
import {
  accountOf,
  AGAIN,
  keepProgress,
  type LoginParts,
  type Outcome,
  progressOf,
  stepOf,
  takeAnswer,
  type Visit,
} from './login-answers.ts'
import { type Acr, acceptableAcr } from './login-policy.ts'
import { type Asked, type Factor, personOf, targetOf } from './login-steps.ts'
import type { Form } from './read-form.ts'
import { codeForm, type MakePage, passkeyForm, passwordForm, type ProviderPage } from './provider-pages.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

const CANCELLED = { error: 'access_denied', error_description: 'The person did not sign in.' }

/** Authentication method references of RFC 8176. */
const AMR: Readonly<Record<Factor, readonly string[]>> = { password: ['pwd'], code: ['otp', 'mfa'], passkey: ['pop', 'mfa'] }

const TITLES = { password: 'Sign in', code: 'Enter a code', passkey: 'Use your passkey', enrol: 'Create a passkey' } as const

const EXPIRED = markup`<p>It took too long, or it was finished in another window. Go back to the application, and begin again.</p>`

/** How long a session counts as proved a moment ago. */
const MOMENT_SECONDS = 300

const isJustProved = async (provider: Provider, { session }: Interaction, now: number): Promise<boolean> => {
  const found = session === undefined ? undefined : await provider.Session.findByUid(session.uid)
  return found?.loginTs !== undefined && Math.floor(now / 1_000) - found.loginTs <= MOMENT_SECONDS
}

/** What oidc-provider asks for. A session counts unless the request says that everything is to be proved anew. */
const visitOf = async (provider: Provider, parts: LoginParts, interaction: Interaction): Promise<Visit> => {
  const { uid, params, prompt, session } = interaction
  const anew = prompt.reasons.some((reason) => reason === 'login_prompt' || reason === 'id_token_hint')
  const hint = params['login_hint']
  const asked: Asked = {
    acceptable: acceptableAcr(params['acr_values']),
    account: anew ? null : (session?.accountId ?? null),
    justProved: !anew && (await isJustProved(provider, interaction, parts.now())),
  }
  return { uid, asked, hint: typeof hint === 'string' ? hint : '', progress: progressOf(parts, uid) }
}

const ceremonyForm = async (parts: LoginParts, visit: Visit, choices: readonly Acr[]) => {
  const account = accountOf(parts, visit)
  if (account === null) return passwordForm('')
  const kind = stepOf(parts, visit) === 'passkey' ? 'get' : 'create'
  const { passkeys } = parts
  const options = kind === 'get' ? await passkeys.startProof(account) : await passkeys.startEnrolment(account)
  keepProgress(parts, visit.uid, { ...visit.progress, challenge: options.challenge })
  return passkeyForm({ kind, options }, choices)
}

/** What the person proved, as oidc-provider takes it: `ts` becomes `auth_time`. */
const loginOf = ({ now }: LoginParts, { asked, progress }: Visit) => ({
  // Never '' here, and refused by oidc-provider if it were: nothing is done before somebody proved something.
  accountId: personOf(asked, progress) ?? '',
  acr: targetOf(asked, progress),
  amr: [...new Set(progress.proved.flatMap((factor) => AMR[factor]))],
  ts: Math.floor(now() / 1_000),
})

/** The pages on which people log in: one address a login, the next question each time, until what was asked for is proved. */
export const createInteractions = (provider: Provider, parts: LoginParts, page: MakePage) => {
  /** Null: nothing is missing. */
  const show = async (visit: Visit, said: Exclude<Outcome, 'cancelled'>): Promise<ProviderPage | null> => {
    const step = stepOf(parts, visit)
    if (step === 'done') return null
    const { asked, progress, hint } = visit
    const person = personOf(asked, progress)
    if (step === 'password') return page(TITLES.password, passwordForm(person ?? hint), { ...said, person: null })
    const choices = asked.acceptable.filter((acr) => acr !== targetOf(asked, progress))
    const form = step === 'code' ? codeForm(choices) : await ceremonyForm(parts, visit, choices)
    return page(TITLES[step], form, { ...said, person })
  }

  /** `form`: null for a GET. Null: the login is over, and the browser was sent back. */
  return async (request: IncomingMessage, response: ServerResponse, form: Form | null): Promise<ProviderPage | null> => {
    const found = await attemptAsync(() => provider.interactionDetails(request, response))
    if (!found.ok) return page('This sign-in is over', EXPIRED, { status: 400, fault: null, person: null })
    const visit = await visitOf(provider, parts, found.value)
    const outcome = form === null ? AGAIN : await takeAnswer({ parts, visit, form })
    const after = { ...visit, progress: progressOf(parts, visit.uid) }
    const shown = outcome === 'cancelled' ? null : await show(after, outcome)
    if (shown !== null) return shown
    parts.logins.delete(visit.uid)
    const result = outcome === 'cancelled' ? CANCELLED : { login: loginOf(parts, after) }
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
    return null
  }
}
