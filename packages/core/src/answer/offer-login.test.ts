import { describe, expect, test } from 'vitest'
import { ada, around, challenged, denied, evaluationWith, requestOf } from '../../../../test/support/evaluations.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { LoginWay } from '../model/endpoint.ts'
import type { Evaluation } from '../model/engine.ts'
import { answerUnlessAllowed, isKeepable } from './answer.ts'

const TARGET = 'https://acme.pay.example.com/charges'
const CHALLENGED = { decision: challenged({ login: { maxAge: null } }, 'login.required') }
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const FORM = { ...NAVIGATION, origin: 'https://acme.pay.example.com', 'content-type': 'application/x-www-form-urlencoded' }

const answerBy = (way: LoginWay, request: AccessRequest, asked: { evaluation?: Partial<Evaluation>; form?: string } = {}) => {
  const forms: (string | null)[] = []
  const login = {
    wayOf: (_evaluation: Evaluation, _request: AccessRequest, form: string | null) => {
      forms.push(form)
      return way
    },
    windowFor: () => '/.balustrade/login?start=w',
    keepForm: async () => null,
  }
  const answer = answerUnlessAllowed(evaluationWith(asked.evaluation ?? CHALLENGED), request, {
    recorded: true,
    around: { ...around, login },
    form: asked.form ?? null,
  })
  return { answer, forms, location: answer?.headers.find(([name]) => name === 'location')?.[1] }
}

const REDIRECT: LoginWay = { way: 'redirect', location: '/.balustrade/login?start=x' }

describe('a browser is sent to log in', () => {
  test.each([
    { note: 'a navigation', request: requestOf(`GET ${TARGET}`, NAVIGATION) },
    {
      note: 'a browser without fetch metadata that asks for a page',
      request: requestOf(`GET ${TARGET}`, { accept: 'text/html,*/*' }),
    },
    { note: 'HEAD as GET', request: requestOf(`HEAD ${TARGET}`, NAVIGATION) },
  ])('$note', ({ request }) => {
    const { answer, location } = answerBy(REDIRECT, request)
    expect(answer?.status).toBe(303)
    expect(location).toBe('/.balustrade/login?start=x')
    expect(answer?.headers).toContainEqual(['cache-control', 'no-store'])
  })

  test('a form that was kept goes along', () => {
    const { answer, forms, location } = answerBy(REDIRECT, requestOf(`POST ${TARGET}`, FORM), { form: 'f1' })
    // A redirect would be held against `form-action` of the page with the form, together with what it leads to.
    expect([answer?.status, location]).toEqual([401, undefined])
    expect(answer?.headers).toContainEqual(['refresh', '0; url=/.balustrade/login?start=x'])
    expect(answer?.body).toContain('href="/.balustrade/login?start=x"')
    expect(forms).toEqual(['f1'])
  })
})

describe('nothing else is redirected: a program gets the challenge', () => {
  test.each<{ note: string; request: AccessRequest; evaluation?: Partial<Evaluation>; status: number }>([
    { note: 'a script of a page', request: requestOf(`GET ${TARGET}`, { 'sec-fetch-mode': 'cors' }), status: 401 },
    {
      note: 'a script that asks for HTML',
      request: requestOf(`GET ${TARGET}`, { 'sec-fetch-mode': 'cors', accept: 'text/html' }),
      status: 401,
    },
    { note: 'a client of an API', request: requestOf(`GET ${TARGET}`, { accept: 'application/json' }), status: 401 },
    { note: 'a client that says nothing', request: requestOf(`GET ${TARGET}`), status: 401 },
    { note: 'a form that was not kept', request: requestOf(`POST ${TARGET}`, FORM), status: 401 },
    {
      note: 'a refusal',
      request: requestOf(`GET ${TARGET}`, NAVIGATION),
      evaluation: { decision: denied('forbidden', 'grant.none') },
      status: 403,
    },
  ])('$note', ({ request, evaluation, status }) => {
    const { answer, forms } = answerBy(REDIRECT, request, evaluation === undefined ? {} : { evaluation })
    expect(answer?.status).toBe(status)
    expect(answer?.headers.some(([name]) => name === 'www-authenticate')).toBe(status === 401)
    expect(forms).toEqual([])
  })

  test('nobody logs in here', () => {
    const { answer, location } = answerBy({ way: 'none' }, requestOf(`GET ${TARGET}`, NAVIGATION))
    expect({ status: answer?.status, location }).toEqual({ status: 401, location: undefined })
  })
})

test('what was done and changed nothing ends in a refusal, not in a circle', () => {
  const stepUp = { identity: ada, decision: challenged({ stepUp: { level: 'hardware', maxAge: null } }, 'mfa.too_weak') }
  const { answer } = answerBy({ way: 'no-progress' }, requestOf(`GET ${TARGET}`, NAVIGATION), { evaluation: stepUp })
  expect(answer?.status).toBe(403)
  expect(answer?.body).toContain('it was not enough')
})

describe('which forms may be kept', () => {
  const evaluation = evaluationWith(CHALLENGED)
  test.each<{ note: string; headers: Readonly<Record<string, string>>; method?: string; kept: boolean }>([
    { note: 'a form from a page of this origin', headers: FORM, kept: true },
    {
      note: 'by fetch metadata alone',
      headers: { ...NAVIGATION, 'sec-fetch-site': 'same-origin', 'content-type': FORM['content-type'] },
      kept: true,
    },
    {
      note: 'with a charset',
      headers: { ...FORM, 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
      kept: true,
    },
    { note: 'from another site', headers: { ...FORM, origin: 'https://evil.example' }, kept: false },
    { note: 'from a page of no origin', headers: { ...FORM, origin: 'null' }, kept: false },
    {
      note: 'from another host of the same site',
      headers: { ...NAVIGATION, 'sec-fetch-site': 'same-site', 'content-type': FORM['content-type'] },
      kept: false,
    },
    {
      note: 'that does not say where it comes from',
      headers: { ...NAVIGATION, 'content-type': FORM['content-type'] },
      kept: false,
    },
    { note: 'with files', headers: { ...FORM, 'content-type': 'multipart/form-data; boundary=x' }, kept: false },
    { note: 'of a script', headers: { ...FORM, 'sec-fetch-mode': 'cors' }, kept: false },
    { note: 'PUT', headers: FORM, method: 'PUT', kept: false },
  ])('$note', ({ headers, method = 'POST', kept }) => {
    expect(isKeepable(evaluation, requestOf(`${method} ${TARGET}`, headers))).toBe(kept)
  })

  test('none that is refused for good', () => {
    const refused = evaluationWith({ decision: denied('forbidden', 'grant.none') })
    expect(isKeepable(refused, requestOf(`POST ${TARGET}`, FORM))).toBe(false)
  })
})

describe('a script is told where to open a window', () => {
  const loginOf = (headers: Readonly<Record<string, string>>, evaluation: Partial<Evaluation> = CHALLENGED): unknown => {
    const { answer } = answerBy(REDIRECT, requestOf(`GET ${TARGET}`, headers), { evaluation })
    return (JSON.parse(answer?.body ?? '{}') as { readonly login?: unknown }).login
  }

  test.each<{ note: string; headers: Readonly<Record<string, string>>; told: boolean }>([
    { note: 'of a page of this origin', headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' }, told: true },
    {
      note: 'of another site',
      headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      told: false,
    },
    { note: 'no script of a browser', headers: {}, told: false },
  ])('$note', ({ headers, told }) => expect(loginOf(headers)).toBe(told ? '/.balustrade/login?start=w' : undefined))

  test('not where nothing helps', () => {
    const headers = { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' }
    expect(loginOf(headers, { decision: denied('forbidden', 'grant.none') })).toBeUndefined()
  })
})

test.each([
  { note: 'who is logged in with a browser can leave', kind: 'session' as const, link: true },
  { note: 'a token is not signed out', kind: 'jwt' as const, link: false },
])('a refusal: $note', ({ kind, link }) => {
  const evaluation = { identity: { ...ada, kind }, decision: denied('forbidden', 'grant.none') }
  const { answer } = answerBy({ way: 'none' }, requestOf(`GET ${TARGET}`, NAVIGATION), { evaluation })
  expect(answer?.body.includes('<a href="/.balustrade/logout">Sign out</a>')).toBe(link)
})
