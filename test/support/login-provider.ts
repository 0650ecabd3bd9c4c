// A provider at which people log in, for tests: real keys, real endpoints on loopback, codes used once, PKCE and client secrets checked.
// It says what it is told to say, so that tests can make it lie.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { JWK } from 'jose'
import type { ProviderImage } from '../../packages/core/src/model/policy-image.ts'
import type { TestCertificate } from './certificate.ts'
import { type Claims, makeSigningKey, type SigningKey, signParts } from './issuer.ts'

/** What the provider does otherwise than usual. Every member may be replaced while it runs. */
export interface Script {
  /** Claims of the ID token besides the usual ones; undefined removes. */
  idToken: Claims
  header: Claims
  signedBy: SigningKey | null
  userinfo: Claims
  metadata: Claims
  /** Claims of the token response; undefined removes. */
  tokens: Claims
  /** Replies of a path: a status, or `hang up`. */
  readonly broken: Map<string, number | 'hang up'>
  /** Type and body of the answer of a path, as they stand. */
  readonly raw: Map<string, readonly [type: string, body: string]>
  /** Parameters of the authorization response; undefined removes. */
  response: Readonly<Record<string, string | undefined>>
  /** Refresh tokens that are taken back. */
  isRevoked: boolean
}

export interface ScriptedProvider {
  readonly issuer: string
  readonly key: SigningKey
  readonly script: Script
  /** Authorization requests, and forms of the token endpoint, in order. */
  readonly asked: URLSearchParams[]
  readonly forms: URLSearchParams[]
  readonly hits: (path: string) => number
  /** Somebody logs in at this authorization request; gives the address the browser is sent back to. */
  readonly logIn: (location: string, subject?: string) => string
  readonly entry: (over?: Partial<ProviderImage>) => ProviderImage
  readonly logoutToken: (claims?: Claims, header?: Claims) => string
  readonly close: () => Promise<void>
}

export const CLIENT_ID = 'gateway'
export const CLIENT_SECRET = 'a secret: with, odd/characters+'

interface Grant {
  readonly subject: string
  readonly nonce: string
  readonly challenge: string
  readonly redirectUri: string
  readonly authTime: number
}

const without = (value: Claims): Claims => Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))
const randomText = (): string => randomBytes(16).toString('base64url')

const readBody = async (message: IncomingMessage): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of message) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}

/** By the Authorization field, or in the body where that is all that is offered (RFC 6749 section 2.3.1); a public one has no secret. */
const isClient = (message: IncomingMessage, form: URLSearchParams, { script }: World): boolean => {
  const methods = script.metadata['token_endpoint_auth_methods_supported']
  const method = Array.isArray(methods) ? String(methods[0]) : 'client_secret_basic'
  if (method !== 'client_secret_basic') {
    const secret = method === 'none' ? null : CLIENT_SECRET
    const isBare = message.headers.authorization === undefined
    return isBare && form.get('client_id') === CLIENT_ID && form.get('client_secret') === secret
  }
  const credentials = [CLIENT_ID, CLIENT_SECRET].map((text) => new URLSearchParams({ a: text }).toString().slice(2)).join(':')
  return message.headers.authorization === `Basic ${Buffer.from(credentials).toString('base64')}`
}

const emptyScript = (): Script => ({
  idToken: {},
  header: {},
  signedBy: null,
  userinfo: {},
  metadata: {},
  tokens: {},
  broken: new Map(),
  raw: new Map(),
  response: {},
  isRevoked: false,
})

/** A running provider from within. */
interface World {
  issuer: string
  readonly now: () => number
  readonly key: SigningKey
  readonly script: Script
  readonly grants: Map<string, Grant>
  readonly refreshable: Map<string, Grant>
  readonly asked: URLSearchParams[]
  readonly forms: URLSearchParams[]
  readonly hits: Map<string, number>
}

const seconds = ({ now }: World): number => Math.floor(now() / 1_000)

const sign = ({ script, key }: World, claims: Claims, header: Claims): string => {
  const by = script.signedBy ?? key
  return signParts(without({ alg: by.alg, kid: by.kid, typ: 'JWT', ...header }), without(claims), by)
}

const tokensOf = (world: World, grant: Grant, more: Claims): Claims => {
  const { issuer, script, refreshable } = world
  const [accessToken, refreshToken, iat] = [randomText(), randomText(), seconds(world)]
  refreshable.set(refreshToken, grant)
  const claims = {
    iss: issuer,
    sub: grant.subject,
    aud: CLIENT_ID,
    iat,
    exp: iat + 300,
    auth_time: grant.authTime,
    at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    sid: 's1',
    ...more,
    ...script.idToken,
  }
  const idToken = sign(world, claims, script.header)
  return without({
    access_token: accessToken,
    token_type: 'Bearer',
    refresh_token: refreshToken,
    id_token: idToken,
    ...script.tokens,
  })
}

const redeem = (world: World, form: URLSearchParams): Claims | string => {
  const code = form.get('code') ?? ''
  const grant = world.grants.get(code)
  world.grants.delete(code)
  const verifier = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  const isGood = verifier === grant?.challenge && form.get('redirect_uri') === grant.redirectUri
  return grant === undefined || !isGood ? 'invalid_grant' : tokensOf(world, grant, { nonce: grant.nonce })
}

const refresh = (world: World, form: URLSearchParams): Claims | string => {
  const token = form.get('refresh_token') ?? ''
  const grant = world.refreshable.get(token)
  world.refreshable.delete(token)
  return grant === undefined || world.script.isRevoked ? 'invalid_grant' : tokensOf(world, grant, {})
}

const metadataOf = ({ issuer, script }: World): Claims => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  end_session_endpoint: `${issuer}/logout`,
  authorization_response_iss_parameter_supported: true,
  ...script.metadata,
})

const send = (response: ServerResponse, status: number, body: Claims): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(without(body)))
}

const serveToken = async (world: World, message: IncomingMessage, response: ServerResponse): Promise<void> => {
  const form = new URLSearchParams(await readBody(message))
  world.forms.push(form)
  if (!isClient(message, form, world)) return send(response, 401, { error: 'invalid_client' })
  const answer = form.get('grant_type') === 'refresh_token' ? refresh(world, form) : redeem(world, form)
  if (typeof answer === 'string') return send(response, 400, { error: answer })
  send(response, 200, answer)
}

/** True: answered otherwise than usual. */
const answerOtherwise = ({ script }: World, path: string, response: ServerResponse): boolean => {
  const [broken, raw] = [script.broken.get(path), script.raw.get(path)]
  if (broken === 'hang up') response.destroy()
  else if (broken !== undefined) send(response, broken, {})
  else if (raw !== undefined) response.writeHead(200, { 'content-type': raw[0] }).end(raw[1])
  return broken !== undefined || raw !== undefined
}

const serve = (world: World, message: IncomingMessage, response: ServerResponse): void => {
  const { script, hits, key } = world
  const path = (message.url ?? '').split('?')[0] ?? ''
  hits.set(path, (hits.get(path) ?? 0) + 1)
  if (answerOtherwise(world, path, response)) return
  if (path === '/token') return void serveToken(world, message, response)
  if (path === '/jwks') return send(response, 200, { keys: [key.jwk] satisfies JWK[] })
  if (path === '/userinfo') return send(response, 200, { sub: 'ada', ...script.userinfo })
  if (path === '/.well-known/openid-configuration') return send(response, 200, metadataOf(world))
  send(response, 404, {})
}

const logIn = (world: World, location: string, subject: string): string => {
  const { issuer, script, grants, asked } = world
  const parameters = new URL(location).searchParams
  const said = (name: string): string => parameters.get(name) ?? ''
  asked.push(parameters)
  const code = randomText()
  const [nonce, challenge, redirectUri] = [said('nonce'), said('code_challenge'), said('redirect_uri')]
  grants.set(code, { subject, nonce, challenge, redirectUri, authTime: seconds(world) })
  const back = new URL(redirectUri)
  const response = { code, state: said('state'), iss: issuer, ...script.response }
  for (const [name, value] of Object.entries(response)) if (value !== undefined) back.searchParams.set(name, value)
  return back.href
}

const entryOf = ({ issuer }: World): ProviderImage => ({
  issuer,
  profile: 'plain',
  algorithms: ['ES256'],
  jwksUri: null,
  lifetime: 3_600_000,
  loopback: true,
  claims: {},
  groupsClaim: 'groups',
  rolesClaim: null,
  complete: ['groups', 'mfa'],
  mfa: { acr: { otp: 'any', passkey: 'phishing-resistant' }, amr: {}, provedAt: 'auth_time' },
  clientKind: 'workload',
})

const logoutClaims = (world: World): Claims => ({
  iss: world.issuer,
  aud: CLIENT_ID,
  iat: seconds(world),
  exp: seconds(world) + 120,
  jti: randomText(),
  sub: 'ada',
  sid: 's1',
  events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
})

/** Starts one on an ephemeral port. `now`: epoch ms. With a certificate, for `localhost`, over TLS. */
export const startLoginProvider = async (
  now: () => number = Date.now,
  tls: TestCertificate | null = null,
): Promise<ScriptedProvider> => {
  const [key, script] = [makeSigningKey('ES256', 'k1'), emptyScript()]
  const [grants, refreshable, hits] = [new Map<string, Grant>(), new Map<string, Grant>(), new Map<string, number>()]
  const [asked, forms]: [URLSearchParams[], URLSearchParams[]] = [[], []]
  const world: World = { issuer: '', now, key, script, grants, refreshable, asked, forms, hits }
  const listener: RequestListener = (message, response) => serve(world, message, response)
  const server = tls === null ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  world.issuer = `${tls === null ? 'http://127.0.0.1' : 'https://localhost'}:${(server.address() as AddressInfo).port}`
  return {
    issuer: world.issuer,
    key,
    script,
    asked,
    forms,
    hits: (path) => hits.get(path) ?? 0,
    logIn: (location, subject = 'ada') => logIn(world, location, subject),
    entry: (over = {}) => ({ ...entryOf(world), ...over }),
    logoutToken: (claims = {}, header = {}) =>
      sign(world, { ...logoutClaims(world), ...claims }, { typ: 'logout+jwt', ...header }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
