/** A path of this origin and nothing else: `//` and `/\` begin another authority in a browser, controls are left out by it. */
const LOCAL = /^\/(?![/\\])/

/** The target begins in our origin and is read the same way by every browser: visible ASCII, as a canonical target is. */
const VISIBLE = /^[!-~]*$/

/** Longest target that comes back: what is sealed has to fit into a request target again. */
export const LONGEST_TARGET = 4_000

/** The one check of where a browser is sent after a login (OWASP: unvalidated redirects). Null: nowhere. */
export const parseReturnTarget = (text: unknown): string | null =>
  typeof text === 'string' && text.length <= LONGEST_TARGET && LOCAL.test(text) && VISIBLE.test(text) && !text.includes('\\')
    ? text
    : null
