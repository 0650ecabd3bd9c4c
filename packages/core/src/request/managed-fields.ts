import { foldName } from '../lib/http-token.ts'
import { STANDARD_FIELDS } from './field-table.ts'

/**
 * Fields that never pass from a client to an upstream, by what somebody believes of them. Names as folded, with hyphens; more fall
 * under STRIPPED_PREFIXES.
 */
export const STRIPPED_FIELDS = {
  /** Where the request came from, and what it was before. */
  origin: [
    'forwarded',
    'via',
    'x-real-ip',
    'true-client-ip',
    'x-client-ip',
    'x-cluster-client-ip',
    'cf-connecting-ip',
    'fastly-client-ip',
    'x-original-url',
    'x-original-uri',
    'x-original-method',
    'x-original-host',
    'x-rewrite-url',
    'x-host',
  ],
  /** Another method than the one that was decided. */
  method: ['x-http-method', 'x-http-method-override', 'x-method-override'],
  /** State that a framework, server or library keeps in headers; `Proxy` becomes HTTP_PROXY in CGI. */
  state: ['x-middleware-subrequest', 'x-accel-redirect', 'x-sendfile', 'early-data', 'proxy'],
  /** Who the caller is, in the words of other gateways. */
  identity: [
    'remote-user',
    'remote-groups',
    'remote-email',
    'remote-name',
    'x-remote-user',
    'x-remote-groups',
    'x-auth-user',
    'x-auth-groups',
    'x-auth-roles',
    'x-auth-email',
    'x-auth-decision',
    'x-auth-request-user',
    'x-auth-request-email',
    'x-auth-request-groups',
    'x-auth-request-access-token',
    'x-webauth-user',
    'x-pomerium-jwt-assertion',
    'x-goog-iap-jwt-assertion',
    'cf-access-jwt-assertion',
    'x-amzn-oidc-data',
  ],
  /** A client certificate that somebody else verified. */
  certificate: [
    'ssl-client-verify',
    'ssl-client-subject-dn',
    'ssl-client-issuer-dn',
    'ssl-client-cert',
    'x-ssl-client-cert',
    'x-ssl-client-verify',
    'x-ssl-client-s-dn',
    'x-client-cert',
    'x-arr-clientcert',
  ],
} as const

/** Beginnings of such names, folded, with hyphens. The last two are this product's own. */
export const STRIPPED_PREFIXES: readonly string[] = [
  'x-forwarded-',
  'x-envoy-',
  'proxy-',
  'oidc-claim-',
  'balustrade-',
  'x-balustrade-',
]

const STRIPPED: ReadonlySet<string> = new Set(Object.values(STRIPPED_FIELDS).flat())
const PREFIXED = new RegExp(`^(?:${STRIPPED_PREFIXES.join('|')})`)
const PLAIN_NAME = /^[0-9a-z-]+$/

/** One spelling for all names that some reader takes for one another: folded, then with hyphens. */
const hyphenated = (lower: string): string => (PLAIN_NAME.test(lower) ? lower : foldName(lower).replaceAll('_', '-'))

/** Names with a verdict kept for each list; beyond, a client that makes up names has each of them looked at. */
const KEPT_VERDICTS = 512

const isStripped = (name: string): boolean => STRIPPED.has(name) || PREFIXED.test(name)

const isManaged = (lower: string, managed: ReadonlySet<string>): boolean => {
  const name = hyphenated(lower)
  return managed.has(name) || isStripped(name) || (name !== lower && STANDARD_FIELDS.has(name))
}

/**
 * True for a client's field (lower-case name) that must not reach an upstream, whatever punctuation it is spelled with: one of
 * the names a point sets itself, one of the table, or another spelling of a standard field (`Content_Length`), which can only be
 * meant to be mistaken.
 */
export type ManagedNames = (lower: string) => boolean

export const managedNames = (names: readonly string[]): ManagedNames => {
  const managed: ReadonlySet<string> = new Set(names.map((name) => hyphenated(name.toLowerCase())))
  const verdicts = new Map<string, boolean>()
  return (lower) => {
    const known = verdicts.get(lower)
    if (known !== undefined) return known
    const made = isManaged(lower, managed)
    if (verdicts.size < KEPT_VERDICTS) verdicts.set(lower, made)
    return made
  }
}
