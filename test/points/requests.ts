// One file of requests that every enforcement point answers alike: what is sent, by whom, and what must come of it.

/** Who calls: a key of `CALLERS`; `null`: nobody. */
export interface PointRequest {
  readonly note: string
  readonly method?: string
  readonly target: string
  readonly host?: string
  readonly as?: keyof typeof CALLERS
  /** Field lines beside Host and Authorization. */
  readonly fields?: readonly string[]
  readonly body?: string
  readonly status: number
  /** First reason of the decision; null when allowed. */
  readonly reason: string | null
}

const NOW_SECONDS = () => Math.floor(Date.now() / 1000)
const minutesAgo = (minutes: number) => NOW_SECONDS() - minutes * 60

/** Claims of each caller's token; functions, since some depend on the clock. */
export const CALLERS = {
  user: () => ({ sub: 'ursula', groups: ['users'] }),
  admin: () => ({ sub: 'ada', groups: ['admins'], acr: 'gold', auth_time: minutesAgo(2) }),
  staleAdmin: () => ({ sub: 'ada', groups: ['admins'], acr: 'gold', auth_time: minutesAgo(40) }),
  weakAdmin: () => ({ sub: 'ada', groups: ['admins'], acr: 'silver', auth_time: minutesAgo(2) }),
  untimedAdmin: () => ({ sub: 'ada', groups: ['admins'], acr: 'gold' }),
  tenant: () => ({ sub: 'tom', groups: ['users'], tenant: 'acme', scope: 'invoices.read' }),
  writer: () => ({ sub: 'tom', groups: ['users'], tenant: 'acme', scope: 'invoices.read invoices.write' }),
  stranger: () => ({ sub: 'sam', groups: [] }),
  job: () => ({ sub: 'batch', client_id: 'batch' }),
  agent: () => ({ sub: 'ursula', groups: ['users'], client_id: 'assistant', act: { sub: 'assistant' } }),
  oddGroups: () => ({ sub: 'olga', groups: 'admins' }),
  otherAudience: () => ({ sub: 'ursula', groups: ['users'], aud: 'https://other.example' }),
  expired: () => ({ sub: 'ursula', groups: ['users'], iat: minutesAgo(60), exp: minutesAgo(50) }),
  longLived: () => ({ sub: 'ursula', groups: ['users'], exp: NOW_SECONDS() + 90_000 }),
} as const

const nouns = (issuer: string, upstream: string): string => `balustrade: 1
service: app
services:
  app:
    hosts: [app.example.com]
    upstream: ${upstream}
    audience: https://api.example
    providers: corp
    routing: { case: sensitive, trailing-slash: distinct, accepts: [encoded-slash] }
    identity-headers: { user: X-Auth-User, groups: X-Auth-Groups }
    cors: { origins: ['https://spa.example.com'], methods: [GET, POST], headers: [content-type], credentials: true }
providers:
  corp:
    issuer: ${issuer}
    loopback: true
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 1h
    groups-claim: groups
    claims: { tenant: string }
    complete: [groups, claims, mfa]
    mfa: { acr: { silver: any, gold: phishing-resistant }, proved-at: auth_time }
groups: [users, admins]
scopes: [invoices.read, invoices.write]
workloads: { nightly: { provider: corp, subject: batch } }
networks: { here: [127.0.0.1], tor: [192.0.2.66] }
`

const RULES = `grants:
  users-use:
    who: { group: users }
    what: { path: /api/** }
  admins-administer:
    who: { group: admins }
    what: { path: /admin/** }
    how: { mfa: { level: phishing-resistant, max-age: 15m } }
  tenants-read:
    who: { group: users }
    what: { method: read, path: /tenants/$tenant/invoices/** }
    how: { scope: invoices.read }
  tenants-write:
    who: { group: users }
    what: { method: write, path: /tenants/$tenant/invoices/** }
    how: { scope: { all: [invoices.read, invoices.write] } }
  nightly-runs:
    who: { workload: nightly }
    what: { method: POST, path: /jobs }
  never-works:
    who: { group: users }
    what: { path: /closed/** }
guardrails:
  own-tenant:
    what: { path: /tenants/$tenant/** }
    how: { claim: { tenant: $tenant } }
  closed:
    what: { path: /closed/** }
    how: never
    help: This area is closed.
  only-from-here:
    what: { path: /admin/** }
    how: { network: here }
public:
  home:
    what: { method: GET, path: / }
    owner: a@example.com
    approved-by: b@example.com
    reason: landing page
    review: 2030-01-01
  assets:
    what: { method: read, path: /assets/** }
    owner: a@example.com
    approved-by: b@example.com
    reason: style sheets
    review: 2030-01-01
`

export const POLICY = (issuer: string, upstream: string): string => nouns(issuer, upstream) + RULES

const ok = (note: string, target: string, rest: Partial<PointRequest> = {}): PointRequest => ({
  note,
  target,
  status: 200,
  reason: null,
  ...rest,
})
const no = (status: number, reason: string, rest: Omit<PointRequest, 'status' | 'reason'>): PointRequest => ({
  ...rest,
  status,
  reason,
})
const bad = (
  reason: string,
  ...[note, target, rest = {}]: readonly [note: string, target: string, rest?: Partial<PointRequest>]
): PointRequest => ({
  note,
  target,
  status: 400,
  reason,
  ...rest,
})

const ALLOWED: readonly PointRequest[] = [
  ok('the landing page, anonymous', '/'),
  ok('the landing page, HEAD', '/', { method: 'HEAD' }),
  ok('the landing page with a valid token', '/', { as: 'user' }),
  ok('public means public: with an expired token', '/', { as: 'expired' }),
  ok('public means public: with a foreign scheme', '/', { fields: ['Authorization: Basic YTpi'] }),
  ok('a public asset', '/assets/site.css'),
  ok('a public asset with a query', '/assets/site.css?v=3&x=%2F'),
  ok('a member reads', '/api/items', { as: 'user' }),
  ok('a member writes', '/api/items', { as: 'user', method: 'POST', body: '{"a":1}' }),
  ok('a member deletes', '/api/items/7', { as: 'user', method: 'DELETE' }),
  ok('a member sends PATCH', '/api/items/7', { as: 'user', method: 'PATCH', body: 'x' }),
  ok('space within a segment', '/api/my%20file.txt', { as: 'user' }),
  ok('UTF-8', '/api/stra%C3%9Fe', { as: 'user' }),
  ok('reserved characters that mean nothing', "/api/a+b~c:d@e!f$g&h'i(j)k*l,m=n", { as: 'user' }),
  ok('an encoded slash where it is kept', '/api/a%2Fb', { as: 'user' }),
  ok('three dots are a name', '/api/...', { as: 'user' }),
  ok('a long query', `/api/items?q=${'a'.repeat(2_000)}`, { as: 'user' }),
  ok('an administrator with fresh proof', '/admin/users', { as: 'admin' }),
  ok('a tenant reads its own', '/tenants/acme/invoices/1', { as: 'tenant' }),
  ok('a tenant writes its own', '/tenants/acme/invoices/1', { as: 'writer', method: 'PUT', body: 'x' }),
  ok('a workload runs its job', '/jobs', { as: 'job', method: 'POST', body: 'x' }),
  ok('identity headers of a client are replaced', '/api/items', {
    as: 'user',
    fields: ['X-Auth-User: root', 'X_Auth_Groups: admins'],
  }),
  ok('a method override says nothing', '/api/items', {
    as: 'user',
    method: 'POST',
    body: 'x',
    fields: ['X-HTTP-Method-Override: DELETE'],
  }),
]

const CHALLENGED: readonly PointRequest[] = [
  no(401, 'login.required', { note: 'a path with a grant, anonymous', target: '/api/items' }),
  no(401, 'login.required', { note: 'a path without a grant, anonymous: the same answer', target: '/nowhere' }),
  no(401, 'login.required', { note: 'the administration, anonymous', target: '/admin/users' }),
  no(401, 'mfa.too_old', { note: 'proof too old', target: '/admin/users', as: 'staleAdmin' }),
  no(401, 'mfa.too_weak', { note: 'proof too weak', target: '/admin/users', as: 'weakAdmin' }),
  no(403, 'scope.missing', {
    note: 'a scope is missing',
    target: '/tenants/acme/invoices/1',
    as: 'tenant',
    method: 'PUT',
    body: 'x',
  }),
]

const REFUSED: readonly PointRequest[] = [
  no(403, 'grant.none', { note: 'no grant at all', target: '/nowhere', as: 'user' }),
  no(403, 'grant.none', { note: 'POST to the landing page', target: '/', as: 'user', method: 'POST', body: 'x' }),
  no(403, 'grant.none', { note: 'a member at the administration', target: '/admin/users', as: 'user' }),
  no(403, 'grant.none', { note: 'a stranger', target: '/api/items', as: 'stranger' }),
  no(403, 'claim.other', { note: 'another tenant', target: '/tenants/globex/invoices/1', as: 'tenant' }),
  no(403, 'guardrail.never', { note: 'a closed area', target: '/closed/x', as: 'user' }),
  no(403, 'guardrail.never', { note: 'a closed area, anonymous: nobody is asked to log in', target: '/closed/x' }),
  no(403, 'grant.none', { note: 'a person at the job', target: '/jobs', as: 'user', method: 'POST', body: 'x' }),
  no(403, 'grant.none', { note: 'another case is another resource', target: '/API/items', as: 'user' }),
  no(403, 'grant.none', { note: 'an agent for a member, where no grant says so', target: '/api/items', as: 'agent' }),
  no(403, 'cors.origin', {
    note: 'a preflight of another origin',
    target: '/api/items',
    method: 'OPTIONS',
    fields: ['Origin: https://evil.example', 'Access-Control-Request-Method: POST'],
  }),
  no(404, 'service.none', { note: 'an unknown host', target: '/', host: 'other.example.com' }),
  no(404, 'path.reserved', { note: 'the reserved prefix', target: '/.balustrade/anything', as: 'user' }),
]

const UNAVAILABLE: readonly PointRequest[] = [
  no(503, 'group.unknown', { note: 'groups of a wrong type are unknown', target: '/admin/users', as: 'oddGroups' }),
  no(503, 'mfa.undated', { note: 'the provider does not say when', target: '/admin/users', as: 'untimedAdmin' }),
]

const REJECTED: readonly PointRequest[] = [
  no(401, 'credential.audience', { note: 'a token for another service', target: '/api/items', as: 'otherAudience' }),
  no(401, 'credential.expired', { note: 'an expired token', target: '/api/items', as: 'expired' }),
  no(401, 'credential.too_long_lived', { note: 'a token that lives a day', target: '/api/items', as: 'longLived' }),
  no(401, 'credential.malformed', { note: 'another scheme', target: '/api/items', fields: ['Authorization: Basic YTpi'] }),
  no(401, 'credential.malformed', { note: 'two words', target: '/api/items', fields: ['Authorization: Bearer a b'] }),
  no(401, 'credential.malformed', { note: 'not a JWT', target: '/api/items', fields: ['Authorization: Bearer abc'] }),
  bad('credential.several', 'a token in the query as well', '/api/items?access_token=x', { as: 'user' }),
]

const MALFORMED: readonly PointRequest[] = [
  bad('request.dot_segment', 'dot segments', '/api/../admin/users', { as: 'user' }),
  bad('request.dot_segment', 'one dot', '/api/./items', { as: 'user' }),
  bad('request.dot_segment', 'encoded dots', '/api/%2e%2e/admin', { as: 'user' }),
  bad('request.disguised_encoding', 'encoded letters', '/%61dmin/users', { as: 'user' }),
  bad('request.empty_segment', 'double slash', '/api//items', { as: 'user' }),
  bad('request.backslash', 'backslash', '/api\\items', { as: 'user' }),
  bad('request.backslash', 'encoded backslash', '/api%5Citems', { as: 'user' }),
  bad('request.semicolon', 'semicolon', '/api/items;x=1', { as: 'user' }),
  bad('request.encoded_delimiter', 'encoded question mark', '/api/items%3Fx', { as: 'user' }),
  bad('request.fragment', 'fragment', '/api/items#x', { as: 'user' }),
  bad('request.malformed_encoding', 'percent alone', '/api/100%', { as: 'user' }),
  bad('request.invalid_utf8', 'overlong', '/api/%c0%af', { as: 'user' }),
  bad('request.control_character', 'encoded NUL', '/api/%00', { as: 'user' }),
  bad('request.double_encoding', 'encoded twice', '/api/100%2525', { as: 'user' }),
  bad('request.target_authority', 'an absolute URI of another host', 'http://evil.example/api/items', { as: 'user' }),
  bad('request.connection', 'Connection names Authorization', '/api/items', {
    as: 'user',
    fields: ['Connection: Authorization'],
  }),
  bad('request.upgrade', 'h2c', '/api/items', { as: 'user', fields: ['Connection: Upgrade', 'Upgrade: h2c'] }),
  { note: 'QUERY', method: 'QUERY', target: '/api/items', as: 'user', status: 501, reason: 'request.method' },
]

export const REQUESTS: readonly PointRequest[] = [
  ...ALLOWED,
  ...CHALLENGED,
  ...REFUSED,
  ...UNAVAILABLE,
  ...REJECTED,
  ...MALFORMED,
]
