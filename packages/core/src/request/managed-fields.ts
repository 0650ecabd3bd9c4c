import { foldName } from '../lib/http-token.ts'
import { END_TO_END_FIELDS, HOP_FIELDS, SINGLE_FIELDS } from './field-table.ts'

/**
 * Fields that never pass from a client to an upstream: what proxies, gateways and frameworks are known to believe about the
 * client, its address, its identity, the original request or the method. Names as folded, with hyphens.
 */
export const STRIPPED_FIELDS: ReadonlySet<string> = new Set([
  // Where the request came from and what it was before.
  ...[
    'forwarded',
    'via',
    'x-real-ip',
    'true-client-ip',
    'x-client-ip',
    'x-cluster-client-ip',
    'cf-connecting-ip',
    'fastly-client-ip',
  ],
  ...['x-original-url', 'x-original-uri', 'x-original-method', 'x-original-host', 'x-rewrite-url', 'x-host'],
  // Another method than the one that was decided.
  ...['x-http-method', 'x-http-method-override', 'x-method-override'],
  // State that a framework or server keeps in headers.
  ...['x-middleware-subrequest', 'x-accel-redirect', 'x-sendfile', 'early-data', 'proxy'],
  // Who the caller is, in the words of other gateways.
  ...['remote-user', 'remote-groups', 'remote-email', 'remote-name', 'x-remote-user', 'x-remote-groups'],
  ...['x-auth-request-user', 'x-auth-request-email', 'x-auth-request-groups', 'x-auth-request-access-token', 'x-webauth-user'],
  ...['x-pomerium-jwt-assertion', 'x-goog-iap-jwt-assertion', 'cf-access-jwt-assertion', 'x-amzn-oidc-data'],
  // A client certificate that somebody else verified.
  ...['ssl-client-verify', 'ssl-client-subject-dn', 'ssl-client-issuer-dn', 'ssl-client-cert', 'x-ssl-client-cert'],
  ...['x-ssl-client-verify', 'x-ssl-client-s-dn', 'x-client-cert', 'x-arr-clientcert'],
])

/** Beginnings of such names, folded, with hyphens. The product's own come last. */
export const STRIPPED_PREFIXES: readonly string[] = [
  'x-forwarded-',
  'x-envoy-',
  'proxy-',
  'oidc-claim-',
  'balustrade-',
  'x-balustrade-',
]

/** Names of standards. A client's other spelling of one (`Content_Length`) is dropped: it can only be meant to be mistaken. */
const STANDARD_FIELDS: ReadonlySet<string> = new Set([
  ...SINGLE_FIELDS,
  ...HOP_FIELDS,
  ...END_TO_END_FIELDS,
  ...[
    'accept',
    'accept-charset',
    'accept-language',
    'access-control-request-headers',
    'content-language',
    'last-event-id',
    'pragma',
  ],
  ...['sec-websocket-extensions', 'sec-websocket-protocol', 'tracestate', 'x-request-id', 'x-requested-with', 'x-api-key'],
  ...['x-csrf-token', 'x-xsrf-token'],
])

const PLAIN_NAME = /^[0-9a-z-]+$/

/** One spelling for all names that some reader takes for one another: folded, then with hyphens. */
const hyphenated = (lower: string): string => (PLAIN_NAME.test(lower) ? lower : foldName(lower).replaceAll('_', '-'))

/** Names a point sets itself, ready to be compared with `isManaged`. */
export type ManagedNames = ReadonlySet<string>

export const managedNames = (names: Iterable<string>): ManagedNames => {
  const managed = new Set<string>()
  for (const name of names) managed.add(hyphenated(name.toLowerCase()))
  return managed
}

const isStripped = (name: string): boolean =>
  STRIPPED_FIELDS.has(name) || STRIPPED_PREFIXES.some((prefix) => name.startsWith(prefix))

/** True for a client's field (lower-case name) that must not reach an upstream, whatever punctuation it is spelled with. */
export const isManaged = (lower: string, managed: ManagedNames): boolean => {
  const name = hyphenated(lower)
  return managed.has(name) || isStripped(name) || (name !== lower && STANDARD_FIELDS.has(name))
}
