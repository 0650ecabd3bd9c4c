import type { ExpiringMap } from './expiring-map.ts'
import type { Acr } from './login-policy.ts'
import { type Asked, type Factor, nextStep, NOTHING_DONE, personOf, type Progress, type Step, withProof } from './login-steps.ts'
import type { Passkeys } from './passkeys.ts'
import { type Account, findByPassword } from './people.ts'
import type { Form } from './read-form.ts'
import type { Throttle } from './throttle.ts'
import type { TotpCheck } from './totp.ts'

/** What logins need. */
export interface LoginParts {
  readonly people: readonly Account[]
  readonly passkeys: Passkeys
  readonly codes: TotpCheck
  readonly passwordThrottle: Throttle
  readonly codeThrottle: Throttle
  /** Progress of logins under way, by their uid. */
  readonly logins: ExpiringMap<Progress>
  /** Epoch ms. */
  readonly now: () => number
}

/** One login, as one request to its page finds it. */
export interface Visit {
  readonly uid: string
  readonly asked: Asked
  /** A name to begin with, or ''. */
  readonly hint: string
  readonly progress: Progress
}

/** What to say on the page that comes next, or that the person gave up. */
export type Outcome = { readonly fault: string | null; readonly status: number } | 'cancelled'

export const LOGIN_LIFE_SECONDS = 600

export const AGAIN = { fault: null, status: 200 } as const
const SLOW: Outcome = { fault: 'That was tried too often. Wait a minute, and try again.', status: 429 }
/** The same for an unknown name and a wrong password: nobody learns who exists. */
const WRONG: Outcome = { fault: 'This name and password do not belong together.', status: 422 }
const WRONG_CODE: Outcome = {
  fault: 'This code is wrong, too old or used already. Wait for the next one, and enter that.',
  status: 422,
}
const WRONG_PASSKEY: Outcome = { fault: 'This passkey was not accepted. Try again.', status: 422 }

export const stepOf = ({ passkeys }: LoginParts, { asked, progress }: Visit): Step =>
  nextStep(asked, progress, passkeys.has(personOf(asked, progress) ?? ''))

export const accountOf = ({ people }: LoginParts, { asked, progress }: Visit): Account | null =>
  people.find(({ name }) => name === personOf(asked, progress)) ?? null

/** Progress as it is now; other requests of the same login may have changed it meanwhile. */
export const progressOf = ({ logins }: LoginParts, uid: string): Progress => logins.get(uid) ?? NOTHING_DONE

export const keepProgress = ({ logins }: LoginParts, uid: string, progress: Progress): void =>
  logins.set(uid, progress, LOGIN_LIFE_SECONDS * 1_000)

/** An answer to one page. */
interface Answered {
  readonly parts: LoginParts
  readonly visit: Visit
  readonly form: Form
}

const proved = ({ parts, visit }: Answered, person: string, factor: Factor): Outcome => {
  keepProgress(parts, visit.uid, withProof(progressOf(parts, visit.uid), person, factor))
  return AGAIN
}

const onPassword = (answered: Answered): Outcome => {
  const { people, passwordThrottle } = answered.parts
  const { name = '', password = '' } = answered.form
  if (!passwordThrottle.attempt(name)) return SLOW
  const found = findByPassword(people, name, password)
  if (found === null) return WRONG
  passwordThrottle.forgive(name)
  return proved(answered, found.name, 'password')
}

const onCode = (answered: Answered): Outcome => {
  const { codes, codeThrottle, now } = answered.parts
  const account = accountOf(answered.parts, answered.visit)
  if (account === null) return AGAIN
  if (!codeThrottle.attempt(account.name)) return SLOW
  const entered = { code: (answered.form['code'] ?? '').trim(), now: now() }
  if (!codes.accept(account.name, account.totpSecret, entered)) return WRONG_CODE
  codeThrottle.forgive(account.name)
  return proved(answered, account.name, 'code')
}

/** A challenge is used up before the answer to it is looked at, and the person must still be the same afterwards. */
const onPasskey = async (answered: Answered, enrols: boolean): Promise<Outcome> => {
  const { parts, visit, form } = answered
  const account = accountOf(parts, visit)
  const { challenge } = visit.progress
  if (account === null || challenge === null) return AGAIN
  keepProgress(parts, visit.uid, { ...visit.progress, challenge: null })
  const answer = { response: form['response'] ?? '', challenge }
  const good = await (enrols ? parts.passkeys.enrol(account, answer) : parts.passkeys.prove(account, answer))
  if (!good || personOf(visit.asked, progressOf(parts, visit.uid)) !== account.name) return WRONG_PASSKEY
  return enrols ? AGAIN : proved(answered, account.name, 'passkey')
}

const STEPS: Readonly<Record<Exclude<Step, 'done'>, (answered: Answered) => Outcome | Promise<Outcome>>> = {
  password: onPassword,
  code: onCode,
  passkey: (answered) => onPasskey(answered, false),
  enrol: (answered) => onPasskey(answered, true),
}

const choose = ({ parts, visit }: Answered, choice: Acr): Outcome => {
  keepProgress(parts, visit.uid, { ...visit.progress, choice, challenge: null })
  return AGAIN
}

const leave = ({ parts, visit }: Answered): Outcome => {
  keepProgress(parts, visit.uid, { ...NOTHING_DONE, choice: visit.progress.choice, left: true })
  return AGAIN
}

/**
 * Takes the answer to the page of the moment: `password`, `code`, `passkey` and `enrol` count only while that is the page. Besides,
 * a person may choose another acceptable proof, leave the account of the session, or cancel. Whatever else comes changes nothing.
 */
export const takeAnswer = async (answered: Answered): Promise<Outcome> => {
  const { parts, visit, form } = answered
  const { do: action = '' } = form
  if (action === 'cancel') return 'cancelled'
  if (action === 'leave') return leave(answered)
  const step = stepOf(parts, visit)
  if (step !== 'done' && action === step) return STEPS[step](answered)
  const choice = visit.asked.acceptable.find((acr) => `use-${acr}` === action)
  return choice === undefined ? AGAIN : choose(answered, choice)
}
