// The stage of the bypass tests: an issuer, an upstream that tells what it served, a gateway in front, and bytes on a socket.
import type { DecisionRecord } from '../../packages/core/src/model/log-record.ts'
import { type RawAnswer, sendRaw, startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../support/issuer.ts'
import { startUpstream, type Reply, type Served, type Upstream } from '../support/upstream.ts'

export interface Stage {
  readonly issuer: TestIssuer
  readonly upstream: Upstream
  readonly gateway: TestGateway
  readonly close: () => Promise<void>
}

export interface StageOptions extends Omit<TestGatewayOptions, 'policy'> {
  readonly policy: (issuer: string, upstream: string) => Readonly<Record<string, string>>
  readonly reply?: Reply
}

export const startStage = async ({ policy, reply, ...rest }: StageOptions): Promise<Stage> => {
  const issuer = await makeIssuer()
  const upstream = await startUpstream(reply)
  const gateway = await startGateway({ policy: policy(issuer.url, upstream.origin), ...rest })
  return {
    issuer,
    upstream,
    gateway,
    close: async () => {
      await gateway.close()
      await upstream.close()
      await issuer.close()
    },
  }
}

/** Who calls: nobody, an ordinary user, an administrator whose second factor was shown a minute ago. */
export const SUBJECTS = {
  anonymous: null,
  bob: () => ({ sub: 'bob', groups: ['users'] }),
  alice: () => ({ sub: 'alice', groups: ['admins'], acr: 'gold', auth_time: Math.floor(Date.now() / 1_000) - 60 }),
} as const
export type Subject = keyof typeof SUBJECTS

export const tokensFor = async (issuer: TestIssuer): Promise<Readonly<Record<Subject, string | null>>> => ({
  anonymous: null,
  bob: await issuer.token(SUBJECTS.bob()),
  alice: await issuer.token(SUBJECTS.alice()),
})

/** Nouns every policy of these tests has in common. */
export const nouns = (issuer: string): string => `balustrade: 1
providers:
  corp:
    issuer: ${issuer}
    loopback: true
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 1h
    groups-claim: groups
    complete: [groups, mfa]
    mfa: { acr: { silver: any, gold: phishing-resistant }, proved-at: auth_time }
groups: [users, admins]
`

export interface ServiceText {
  readonly name: string
  readonly upstream: string
  readonly routing?: string
  /** Lines of the service entry, indented by four. */
  readonly more?: string
  /** Top-level members appended; the standard rules when left out. Names of rules are unique over all files. */
  readonly rules?: string
}

const APPROVAL = `    owner: a@example.com
    approved-by: b@example.com
    reason: test
    review: 2030-01-01
`
/** A public rule: `what` as text. */
export const publicRule = (name: string, what: string): string => `  ${name}:\n    what: ${what}\n${APPROVAL}`

/** P-open and P-admin of the corpus: `/public/**` for anybody, `/admin/**` for administrators, `/api/**` for users; the rest denied. */
export const standardRules = (service: string): string => `grants:
  ${service}-admins-administer:
    who: { group: admins }
    what: { path: /admin/** }
    how: { mfa: { level: phishing-resistant, max-age: 15m } }
  ${service}-users-use:
    who: { group: users }
    what: { path: /api/** }
public:
${publicRule(`${service}-open`, '{ method: read, path: /public/** }')}`

export const serviceFile = (text: ServiceText): string => `balustrade: 1
service: ${text.name}
services:
  ${text.name}:
    hosts: [${text.name}.example.com]
    upstream: ${text.upstream}
    audience: https://api.example
    providers: corp
    routing: { ${text.routing ?? 'case: sensitive, trailing-slash: distinct'} }
${text.more ?? ''}${text.rules ?? standardRules(text.name)}`

export interface Sending {
  readonly method?: string
  readonly target: string
  readonly host: string
  readonly token?: string | null
  /** Whole field lines. */
  readonly fields?: readonly string[]
  readonly body?: string
}

/** Bytes of one request that ends its connection. */
export const bytesOf = (sending: Sending): string => {
  const { method = 'GET', target, host, token, fields = [], body } = sending
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    ...(typeof token === 'string' ? [`Authorization: Bearer ${token}`] : []),
    ...fields,
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
    ...(fields.some((field) => /^connection:/i.test(field)) ? [] : ['Connection: close']),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

export const send = (stage: Stage, sending: Sending): Promise<RawAnswer> =>
  sendRaw(stage.gateway.port, bytesOf(sending), { idle: 2_000 })

/** Runs `act` on every item, a few at a time, in order of the items. */
export const eachOf = async <T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = []
  let next = 0
  const work = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await act(items[at] as T)
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))
  return results
}

export const valueOf = (served: Served, name: string): string | null => {
  for (let i = 0; i + 1 < served.rawHeaders.length; i += 2) {
    if (served.rawHeaders[i]?.toLowerCase() === name) return served.rawHeaders[i + 1] ?? ''
  }
  return null
}

/** Records of decisions by id, once the log has written what it groups. */
export const recordsById = async (gateway: TestGateway): Promise<ReadonlyMap<string, DecisionRecord>> => {
  await new Promise((resolve) => setTimeout(resolve, 100))
  return new Map((await gateway.decisions()).map((record) => [record.id, record]))
}
