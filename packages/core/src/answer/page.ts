import { formatDuration } from '../lib/duration.ts'
import type { Remedy } from '../model/remedy.ts'
import { type Refusal, titleOf } from './problem.ts'

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)

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

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}main{max-width:38rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:1.5rem 0 .25rem}p.id{color:#555;font-size:.9rem}code{font:inherit;font-family:ui-monospace,monospace}' +
  '@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}p.id{color:#aaa}}'

const paragraph = (reason: Refusal['reasons'][number]): string => `<p>${escapeHtml(reason.text)} ${escapeHtml(reason.help)}</p>`

const list = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<h2>What to do</h2><ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`

/** A plain page without script: what happened, why, what would mend it, the decision id. */
export const page = (refusal: Refusal): string => {
  const title = escapeHtml(titleOf(refusal))
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1>` +
    refusal.reasons.map(paragraph).join('') +
    list(steps(refusal.remedy)) +
    `<p class="id">Decision <code>${escapeHtml(refusal.decision)}</code></p></main></body></html>`
  )
}
