import { formatDuration } from '../lib/duration.ts'
import type { Remedy } from '../model/remedy.ts'
import { type Markup, markup, NOTHING, type Page, type Theme } from './document.ts'
import { type Refusal, titleOf } from './problem.ts'

const LEVEL_WORDS = {
  any: 'a second factor',
  'phishing-resistant': 'a phishing-resistant factor such as a passkey',
  hardware: 'a hardware key',
} as const

const UNITS: Readonly<Record<string, string>> = { d: 'day', h: 'hour', m: 'minute', s: 'second', ms: 'millisecond' }

/** `1h30m` as people say it: 1 hour 30 minutes. */
const inWords = (ms: number): string =>
  formatDuration(ms)
    .replace(
      /(\d+)([a-z]+)/g,
      (_all, count: string, unit: string) => `${count} ${UNITS[unit] ?? unit}${count === '1' ? '' : 's'} `,
    )
    .trimEnd()

const within = (maxAge: number | null): string => (maxAge === null ? '' : `, no longer than ${inWords(maxAge)} ago`)

const steps = (remedy: Remedy | null): readonly string[] => {
  if (remedy === null) return []
  const list: string[] = []
  if (remedy.login !== undefined) list.push(`Sign in${within(remedy.login.maxAge)}.`)
  if (remedy.stepUp !== undefined) list.push(`Prove ${LEVEL_WORDS[remedy.stepUp.level]}${within(remedy.stepUp.maxAge)}.`)
  if (remedy.acr !== undefined) list.push(`Sign in with one of these assurance classes: ${remedy.acr.join(', ')}.`)
  if (remedy.scopes !== undefined) list.push(`Obtain a credential with these scopes: ${remedy.scopes.join(', ')}.`)
  return list
}

const paragraph = ({ text, help }: Refusal['reasons'][number]): Markup => markup`<p>${text} ${help}</p>`

const list = (items: readonly string[]): Markup =>
  items.length === 0 ? NOTHING : markup`<h2>What to do</h2><ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>`

/** How a refusal is shown to a person. */
export interface Shown {
  readonly theme: Theme
  /** They are logged in with this browser, so that they can leave, or come as somebody else. */
  readonly signedIn: boolean
}

const SIGN_OUT = markup`<p><a href="/.balustrade/logout">Sign out</a></p>`

/** A plain page without script: what happened, why, what would mend it, the decision id. */
export const refusalPage = (refusal: Refusal, { theme, signedIn }: Shown): Page => ({
  title: titleOf(refusal),
  body: markup`${refusal.reasons.map(paragraph)}${list(steps(refusal.remedy))}${signedIn ? SIGN_OUT : NOTHING}<p class="id">Decision <code>${refusal.decision}</code></p>`,
  theme,
  forms: "'none'",
})
