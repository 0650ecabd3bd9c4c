import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createVisitor,
  faultOf,
  headingOf,
  type ProviderUnderTest,
  startProviderUnderTest,
  type Visitor,
} from '../../../../test/support/demo-provider.ts'
import {
  createSoftwareAuthenticator,
  type Misuse,
  type SoftwareAuthenticator,
} from '../../../../test/support/software-authenticator.ts'

type Shown = Awaited<ReturnType<Visitor['ask']>>

let provider: ProviderUnderTest
let visitor: Visitor
let authenticator: SoftwareAuthenticator
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  provider = await startProviderUnderTest()
})
afterAll(async () => {
  await provider.close()
  vi.useRealTimers()
})
beforeEach(() => {
  vi.setSystemTime(Date.now() + 120_000)
  visitor = createVisitor(provider)
})

const optionsOf = ({ body }: Shown) =>
  JSON.parse((/data-options="([^"]+)"/.exec(body)?.[1] ?? '').replaceAll('&quot;', '"')) as { readonly challenge: string }

/** To the page on which a first passkey is made. */
const toEnrolment = async (name: string): Promise<Shown> => {
  const code = await visitor.password(await visitor.ask({ acr_values: 'passkey', max_age: '900' }), name)
  return visitor.answer(code, { do: 'code', code: provider.code(name) })
}

/** Makes one, and shows the page that asks for it. */
const enrol = async (name: string): Promise<Shown> => {
  authenticator = createSoftwareAuthenticator(provider.issuer)
  const page = await toEnrolment(name)
  return visitor.answer(page, { do: 'enrol', response: authenticator.create(optionsOf(page)) })
}

const toPasskey = async (name: string, parameters = {}): Promise<Shown> =>
  visitor.password(await visitor.ask({ acr_values: 'passkey', ...parameters }), name)

const prove = (page: Shown, misuse?: Misuse) =>
  visitor.answer(page, { do: 'passkey', response: authenticator.get(optionsOf(page), misuse) })

const isBack = ({ url }: Shown) => new URL(url).origin === provider.origin

test('a first passkey is made after password and code, and then has to prove itself', async () => {
  const page = await enrol('mia')
  expect(headingOf(page)).toBe('Use your passkey')
  expect(await visitor.claims(await prove(page))).toMatchObject({
    sub: 'mia',
    acr: 'passkey',
    amr: ['pwd', 'otp', 'mfa', 'pop'],
    auth_time: Math.floor(Date.now() / 1_000),
  })
})

describe('a passkey', () => {
  beforeAll(async () => {
    visitor = createVisitor(provider)
    await enrol('uma')
  })

  test('is all that a step-up asks for', async () => {
    await visitor.password(await visitor.ask(), 'uma')
    const page = await visitor.ask({ acr_values: 'passkey', max_age: '900' })
    expect(headingOf(page)).toBe('Use your passkey')
    expect(await visitor.claims(await prove(page))).toMatchObject({ sub: 'uma', acr: 'passkey', amr: ['pop', 'mfa'] })
  })

  test('may be chosen where a code would do', async () => {
    await visitor.password(await visitor.ask(), 'uma')
    const page = await visitor.ask({ acr_values: 'otp passkey' })
    expect(headingOf(page)).toBe('Enter a code')
    const other = await visitor.answer(page, { do: 'use-passkey' })
    expect(await visitor.claims(await prove(other))).toMatchObject({ acr: 'passkey' })
  })

  test.each<{ readonly note: string; readonly misuse: Misuse }>([
    { note: 'given to another origin', misuse: { origin: 'http://localhost:1' } },
    { note: 'given to another relying party', misuse: { relyingParty: 'evil.example' } },
    { note: 'for another challenge', misuse: { challenge: 'b3RoZXI' } },
    { note: 'with a spoilt signature', misuse: { spoilSignature: true } },
    { note: 'without user verification', misuse: { flags: 0x01 } },
    { note: 'without user presence', misuse: { flags: 0x04 } },
    { note: 'with a counter that went back, as that of a copy does', misuse: { counter: 1 } },
  ])('an answer $note is refused, and an honest one is taken then', async ({ misuse }) => {
    const page = await toPasskey('uma')
    const refused = await prove(page, misuse)
    expect(faultOf(refused)).toContain('This passkey was not accepted.')
    expect(isBack(await prove(refused))).toBe(true)
  })

  test('answers each challenge once', async () => {
    const page = await toPasskey('uma')
    const response = authenticator.get(optionsOf(page))
    const before = await visitor.answer(page, { do: 'passkey', response: 'no JSON' })
    expect(headingOf(before)).toBe('Use your passkey')
    expect(isBack(await visitor.answer(page, { do: 'passkey', response }))).toBe(false)
  })

  test('of one person is none of another', async () => {
    const page = await toEnrolment('gus')
    expect(headingOf(page)).toBe('Create a passkey')
    expect(isBack(await visitor.answer(page, { do: 'passkey', response: authenticator.get(optionsOf(page)) }))).toBe(false)
  })

  test('is not made by a session that somebody left open', async () => {
    await visitor.password(await visitor.ask(), 'gus')
    vi.setSystemTime(Date.now() + 301_000)
    const page = await visitor.ask({ acr_values: 'passkey' })
    const made = await visitor.answer(page, { do: 'enrol', response: authenticator.create({ challenge: 'AAAA' }) })
    expect(headingOf(made)).toBe('Sign in')
  })
})
