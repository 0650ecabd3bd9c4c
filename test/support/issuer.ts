// An issuer of access tokens for tests: real keys, a real key-set endpoint on loopback, tokens signed by another implementation
// than the one that verifies them. Tests misuse it on purpose: it signs whatever it is told to.
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CompactSign, type JWK } from 'jose'
import type { ProviderImage } from '../../packages/core/src/model/policy-image.ts'

export type SigningAlg =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'

export interface SigningKey {
  readonly alg: SigningAlg
  readonly kid: string
  readonly privateKey: KeyObject
  /** As published: with `alg`, `kid` and `use`. */
  readonly jwk: JWK
}

const CURVES = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const

const generate = (alg: SigningAlg, bits: number): { publicKey: KeyObject; privateKey: KeyObject } => {
  if (alg === 'EdDSA' || alg === 'Ed25519') return generateKeyPairSync('ed25519')
  if (alg === 'ES256' || alg === 'ES384' || alg === 'ES512') return generateKeyPairSync('ec', { namedCurve: CURVES[alg] })
  return generateKeyPairSync('rsa', { modulusLength: bits })
}

/** A fresh key pair. `bits` is for RSA alone. */
export const makeSigningKey = (alg: SigningAlg, kid: string, bits = 2_048): SigningKey => {
  const { publicKey, privateKey } = generate(alg, bits)
  return { alg, kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), alg, kid, use: 'sig' } as JWK }
}

export type Claims = Readonly<Record<string, unknown>>

export const encodePart = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const signatureOf = (key: SigningKey, input: Buffer): Buffer => {
  const digest = `sha${key.alg.slice(2)}`
  if (key.alg.startsWith('Ed')) return sign(null, input, key.privateKey)
  if (key.alg.startsWith('ES')) return sign(digest, input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  const padding = key.alg.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  return sign(digest, input, { key: key.privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
}

/** A genuine signature over any header and payload, text included: for tokens that no library would make. */
export const signParts = (header: string | object, payload: string | object, key: SigningKey): string => {
  const input = `${encodePart(header)}.${encodePart(payload)}`
  return `${input}.${signatureOf(key, Buffer.from(input)).toString('base64url')}`
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** ms before the answer is sent. */
  readonly delay?: number
  /** Leave out the Date field. */
  readonly undated?: boolean
  /** Close the connection instead of answering. */
  readonly hangUp?: boolean
}

export interface TestIssuer {
  /** The issuer identifier: an http URL on loopback. */
  readonly url: string
  readonly jwksUri: string
  readonly key: SigningKey
  /** Requests so far, by path. */
  readonly hits: ReadonlyMap<string, number>
  readonly jwksHits: () => number
  /** What the key-set endpoint lists from now on. */
  readonly publish: (keys: readonly JWK[]) => void
  /** Replaces the issuer's signing key; the old one stays listed when `overlap`. */
  readonly rotate: (alg: SigningAlg, kid: string, overlap?: boolean) => SigningKey
  /** Answers a path in another way from now on; null: as usual again. */
  readonly answer: (path: string, reply: Reply | null) => void
  /** A provider entry for this issuer: rfc9068, all algorithms of its keys, an hour of life. */
  readonly provider: (over?: Partial<ProviderImage>) => ProviderImage
  /** RFC 9068 claims for `alice`, audience `https://api.example`, issued now for five minutes. Undefined removes a claim. */
  readonly claims: (over?: Claims) => Claims
  /** A token of `claims(over)`, signed by jose; `header` is added to alg, typ at+jwt and kid, undefined removes. */
  readonly token: (over?: Claims, how?: { readonly header?: Claims; readonly key?: SigningKey }) => Promise<string>
  readonly close: () => Promise<void>
}

export interface IssuerOptions {
  readonly alg?: SigningAlg
  readonly kid?: string
  /** Path of the issuer identifier, such as `/realms/a`. */
  readonly path?: string
  /** Epoch ms; the wall clock when absent. */
  readonly now?: () => number
}

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const send = (response: ServerResponse, reply: Reply, usual: string): void => {
  if (reply.hangUp === true) {
    response.destroy()
    return
  }
  response.sendDate = reply.undated !== true
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
  response.end(reply.body ?? usual)
}

const without = (value: Claims): Claims => Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))

interface Endpoint {
  readonly base: string
  readonly hits: ReadonlyMap<string, number>
  readonly replies: Map<string, Reply>
  readonly close: () => Promise<void>
}

/** Serves what `usual` gives for a path (null: 404), unless `replies` says otherwise. */
const startEndpoint = async (usual: (path: string, base: string) => object | null): Promise<Endpoint> => {
  const hits = new Map<string, number>()
  const replies = new Map<string, Reply>()
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const asked = request.url ?? ''
    hits.set(asked, (hits.get(asked) ?? 0) + 1)
    const body = usual(asked, base)
    const reply = replies.get(asked) ?? (body === null ? { status: 404 } : {})
    const answer = (): void => send(response, reply, JSON.stringify(body ?? {}))
    if (reply.delay === undefined) answer()
    else setTimeout(answer, reply.delay).unref()
  })
  const base = await listen(server)
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { base, hits, replies, close }
}

const baseProvider: Omit<ProviderImage, 'issuer' | 'jwksUri'> = {
  profile: 'rfc9068',
  algorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  lifetime: 3_600_000,
  loopback: true,
  claims: {},
  groupsClaim: null,
  rolesClaim: null,
  complete: [],
  mfa: { acr: {}, amr: {}, provedAt: null },
  clientKind: 'workload',
}

const makeToken = (claims: Claims, key: SigningKey, header: Claims = {}): Promise<string> => {
  const full = without({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header })
  const payload = new TextEncoder().encode(JSON.stringify(claims))
  return new CompactSign(payload).setProtectedHeader(full as { alg: string }).sign(key.privateKey)
}

/** Starts an issuer on an ephemeral loopback port. It answers both discovery forms and `/jwks`. */
export const makeIssuer = async (options: IssuerOptions = {}): Promise<TestIssuer> => {
  const { now = Date.now, path = '', alg = 'ES256', kid = 'k1' } = options
  let key = makeSigningKey(alg, kid)
  let listed: readonly JWK[] = [key.jwk]
  const metadata = [`${path}/.well-known/openid-configuration`, `/.well-known/oauth-authorization-server${path}`]
  const { base, hits, replies, close } = await startEndpoint((asked, at) => {
    if (asked === '/jwks') return { keys: listed }
    return metadata.includes(asked) ? { issuer: at + path, jwks_uri: `${at}/jwks` } : null
  })
  const [url, jwksUri] = [base + path, `${base}/jwks`]
  const claims = (over: Claims = {}): Claims => {
    const iat = Math.floor(now() / 1_000)
    return without({
      iss: url,
      sub: 'alice',
      aud: 'https://api.example',
      client_id: 'web',
      jti: 't1',
      iat,
      exp: iat + 300,
      ...over,
    })
  }
  return {
    url,
    jwksUri,
    get key() {
      return key
    },
    hits,
    jwksHits: () => hits.get('/jwks') ?? 0,
    publish: (keys) => {
      listed = keys
    },
    rotate: (nextAlg, nextKid, overlap = false) => {
      key = makeSigningKey(nextAlg, nextKid)
      listed = [...(overlap ? listed : []), key.jwk]
      return key
    },
    answer: (asked, reply) => {
      if (reply === null) replies.delete(asked)
      else replies.set(asked, reply)
    },
    provider: (over = {}) => ({ ...baseProvider, issuer: url, jwksUri, ...over }),
    claims,
    token: (over, how = {}) => makeToken(claims(over), how.key ?? key, how.header),
    close,
  }
}
