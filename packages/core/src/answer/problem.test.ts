import { describe, expect, test } from 'vitest'
import { DECISION_ID } from '../../../../test/support/evaluations.ts'
import type { Remedy } from '../model/remedy.ts'
import { pageParts, PLAIN } from './document.ts'
import { refusalPage } from './page.ts'
import { problem, type Refusal, remedyMembers, titleOf } from './problem.ts'

const page = (refusal: Refusal): string => pageParts(refusalPage(refusal, { theme: PLAIN, signedIn: false })).body

const REASON = { code: 'role.other', text: 'The caller has another role.', help: 'Ask the owner.' }

const refusal = (differing: Partial<Refusal> = {}): Refusal => ({
  status: 403,
  decision: DECISION_ID,
  outcome: 'deny',
  reasons: [REASON],
  remedy: null,
  ...differing,
})

const challenge = (remedy: Remedy, status = 401) => refusal({ status, outcome: 'challenge', remedy })

describe('titles', () => {
  test.each<{ note: string; of: Refusal; title: string }>([
    { note: '400', of: refusal({ status: 400 }), title: 'The request is not acceptable' },
    { note: '401 of a credential', of: refusal({ status: 401 }), title: 'Proof of identity is needed' },
    { note: '403', of: refusal(), title: 'Not allowed' },
    { note: '404', of: refusal({ status: 404 }), title: 'Nothing here' },
    { note: '408', of: refusal({ status: 408 }), title: 'The request took too long' },
    { note: '413', of: refusal({ status: 413 }), title: 'The request is too large' },
    { note: '421', of: refusal({ status: 421 }), title: 'Wrong host for this connection' },
    { note: '425', of: refusal({ status: 425 }), title: 'Too early' },
    { note: '431', of: refusal({ status: 431 }), title: 'The request header is too large' },
    { note: '500', of: refusal({ status: 500 }), title: 'The request could not be judged' },
    { note: '501', of: refusal({ status: 501 }), title: 'Not offered' },
    { note: '502', of: refusal({ status: 502 }), title: 'The service did not answer properly' },
    { note: '503', of: refusal({ status: 503 }), title: 'Not available at the moment' },
    { note: '504', of: refusal({ status: 504 }), title: 'The service did not answer in time' },
    { note: 'any other', of: refusal({ status: 418 }), title: 'Refused' },
    { note: 'a login', of: challenge({ login: { maxAge: null } }), title: 'Sign-in is needed' },
    { note: 'scopes of nobody', of: challenge({ scopes: ['a'] }), title: 'Sign-in is needed' },
    { note: 'a factor', of: challenge({ stepUp: { level: 'any', maxAge: null } }), title: 'Stronger or fresher proof is needed' },
    { note: 'a class', of: challenge({ acr: ['gold'] }), title: 'Stronger or fresher proof is needed' },
    { note: 'nothing in particular', of: refusal({ status: 401, outcome: 'challenge' }), title: 'Sign-in is needed' },
    { note: '403 of scopes', of: challenge({ scopes: ['a'] }, 403), title: 'Not allowed' },
  ])('$note', ({ of, title }) => expect(titleOf(of)).toBe(title))
})

describe('what would mend it', () => {
  test.each<{ note: string; remedy: Remedy; members: object }>([
    { note: 'nothing', remedy: {}, members: {} },
    { note: 'a login of any age', remedy: { login: { maxAge: null } }, members: { login: { max_age: undefined } } },
    { note: 'a login, in whole seconds', remedy: { login: { maxAge: 90_999 } }, members: { login: { max_age: 90 } } },
    {
      note: 'a factor',
      remedy: { stepUp: { level: 'hardware', maxAge: 60_000 } },
      members: { step_up: { level: 'hardware', max_age: 60 } },
    },
    {
      note: 'a factor of any age',
      remedy: { stepUp: { level: 'any', maxAge: null } },
      members: { step_up: { level: 'any', max_age: undefined } },
    },
    {
      note: 'classes and scopes',
      remedy: { acr: ['gold'], scopes: ['a', 'b'] },
      members: { acr_values: ['gold'], scopes: ['a', 'b'] },
    },
  ])('$note', ({ remedy, members }) => expect(remedyMembers(remedy)).toStrictEqual(members))
})

describe('problem details (RFC 9457)', () => {
  const parsed = (of: Refusal) => JSON.parse(problem(of, null)) as unknown

  test('in whole', () => {
    const second = { code: 'group.other', text: 'Another group.', help: 'Ask.' }
    expect(parsed(refusal({ reasons: [REASON, second] }))).toStrictEqual({
      type: 'urn:balustrade:deny:role.other',
      title: 'Not allowed',
      status: 403,
      detail: 'The caller has another role. Another group.',
      instance: `urn:uuid:${DECISION_ID}`,
      decision: DECISION_ID,
      outcome: 'deny',
      reasons: [REASON, second],
    })
  })

  test('a challenge says what would mend it', () => {
    expect(parsed(challenge({ login: { maxAge: null }, scopes: ['a'] }))).toMatchObject({
      type: 'urn:balustrade:challenge:role.other',
      outcome: 'challenge',
      remedy: { login: {}, scopes: ['a'] },
    })
  })

  test('a refusal without a reason', () => {
    expect(parsed(refusal({ reasons: [] }))).toMatchObject({ type: 'urn:balustrade:deny:grant.none', detail: '', reasons: [] })
  })

  test('members of a reason that are not public stay here', () => {
    const more = { ...REASON, rule: 'secret', condition: 'who.role' }
    expect(problem(refusal({ reasons: [more] }), null)).not.toMatch(/secret|who\.role/)
  })
})

describe('the page', () => {
  test('in whole', () => {
    const text = page(refusal())
    expect(text).toMatch(
      /^<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Not allowed<\/title><style>[^<]+<\/style><\/head><body><main><h1>Not allowed<\/h1>/,
    )
    expect(text).toContain('<p>The caller has another role. Ask the owner.</p>')
    expect(text.endsWith(`<p class="id">Decision <code>${DECISION_ID}</code></p></main></body></html>`)).toBe(true)
    expect(text).not.toContain('What to do')
    expect(text).not.toContain('<script')
  })

  test('is styled by what its policy of content allows: nothing is loaded', () => {
    expect(page(refusal())).not.toMatch(/url\(|@import|src=|href=/)
    expect(/<style>(.*)<\/style>/.exec(page(refusal()))?.[1]).toMatch(
      /^body\{.*max-width.*h1\{.*p\.id,p\.name\{.*code\{.*prefers-color-scheme:dark.*\}\}$/,
    )
  })

  test('a paragraph a reason', () => {
    const text = page(refusal({ reasons: [REASON, { code: 'x', text: 'Second.', help: 'Do.' }] }))
    expect(text).toContain('<p>The caller has another role. Ask the owner.</p><p>Second. Do.</p>')
    expect(page(refusal({ reasons: [] }))).toContain('</h1><p class="id">')
  })

  test.each<{ note: string; remedy: Remedy; items: readonly string[] }>([
    { note: 'a login', remedy: { login: { maxAge: null } }, items: ['Sign in.'] },
    { note: 'a fresh login', remedy: { login: { maxAge: 90_000 } }, items: ['Sign in, no longer than 1 minute 30 seconds ago.'] },
    { note: 'any factor', remedy: { stepUp: { level: 'any', maxAge: null } }, items: ['Prove a second factor.'] },
    {
      note: 'a phishing-resistant factor',
      remedy: { stepUp: { level: 'phishing-resistant', maxAge: 60_000 } },
      items: ['Prove a phishing-resistant factor such as a passkey, no longer than 1 minute ago.'],
    },
    { note: 'a hardware key', remedy: { stepUp: { level: 'hardware', maxAge: null } }, items: ['Prove a hardware key.'] },
    {
      note: 'classes',
      remedy: { acr: ['gold', 'silver'] },
      items: ['Sign in with one of these assurance classes: gold, silver.'],
    },
    { note: 'scopes', remedy: { scopes: ['a', 'b'] }, items: ['Obtain a credential with these scopes: a, b.'] },
    {
      note: 'all of it, in order',
      remedy: { scopes: ['a'], acr: ['gold'], stepUp: { level: 'any', maxAge: null }, login: { maxAge: null } },
      items: [
        'Sign in.',
        'Prove a second factor.',
        'Sign in with one of these assurance classes: gold.',
        'Obtain a credential with these scopes: a.',
      ],
    },
  ])('what to do: $note', ({ remedy, items }) => {
    expect(page(challenge(remedy))).toContain(`<h2>What to do</h2><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`)
  })

  const EVIL = `<b a="x" c='y'>&</b>`
  const ESCAPED = '&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;&lt;/b&gt;'
  test.each<{ note: string; of: Refusal }>([
    { note: 'the text of a reason', of: refusal({ reasons: [{ ...REASON, text: EVIL }] }) },
    { note: 'the help of a reason', of: refusal({ reasons: [{ ...REASON, help: EVIL }] }) },
    { note: 'a class', of: challenge({ acr: [EVIL] }) },
    { note: 'a scope', of: challenge({ scopes: [EVIL] }) },
    { note: 'the decision', of: refusal({ decision: EVIL }) },
  ])('nothing of it becomes markup: $note', ({ of }) => {
    expect(page(of)).toContain(ESCAPED)
    expect(page(of)).not.toContain(EVIL)
  })
})
