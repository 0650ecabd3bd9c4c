import type { HeaderLine } from '../model/access-request.ts'
import type { Answer } from '../model/engine.ts'

declare const safe: unique symbol

/** Text that may stand in a page as it is. Made by `markup` alone. */
export interface Markup {
  readonly [safe]: true
  readonly text: string
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)

type Value = string | number | Markup | readonly Markup[]

const isList = (value: Value): value is readonly Markup[] => Array.isArray(value)

const rendered = (value: Value): string => {
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value))
  return isList(value) ? value.map(({ text }) => text).join('') : value.text
}

/** A template of HTML. Values are escaped for text and quoted attributes unless they are markup themselves. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup =>
  ({
    text: parts.map((part, index) => part + (index < values.length ? rendered(values[index] as Value) : '')).join(''),
  }) as Markup

export const NOTHING = markup``

/** How an operator's pages look. */
export interface Theme {
  /** Stands above the title of every page; '' for none. */
  readonly name: string
  /** CSS that comes after ours; '' for none. */
  readonly style: string
}

export const PLAIN: Theme = { name: '', style: '' }

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}main{max-width:38rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:1.5rem 0 .25rem}p.id,p.name{color:#555;font-size:.9rem}code{font:inherit;font-family:ui-monospace,monospace}' +
  'ul.choice{list-style:none;padding:0}a{color:inherit}button,a.button{display:inline-block;font:inherit;padding:.5rem 1.25rem;margin:.5rem .5rem .5rem 0;border:1px solid;border-radius:.4rem;background:none;color:inherit;text-decoration:none;cursor:pointer}' +
  '@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}p.id,p.name{color:#aaa}}'

/** CSS cannot end the element it stands in: `<` has no meaning in it but within strings, where its escape says the same. */
const styleOf = (theme: Theme): Markup => ({ text: STYLE + theme.style.replaceAll('<', '\\3c ') }) as Markup

/** A whole page: language, title, one main part with one heading. */
const documentOf = (title: string, body: Markup, theme: Theme): string => {
  const name = theme.name === '' ? NOTHING : markup`<p class="name">${theme.name}</p>`
  return markup`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${styleOf(theme)}</style></head><body><main>${name}<h1>${title}</h1>${body}</main></body></html>`
    .text
}

/** What every answer of ours carries: nobody keeps it, nobody guesses its type, and links out of it do not tell where they stood. */
export const COMMON: readonly HeaderLine[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
]

/** Length in bytes of a string of ours, without Buffer: this module also runs in a browser. */
const utf8Length = (text: string): number => new TextEncoder().encode(text).length

export const bodyHeaders = (body: string, type: string): readonly HeaderLine[] => [
  ['content-type', type],
  ['content-length', String(utf8Length(body))],
]

export interface Page {
  readonly title: string
  readonly body: Markup
  readonly theme: Theme
  /** Where its forms may be sent: `'self'` or `'none'`. */
  readonly forms: "'self'" | "'none'"
}

/** A page without script, which nobody may put into a frame. */
export const pageParts = ({
  title,
  body,
  theme,
  forms,
}: Page): { readonly body: string; readonly headers: readonly HeaderLine[] } => {
  const text = documentOf(title, body, theme)
  const policy = `default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action ${forms}`
  return { body: text, headers: [...bodyHeaders(text, 'text/html; charset=utf-8'), ['content-security-policy', policy]] }
}

/**
 * A form says where it comes from only if its page may tell its own origin: under `no-referrer` browsers send `Origin: null`
 * (Fetch section 3.1), which is the form of nobody.
 */
const tellsOrigin = ([name, value]: HeaderLine): HeaderLine =>
  name === 'referrer-policy' ? [name, 'same-origin'] : [name, value]

/** A page as a whole answer. */
export const pageAnswer = (status: number, page: Page, more: readonly HeaderLine[] = []): Answer => {
  const { body, headers } = pageParts(page)
  const common = page.forms === "'none'" ? COMMON : COMMON.map(tellsOrigin)
  return { status, headers: [...common, ...headers, ...more], body }
}

/** Sends a browser on by GET, whatever the method was (RFC 9110 section 15.4.4). */
export const seeOther = (location: string, more: readonly HeaderLine[] = []): Answer => ({
  status: 303,
  headers: [...COMMON, ['location', location], ['content-length', '0'], ...more],
  body: '',
})
