// An OpenID provider on loopback that does as it is told, wrong things among them: what a relying party must find out. Everything it
// signs has a genuine signature unless a test takes that away.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWK } from 'jose'
import { type Claims, encodePart, makeSigningKey, type SigningKey, signParts } from '../support/issuer.ts'

type Change = (document: Claims) => Claims

/** What goes otherwise than it should. Undefined: as it should. */
export interface Mischief {
  readonly discovery?: Change
  readonly idToken?: Change
  readonly idTokenHeader?: Change
  /** `none`: without a signature; `stranger`: by a key nobody published. */
  readonly signedBy?: 'none' | 'stranger'
  readonly userinfo?: Change
  readonly keySet?: (keys: readonly JWK[]) => readonly JWK[]
  /** A new key replaces the published one before anything is signed. */
  readonly rotateBeforeSigning?: boolean
  readonly tokenAnswer?: Change
  /** ID token of a refresh. */
  readonly refreshed?: Change
  /** Parameters of the answer to the browser. */
  readonly callback?: Change
  readonly tokenStatus?: number
  readonly userinfoStatus?: number
  /** Hangs up on everybody. */
  readonly down?: boolean
  /** Answers of the key set in place of it. */
  readonly keySetText?: string
}

/** One request that reached the provider. */
export interface Seen {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
  readonly authorization: string | null
}

export interface HostileProvider {
  readonly issuer: string
  /** Requests to this path, oldest first. */
  readonly at: (path: string) => readonly Seen[]
  /** Goes wrong in this way from now on; {}: in none. */
  readonly behave: (mischief: Mischief) => void
  readonly key: () => SigningKey
  readonly rotate: () => void
  /** Every ID token so far. */
  readonly issued: () => readonly string[]
  /** What the next authentication says: acr, amr, how many seconds ago. */
  readonly proves: (proof: Claims & { readonly secondsAgo?: number }) => void
  /** A logout token by the rules, with what differs. */
  readonly logoutToken: (how?: {
    readonly claims?: Change
    readonly header?: Change
    readonly signedBy?: 'none' | 'stranger'
  }) => string
  readonly close: () => Promise<void>
}

interface Grant {
  readonly params: Readonly<Record<string, string>>
  readonly authTime: number
}

const now = (): number => Math.floor(Date.now() / 1_000)
const BACKCHANNEL = 'http://schemas.openid.net/event/backchannel-logout'

const readForm = async (message: IncomingMessage): Promise<Readonly<Record<string, string>>> => {
  let text = ''
  for await (const chunk of message) text += String(chunk)
  return Object.fromEntries(new URLSearchParams(text))
}

const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}

const compact = (header: Claims, claims: Claims, key: SigningKey | null): string =>
  key === null ? `${encodePart(header)}.${encodePart(claims)}.` : signParts(header, claims, key)

const same: Change = (all) => all

const without = (claims: Claims): Claims => Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))

/** Everything that changes while the provider runs. */
interface World {
  readonly issuer: string
  readonly clientId: string
  readonly seen: Seen[]
  readonly grants: Map<string, Grant>
  readonly stranger: SigningKey
  key: SigningKey
  rotations: number
  mischief: Mischief
  proof: Claims & { readonly secondsAgo?: number }
  readonly issued: string[]
}

const rotate = (world: World): void => {
  world.rotations += 1
  world.key = makeSigningKey('RS256', `k${world.rotations}`)
}

const signerOf = (world: World, by: 'none' | 'stranger' | undefined): SigningKey | null => {
  if (by === 'none') return null
  return by === 'stranger' ? world.stranger : world.key
}

const signIdToken = (world: World, claims: Claims, change: Change = same): string => {
  const { mischief } = world
  const header = { alg: mischief.signedBy === 'none' ? 'none' : 'RS256', kid: world.key.kid }
  const token = compact(
    without((mischief.idTokenHeader ?? same)(header)),
    without(change(claims)),
    signerOf(world, mischief.signedBy),
  )
  world.issued.push(token)
  return token
}

const halfHash = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

const idTokenClaims = (world: World, { params, authTime }: Grant, accessToken: string): Claims => ({
  iss: world.issuer,
  sub: 'alice',
  aud: world.clientId,
  exp: now() + 300,
  iat: now(),
  auth_time: authTime,
  nonce: params['nonce'],
  sid: 'sid-1',
  at_hash: halfHash(accessToken),
  groups: ['members'],
  ...without({ ...world.proof, secondsAgo: undefined }),
})

const discovery = (issuer: string): Claims => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  end_session_endpoint: `${issuer}/logout`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
  authorization_response_iss_parameter_supported: true,
})

/** Redeems a code or a refresh token, each code once. */
const redeem = (world: World, form: Seen['form']): Claims | null => {
  const { grants, mischief } = world
  const presented = form['code'] ?? form['refresh_token'] ?? ''
  const grant = grants.get(presented)
  if (grant === undefined) return null
  if (mischief.rotateBeforeSigning === true) rotate(world)
  const isRefresh = form['grant_type'] === 'refresh_token'
  const [accessToken, refreshToken] = [randomBytes(16).toString('base64url'), randomBytes(16).toString('base64url')]
  grants.delete(presented)
  grants.set(refreshToken, grant)
  const claims = idTokenClaims(world, grant, accessToken)
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: 300,
    id_token: isRefresh
      ? signIdToken(world, without({ ...claims, nonce: undefined }), mischief.refreshed)
      : signIdToken(world, claims, mischief.idToken),
    refresh_token: refreshToken,
  }
}

type Route = (world: World, seen: Seen, response: ServerResponse) => void

const ROUTES: Readonly<Record<string, Route>> = {
  '/.well-known/openid-configuration': (world, _seen, response) =>
    json(response, without((world.mischief.discovery ?? same)(discovery(world.issuer)))),
  '/jwks': (world, _seen, response) => {
    const { keySetText } = world.mischief
    if (keySetText !== undefined) return void response.writeHead(200, { 'content-type': 'application/json' }).end(keySetText)
    json(response, { keys: (world.mischief.keySet ?? ((keys: readonly JWK[]) => keys))([world.key.jwk]) })
  },
  '/authorize': (world, { query }, response) => {
    const code = randomBytes(16).toString('base64url')
    world.grants.set(code, { params: query, authTime: now() - (world.proof.secondsAgo ?? 0) })
    const back = new URL(query['redirect_uri'] ?? '')
    const answer = (world.mischief.callback ?? same)({ code, state: query['state'], iss: world.issuer })
    for (const [name, value] of Object.entries(without(answer))) back.searchParams.set(name, String(value))
    response.writeHead(302, { location: back.href })
    response.end()
  },
  '/token': (world, { form }, response) => {
    const { tokenStatus, tokenAnswer = same } = world.mischief
    if (tokenStatus !== undefined) return json(response, { error: 'server_error' }, tokenStatus)
    const answer = redeem(world, form)
    json(response, answer === null ? { error: 'invalid_grant' } : without(tokenAnswer(answer)), answer === null ? 400 : 200)
  },
  '/userinfo': (world, _seen, response) => {
    const { userinfo = same, userinfoStatus = 200 } = world.mischief
    json(response, without(userinfo({ sub: 'alice', name: 'Alice', email: 'alice@example.com' })), userinfoStatus)
  },
}

const serve = async (world: World, message: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (world.mischief.down === true) return void message.socket.destroy()
  const url = new URL(message.url ?? '/', world.issuer)
  const form = message.method === 'POST' ? await readForm(message) : {}
  const seen = {
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    form,
    authorization: message.headers.authorization ?? null,
  }
  world.seen.push(seen)
  const route = ROUTES[url.pathname]
  if (route === undefined) json(response, {}, 404)
  else route(world, seen, response)
}

interface LogoutTokenOptions {
  readonly claims?: Change
  readonly header?: Change
  readonly signedBy?: 'none' | 'stranger'
}

const logoutToken = (world: World, { claims = same, header = same, signedBy }: LogoutTokenOptions): string => {
  const usual = {
    iss: world.issuer,
    aud: world.clientId,
    iat: now(),
    exp: now() + 120,
    jti: randomBytes(8).toString('hex'),
    sub: 'alice',
    sid: 'sid-1',
    events: { [BACKCHANNEL]: {} },
  }
  const head = { alg: signedBy === 'none' ? 'none' : 'RS256', kid: world.key.kid, typ: 'logout+jwt' }
  return compact(without(header(head)), without(claims(usual)), signerOf(world, signedBy))
}

/** Starts the provider. Whoever comes is `alice`, without being asked anything. */
export const startHostileProvider = async (clientId: string): Promise<HostileProvider> => {
  const server = createServer((message, response) => void serve(world, message, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const world: World = {
    issuer,
    clientId,
    seen: [],
    grants: new Map(),
    stranger: makeSigningKey('RS256', 'stranger'),
    key: makeSigningKey('RS256', 'k1'),
    rotations: 1,
    mischief: {},
    proof: {},
    issued: [],
  }
  return {
    issuer,
    at: (path) => world.seen.filter((each) => each.path === path),
    behave: (next) => {
      world.mischief = next
    },
    key: () => world.key,
    rotate: () => rotate(world),
    issued: () => world.issued,
    proves: (next) => {
      world.proof = next
    },
    logoutToken: (how = {}) => logoutToken(world, how),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
