import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SampleService, startSampleService } from './sample-service.ts'

describe('the sample service', () => {
  let service: SampleService
  beforeAll(async () => {
    service = await startSampleService(0)
  })
  afterAll(() => service.close())

  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, body?: string) =>
    fetch(`http://127.0.0.1:${service.port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers,
      ...(body === undefined ? {} : { body }),
    })
  const HTML = { accept: 'text/html' }
  const FORM = { ...HTML, 'content-type': 'application/x-www-form-urlencoded' }
  const notes = async () =>
    Array.from((await (await ask('/api/notes', HTML)).text()).matchAll(/<li>(.*?)<\/li>/g), ([, note]) => note)

  test.each([
    { path: '/', headers: {}, type: 'text/html; charset=utf-8' },
    { path: '/api/notes', headers: {}, type: 'application/json' },
    { path: '/api/notes', headers: HTML, type: 'text/html; charset=utf-8' },
    { path: '/api/live', headers: HTML, type: 'text/html; charset=utf-8' },
    { path: '/api/live.js', headers: {}, type: 'text/javascript' },
    { path: '/admin/users', headers: HTML, type: 'text/html; charset=utf-8' },
    { path: '/elsewhere', headers: HTML, type: 'application/json' },
    { path: '/constructor', headers: HTML, type: 'application/json' },
  ])('$path for $headers is $type', async ({ path, headers, type }) => {
    expect((await ask(path, headers)).headers.get('content-type')).toBe(type)
  })

  test('tells who the gateway says it is, as text', async () => {
    const headers = { 'x-balustrade-user': 'demo/<b>', 'x-balustrade-groups': 'members' }
    expect(await (await ask('/api/x', headers)).json()).toEqual({
      served: 'GET /api/x',
      user: 'demo/<b>',
      kind: '',
      groups: 'members',
    })
    expect(await (await ask('/', headers)).text()).toContain('<strong>demo/&lt;b&gt;</strong>, of members.')
  })

  test('keeps the last twenty notes of forms, as text, and sends the browser on', async () => {
    for (let index = 0; index < 22; index++) {
      const answer = await ask('/api/notes', FORM, `note=${index}+%3Ci%3E`)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/api/notes'])
    }
    expect(await notes()).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 2} &lt;i&gt;`))
  })

  test.each([
    { note: 'an empty one', body: 'note=' },
    { note: 'another field', body: 'other=1' },
    { note: 'one that is too long to read', body: `note=${'x'.repeat(5_000)}` },
  ])('keeps nothing of a form with $note', async ({ body }) => {
    const before = await notes()
    expect((await ask('/api/notes', FORM, body)).status).toBe(303)
    expect(await notes()).toEqual(before)
  })

  test('cuts a long note', async () => {
    await ask('/api/notes', FORM, `note=${'y'.repeat(300)}`)
    expect((await notes()).at(-1)).toBe('y'.repeat(200))
  })

  test('answers programs that post with what it saw', async () => {
    const answer = await ask('/api/notes', { 'content-type': 'application/json' }, '{}')
    expect(await answer.json()).toMatchObject({ served: 'POST /api/notes' })
  })
})
