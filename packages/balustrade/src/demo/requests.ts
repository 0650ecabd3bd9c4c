import type { DemoProvider } from './identity-provider.ts'
import type { DemoPerson } from './login-desk.ts'

/** A request to try, ready to copy, and what must come of it. */
export interface DemoRequest {
  readonly note: string
  /** One line for a shell. */
  readonly command: string
  readonly status: number
  /** In words. */
  readonly expect: string
  /** Texts that stand in head or body of the answer. */
  readonly shows: readonly string[]
}

const MINUTE = 60
const MEMBER: DemoPerson = { name: 'mia', groups: ['members'], acr: 'password', provedSecondsAgo: MINUTE }
const ADMIN: DemoPerson = { name: 'ada', groups: ['administrators'], acr: 'passkey', provedSecondsAgo: MINUTE }
const STALE_ADMIN: DemoPerson = { ...ADMIN, provedSecondsAgo: 40 * MINUTE }

interface Tokens {
  readonly member: string
  readonly admin: string
  readonly stale: string
  readonly reporter: string
}

/** Where a caller is: the two loopback addresses stand for two places. */
const OFFICE = '-4'
const ELSEWHERE = '-6'

const HANDSHAKE =
  '--http1.1 -N -m 2 -H "Connection: Upgrade" -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="'

const bearer = (token: string) => `-H "Authorization: Bearer ${token}"`
const curl = (...words: readonly string[]) => ['curl', '-si', ...words].join(' ')

const ofAnybody = (origin: string): readonly DemoRequest[] => [
  {
    note: 'the front page is for everybody',
    command: curl(OFFICE, `${origin}/`),
    status: 200,
    expect: '200 and the page',
    shows: ['This page is for everybody.'],
  },
  {
    note: 'the API asks who you are',
    command: curl(OFFICE, `${origin}/api/notes`),
    status: 401,
    expect: '401 with a Bearer challenge that names where to obtain a token',
    shows: ['www-authenticate: Bearer', 'resource_metadata='],
  },
]

const ofMembers = (origin: string, { member, reporter }: Tokens): readonly DemoRequest[] => [
  {
    note: 'a member uses the API',
    command: curl(OFFICE, bearer(member), `${origin}/api/notes`),
    status: 200,
    expect: '200, and the service is told that this is demo/mia',
    shows: ['"user":"demo/mia"', '"groups":"members"'],
  },
  {
    note: 'a workload with client credentials uses the API',
    command: curl(OFFICE, bearer(reporter), `${origin}/api/notes`),
    status: 200,
    expect: '200, and the service is told that this is a workload',
    shows: ['"kind":"workload"'],
  },
  {
    note: 'a member who logged in with a password changes something',
    command: curl(OFFICE, '-X POST', bearer(member), `${origin}/api/notes`),
    status: 401,
    expect: '401: a second factor is asked for (RFC 9470)',
    shows: ['error="insufficient_user_authentication"'],
  },
  {
    note: 'a member is in the wrong group to administer',
    command: curl(OFFICE, bearer(member), `${origin}/admin/users`),
    status: 403,
    expect: '403, and no step-up would help',
    shows: ['balustrade-decision:'],
  },
  {
    note: 'a member opens a WebSocket',
    command: curl(OFFICE, HANDSHAKE, bearer(member), `${origin}/socket`),
    status: 101,
    expect: '101, and the service says connected; curl leaves after two seconds',
    shows: ['connected'],
  },
]

const ofAdministrators = (origin: string, { admin, stale }: Tokens): readonly DemoRequest[] => [
  {
    note: 'an administrator whose proof is forty minutes old',
    command: curl(OFFICE, bearer(stale), `${origin}/admin/users`),
    status: 401,
    expect: '401: prove it again, no longer ago than 900 seconds, with a passkey (RFC 9470)',
    shows: ['error="insufficient_user_authentication"', 'acr_values="passkey"', 'max_age="900"'],
  },
  {
    note: 'an administrator with fresh proof, from the office',
    command: curl(OFFICE, bearer(admin), `${origin}/admin/users`),
    status: 200,
    expect: '200',
    shows: ['"user":"demo/ada"'],
  },
]

const fromElsewhere = (origin: string, { admin }: Tokens): DemoRequest => ({
  note: 'the same administrator from elsewhere',
  command: curl(ELSEWHERE, bearer(admin), `${origin}/admin/users`),
  status: 403,
  expect: '403: not from this network',
  shows: ['balustrade-decision:'],
})

const fetchTokens = async (provider: DemoProvider): Promise<Tokens> => {
  const [member, admin, stale, reporter] = await Promise.all([
    provider.tokenOf(MEMBER),
    provider.tokenOf(ADMIN),
    provider.tokenOf(STALE_ADMIN),
    provider.tokenOfWorkload(),
  ])
  return { member, admin, stale, reporter }
}

/** Where the gateway is reached. */
export interface Doors {
  readonly office: string
  /** Null: this machine has no IPv6 loopback, and so no elsewhere. */
  readonly elsewhere: string | null
  /** Certificate of the authority to trust; null: plain http. */
  readonly ca: string | null
}

const trusting = (ca: string | null, request: DemoRequest): DemoRequest =>
  ca === null ? request : { ...request, command: request.command.replace(/^curl -si/, `curl -si --cacert '${ca}'`) }

/** The requests of the demo, their tokens fetched. */
export const demoRequests = async (provider: DemoProvider, { office, elsewhere, ca }: Doors): Promise<readonly DemoRequest[]> => {
  const tokens = await fetchTokens(provider)
  const all = [...ofAnybody(office), ...ofMembers(office, tokens), ...ofAdministrators(office, tokens)]
  const reachable = elsewhere === null ? all : [...all, fromElsewhere(elsewhere, tokens)]
  return reachable.map((request) => trusting(ca, request))
}
