import { PLAIN } from '@balustrade/core/kit'
import { describe, expect, test } from 'vitest'
import { requestOf } from '../../../../test/support/evaluations.ts'
import { headerOf } from '../../../../test/support/login-browser.ts'
import { answerFailure, type Failure } from './failure.ts'
import type { LoginContext } from './login-context.ts'
import { LOGIN_REASONS } from './reasons.ts'

const request = () => requestOf('GET https://pay.example.com/')

const answered = (failure: Failure, { fails = false } = {}) => {
  const records: unknown[] = []
  const troubles: unknown[] = []
  const context = {
    clock: { now: () => 7, monotonic: () => 0 },
    makeId: (now: number) => `id-${now}`,
    log: { append: (record: unknown) => void records.push(record) },
    around: { theme: PLAIN, reasonText: (code: string) => ({ text: `text of ${code}.`, help: 'help.' }) },
    onTrouble: (trouble: unknown) => {
      troubles.push(trouble)
      if (fails) throw new Error('a listener that fails')
    },
  } as unknown as LoginContext
  return { answer: answerFailure(context, request(), failure), records, troubles }
}

describe('a login that came to nothing', () => {
  test('is a page of our own words, and a record of what is known', () => {
    const { peer, client } = request().transport
    const { answer, records } = answered({ code: 'login.state', service: 'payments', target: '/a?b=1&c=2' })
    expect(answer.status).toBe(LOGIN_REASONS['login.state']?.status)
    expect(answer.body).toContain('<p>text of login.state. help.</p><p><a class="button" href="/a?b=1&amp;c=2">Try again</a></p>')
    expect(answer.body).toContain('<p class="id">Record <code>id-7</code></p>')
    expect(answer.body).toContain('Signing in did not work')
    expect(headerOf(answer, 'content-security-policy')[0]).toContain("form-action 'none'")
    expect(records).toEqual([
      {
        kind: 'authentication',
        at: 7,
        id: 'id-7',
        point: 'gateway',
        service: 'payments',
        peer: peer.text,
        client: client.text,
        outcome: 'failed',
        code: 'login.state',
      },
    ])
  })

  test('names neither a service nor a way back where there is none', () => {
    for (const target of [null, undefined]) {
      const { answer, records } = answered({ code: 'login.state', ...(target === undefined ? {} : { target }) })
      expect(answer.body).not.toContain('Try again')
      expect(records).toMatchObject([{ service: null }])
    }
  })

  test.each([
    {
      note: 'whose it was',
      failure: { provider: 'corp', subject: 'ada' },
      who: { provider: 'corp', subject: 'ada', session: null },
    },
    { note: 'whose it was is not known', failure: { provider: 'corp' }, who: { provider: 'corp', subject: '', session: null } },
  ])('the record tells of the provider: $note', ({ failure, who }) => {
    expect(answered({ code: 'login.not_enough', ...failure }).records).toMatchObject([{ who }])
  })

  test('a logout is told as one', () => {
    expect(answered({ code: 'logout.unavailable' }).answer.body).toContain('Signing out did not work')
  })

  test('headers that go along go along; an outage says when to come back', () => {
    const { answer, records } = answered({ code: 'login.unavailable', headers: [['set-cookie', 'a=b']] })
    expect([headerOf(answer, 'set-cookie'), headerOf(answer, 'retry-after')]).toEqual([['a=b'], ['5']])
    expect(records).toMatchObject([{ outcome: 'unavailable' }])
    expect(headerOf(answered({ code: 'login.state' }).answer, 'retry-after')).toEqual([])
  })

  test('a code without a text is a fault of our own', () => {
    const { answer, records, troubles } = answered({ code: 'login.unheard_of', provider: 'corp' })
    expect(answer.status).toBe(500)
    expect(records).toMatchObject([{ outcome: 'failed', code: 'login.unheard_of' }])
    expect(troubles).toEqual([])
  })
})

describe('the operator is told of what only they or the provider can mend', () => {
  test.each([
    { note: 'as it was said', failure: { detail: 'the token endpoint: status' }, detail: 'the token endpoint: status' },
    { note: 'in the words of the reason', failure: {}, detail: LOGIN_REASONS['login.provider_fault']?.text },
  ])('$note', ({ failure, detail }) => {
    const { troubles } = answered({ code: 'login.provider_fault', provider: 'corp', ...failure })
    expect(troubles).toEqual([{ provider: 'corp', code: 'login.provider_fault', detail }])
  })

  test.each([
    { note: 'no provider had a part in it', failure: { code: 'login.unavailable' } },
    { note: 'it is a matter of the person', failure: { code: 'login.not_enough', provider: 'corp' } },
  ])('not where $note', ({ failure }) => expect(answered(failure).troubles).toEqual([]))

  test('a listener that fails keeps nobody from an answer', () => {
    const { answer } = answered({ code: 'login.provider_fault', provider: 'corp' }, { fails: true })
    expect(answer.status).toBe(502)
  })
})
