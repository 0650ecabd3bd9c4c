// The identity provider of the demo with a client for it, as tests of its logins need them: an application that takes callbacks and
// back-channel logouts, and a browser without script.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt, type JWTPayload } from 'jose'
import { startIdentityProvider } from '../../packages/balustrade/src/demo/identity-provider.ts'
import { layProviderKeys } from '../../packages/balustrade/src/demo/lay-folder.ts'
import { type Account, loadPeople } from '../../packages/balustrade/src/demo/people.ts'
import { totpCode } from '../../packages/balustrade/src/demo/totp.ts'
import { type Browser, createBrowser, type Shown } from '../oidc/browser.ts'

const VERIFIER = 'a-verifier-of-at-least-forty-three-characters-for-tests'

export interface ProviderUnderTest {
  readonly issuer: string
  readonly origin: string
  readonly secret: string
  /** Claims of the logout tokens that the application was sent. */
  readonly logouts: readonly JWTPayload[]
  readonly account: (name: string) => Account
  readonly code: (name: string, at?: number) => string
  readonly token: (form: Readonly<Record<string, string>>) => Promise<Readonly<Record<string, unknown>>>
  readonly close: () => Promise<void>
}

const startApplication = async () => {
  const logouts: JWTPayload[] = []
  const server = createServer((message, response) => {
    let text = ''
    message.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    message.on('end', () => {
      const token = new URLSearchParams(text).get('logout_token')
      if (token !== null) logouts.push(decodeJwt(token))
      response.end('the application')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, logouts, server }
}

export const startProviderUnderTest = async (): Promise<ProviderUnderTest> => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-provider-'))
  const { origin, logouts, server } = await startApplication()
  const keys = layProviderKeys(folder)
  const people = loadPeople(keys.peopleFile)
  const provider = await startIdentityProvider({
    port: 0,
    hosts: ['127.0.0.1'],
    people,
    passkeyFile: keys.passkeyFile,
    audience: 'http://localhost:8080',
    gatewayOrigins: [origin],
    gatewayCa: null,
    signingKey: keys.signingKey,
    secrets: { gateway: keys.gatewaySecret, desk: 'desk', workload: 'workload' },
  })
  const account = (name: string): Account => {
    const found = people.find((person) => person.name === name)
    if (found === undefined) throw new Error(`the demo has nobody of the name ${name}`)
    return found
  }
  return {
    issuer: provider.issuer,
    origin,
    secret: keys.gatewaySecret,
    logouts,
    account,
    code: (name, at = Date.now()) => totpCode(account(name).totpSecret, at),
    token: async (form) => {
      const authorization = `Basic ${Buffer.from(`balustrade:${keys.gatewaySecret}`).toString('base64')}`
      const body = new URLSearchParams(form)
      const response = await fetch(`${provider.issuer}/token`, { method: 'POST', headers: { authorization }, body })
      return (await response.json()) as Readonly<Record<string, unknown>>
    },
    close: async () => {
      await provider.close()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A person at a browser that has no script. */
export interface Visitor {
  readonly browser: Browser
  /** Sends the browser to log in with these parameters; shows the page it comes to. */
  readonly ask: (parameters?: Readonly<Record<string, string>>) => Promise<Shown>
  /** Answers the page. */
  readonly answer: (shown: Shown, fields: Readonly<Record<string, string>>) => Promise<Shown>
  readonly password: (shown: Shown, name: string, password?: string) => Promise<Shown>
  /** Claims of the ID token that the application gets for the callback that the browser came to. */
  readonly claims: (shown: Shown) => Promise<JWTPayload>
  readonly tokens: (shown: Shown) => Promise<Readonly<Record<string, unknown>>>
}

export const createVisitor = ({ issuer, origin, account, token }: ProviderUnderTest): Visitor => {
  const browser = createBrowser('localhost')
  const redirect = `${origin}/.balustrade/callback`
  const challenge = createHash('sha256').update(VERIFIER).digest('base64url')
  const answer = (shown: Shown, fields: Readonly<Record<string, string>>) =>
    browser.submit(shown.url, new URLSearchParams(fields).toString(), issuer)
  const tokens = async (shown: Shown) => {
    const url = new URL(shown.url)
    if (url.origin !== origin) throw new Error(`the browser is at ${shown.url}: ${shown.body}`)
    const code = url.searchParams.get('code') ?? ''
    return token({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: VERIFIER })
  }
  return {
    browser,
    ask: (parameters = {}) =>
      browser.go(
        `${issuer}/auth?${new URLSearchParams({
          client_id: 'balustrade',
          response_type: 'code',
          scope: 'openid profile',
          redirect_uri: redirect,
          state: 'state',
          nonce: 'nonce',
          code_challenge: challenge,
          code_challenge_method: 'S256',
          ...parameters,
        }).toString()}`,
      ),
    answer,
    password: (shown, name, password = account(name).password) => answer(shown, { do: 'password', name, password }),
    claims: async (shown) => decodeJwt(String((await tokens(shown))['id_token'])),
    tokens,
  }
}

/** The heading of a page. */
export const headingOf = ({ body }: Shown): string => /<h1>([^<]*)<\/h1>/.exec(body)?.[1] ?? ''

/** What a page says went wrong. */
export const faultOf = ({ body }: Shown): string => /role="alert">([^<]*)</.exec(body)?.[1] ?? ''
