// The policy and the requests of the gateway's bench: a thousand rules over ten services, of which a request is selected by one grant and
// two guardrails.
import type { TestIssuer } from '../test/support/issuer.ts'

const SERVICES = 10
const GROUPS = 20

const names = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_none, n) => `${prefix}${n}`)

const serviceText = (name: string, upstream: string): string => `  ${name}:
    hosts: [${name}.example.com]
    upstream: ${upstream}
    audience: https://api.example
    providers: corp
    routing: { case: sensitive, trailing-slash: distinct }
`

const nouns = (upstream: string, issuer: TestIssuer): string => `balustrade: 1
services:
${names('s', SERVICES)
  .map((name) => serviceText(name, upstream))
  .join('')}providers:
  corp:
    issuer: ${issuer.url}
    jwks-uri: ${issuer.jwksUri}
    loopback: true
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 6h
    groups-claim: groups
    complete: [groups, mfa]
    mfa: { amr: { hwk: phishing-resistant }, proved-at: auth_time }
groups: [${names('g', GROUPS).join(', ')}]
guardrails:
  writes-need-proof:
    what: { method: write }
    how: { mfa: any }
`

const grantText = (service: number, n: number): string => `  s${service}-grant-${n}:
    who: { group: g${n % GROUPS} }
    what: { method: [GET, POST], path: /area-${n % 7}/*/things-${n}/** }
    how: { mfa: { level: any, max-age: 8h } }
`

const guardrailText = (service: number, n: number): string => `  s${service}-guardrail-${n}:
    what: { path: /area-${n % 7}/*/things-${n}/** }
    how: { mfa: phishing-resistant }
`

const GRANTS = 66
const GUARDRAILS = 32

const rulesOf = (service: number): string => `balustrade: 1
service: s${service}
grants:
${Array.from({ length: GRANTS }, (_none, n) => grantText(service, n)).join('')}guardrails:
  s${service}-people-of-the-house:
    how: { provider: corp }
${Array.from({ length: GUARDRAILS }, (_none, n) => guardrailText(service, n)).join('')}`

/** Files of the policy folder by path. */
export const policyFiles = (upstream: string, issuer: TestIssuer): Readonly<Record<string, string>> => ({
  'nouns.yaml': nouns(upstream, issuer),
  ...Object.fromEntries(Array.from({ length: SERVICES }, (_none, n) => [`s${n}.yaml`, rulesOf(n)])),
})

/** How many rules `policyFiles` holds. */
export const RULES = SERVICES * (GRANTS + GUARDRAILS + 1) + 1

/** Groups of person n, each a member of four. */
export const groupsOf = (person: number): readonly string[] => names('', 4).map((n) => `g${(person + Number(n)) % GROUPS}`)

export const PEOPLE = GROUPS

/** Requests as bytes of HTTP/1.1, as a client of an API sends them, each by a person who meets its grant. */
export const requestTexts = (count: number, token: (person: number) => string): readonly string[] =>
  Array.from({ length: count }, (_none, n) => {
    const area = n % GUARDRAILS
    return [
      `GET /area-${area % 7}/${1000 + n}/things-${area}/items?page=${n}&sort=name HTTP/1.1`,
      `Host: s${n % SERVICES}.example.com`,
      'User-Agent: bench/1.0',
      'Accept: application/json',
      'Accept-Encoding: gzip, br',
      `Authorization: Bearer ${token(area % GROUPS)}`,
      'X-Request-Id: 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b',
      '',
      '',
    ].join('\r\n')
  })
