// What of a form is kept, for how many, and what is shown when it cannot be had.
import { type JsonValue, sha256Base64Url } from '@balustrade/core/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { challenged, evaluationWith } from '../../../../test/support/evaluations.ts'
import { imageOf, loginInMemory } from '../../../../test/support/login-in-memory.ts'
import { type ScriptedProvider, startLoginProvider } from '../../../../test/support/login-provider.ts'
import { takeForm } from './kept-form.ts'
import type { LoginContext } from './login-context.ts'

let provider: ScriptedProvider
beforeAll(async () => {
  provider = await startLoginProvider(() => Date.now())
})
afterAll(() => provider.close())

const open = () => {
  const stage = loginInMemory(provider)
  const browser = stage.browser()
  browser.cookies.set('__Host-balustrade', 'x'.repeat(43))
  const keep = (body = 'amount=7', { target = '/charges', scopes = undefined as readonly string[] | undefined } = {}) => {
    const remedy = scopes === undefined ? { login: { maxAge: null } } : { scopes }
    const image = imageOf({ corp: provider.entry() })
    const service = image.services['payments'] ?? null
    return stage.login.start.keepForm(
      evaluationWith({ decision: challenged(remedy, 'login.required'), image, service }),
      browser.request(target, { method: 'POST' }),
      Buffer.from(body),
    )
  }
  return { ...stage, browser, keep, take: (id: string) => takeForm({ store: stage.store } as LoginContext, id) }
}

describe('a form is kept', () => {
  test('and given once, to whoever has its id', async () => {
    const { keep, take } = open()
    const id = (await keep('a=1&b=2')) ?? ''
    expect(await take('x'.repeat(43))).toBeNull()
    expect(await take(id)).toEqual({
      origin: 'https://pay.example.com',
      target: '/charges',
      fields: [
        ['a', '1'],
        ['b', '2'],
      ],
    })
    expect(await take(id)).toBeNull()
  })

  test('up to 65,536 bytes', async () => {
    const { keep } = open()
    expect(await keep(`a=${'x'.repeat(65_534)}`)).not.toBeNull()
    expect(await keep(`a=${'x'.repeat(65_535)}`)).toBeNull()
  })

  test('for twenty of one address', async () => {
    const { keep } = open()
    for (let n = 0; n < 20; n++) expect(await keep()).not.toBeNull()
    expect(await keep()).toBeNull()
  })
})

describe('a form is not kept', () => {
  test('where no login would give what is asked', async () => {
    const { keep } = open()
    expect(await keep('a=1', { scopes: ['charges.write'] })).toBeNull()
  })

  test('of a browser that nobody could tell from another', async () => {
    const { keep, browser } = open()
    browser.cookies.clear()
    expect(await keep()).toBeNull()
  })

  test('that is none, or goes where nobody comes back to', async () => {
    const { keep } = open()
    expect(await keep('a=%ff')).toBeNull()
    expect(await keep('a=1', { target: `/${'x'.repeat(4_000)}` })).toBeNull()
  })

  test('where the store does not answer', async () => {
    const { keep, silence } = open()
    silence(['add'])
    expect(await keep()).toBeNull()
  })
})

describe('a form cannot be had', () => {
  test('where the store does not answer', async () => {
    const { keep, take, silence } = open()
    const id = (await keep()) ?? ''
    silence(['take'])
    expect(await take(id)).toBeNull()
  })

  const kept = { origin: 'https://pay.example.com', target: '/charges', fields: [['a', '1']] }
  test.each<{ note: string; value: JsonValue }>([
    { note: 'a text', value: 'a=1' },
    { note: 'another target', value: { ...kept, target: '//evil.example' } },
    { note: 'no origin', value: { ...kept, origin: null } },
    { note: 'no list of fields', value: { ...kept, fields: 'a=1' } },
    { note: 'a field of one part', value: { ...kept, fields: [['a']] } },
    { note: 'a field of three', value: { ...kept, fields: [['a', '1', '2']] } },
    { note: 'a field of numbers', value: { ...kept, fields: [['a', 1]] } },
    { note: 'a field that is a text', value: { ...kept, fields: ['a1'] } },
    { note: 'one field of several', value: { ...kept, fields: [['a', '1'], 'b'] } },
  ])('that cannot be read back: $note', async ({ value }) => {
    const { real, take } = open()
    await real.add('form', sha256Base64Url('id'), { value, expiresAt: Infinity, tags: [] })
    expect(await take('id')).toBeNull()
  })
})

describe('the page with a form', () => {
  test.each([
    { note: 'without a query', url: () => '/.balustrade/resume' },
    { note: 'without a form', url: () => '/.balustrade/resume?a=1' },
    { note: 'twice', url: (sealed: string) => `/.balustrade/resume?form=${sealed}&form=${sealed}` },
    { note: 'with what nobody sealed', url: () => '/.balustrade/resume?form=x' },
  ])('shows none $note', async ({ url }) => {
    const { browser, seals, keep, clock, failure } = open()
    const id = (await keep()) ?? ''
    browser.cookies.set('__Host-balustrade-login', 'y'.repeat(43))
    const sealed = seals.seal('resume', { form: id, browser: sha256Base64Url('y'.repeat(43)), at: clock.now() })
    expect((await browser.go(url(sealed))).body).not.toContain('<form')
    expect(failure()).toBe('login.form_gone')
    expect((await browser.go(`/.balustrade/resume?form=${sealed}`)).body).toContain('<form method="post" action="/charges">')
  })

  test.each([
    { note: 'ten minutes', over: 0, shown: true },
    { note: 'longer', over: 1, shown: false },
  ])('is good for $note', async ({ over, shown }) => {
    const { browser, seals, keep, clock } = open()
    const id = (await keep()) ?? ''
    browser.cookies.set('__Host-balustrade-login', 'y'.repeat(43))
    const sealed = seals.seal('resume', {
      form: id,
      browser: sha256Base64Url('y'.repeat(43)),
      at: clock.now() - 599_000 - over * 2_000,
    })
    expect((await browser.go(`/.balustrade/resume?form=${sealed}`)).body.includes('<form')).toBe(shown)
  })
})
