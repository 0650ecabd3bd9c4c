import { describe, expect, test } from 'vitest'
import { type Challenge, createLoginFetch, type LoginWindow } from './login-fetch.ts'

const LOGIN = '/.balustrade/login?start=abc'
const challenged = (over: object = {}) =>
  new Response(
    JSON.stringify({
      login: LOGIN,
      detail: 'Prove it.',
      decision: 'd1',
      remedy: { step_up: { level: 'any', max_age: 900 } },
      ...over,
    }),
    { status: 401, headers: { 'content-type': 'application/problem+json' } },
  )
const fine = () => new Response('fine', { status: 200 })

/** A server that challenges until somebody logged in, and a window that logs in when it is opened. */
const page = (how: { answers?: readonly (() => Response)[]; opens?: boolean; ends?: 'done' | 'closed' | 'never' } = {}) => {
  const seen: { sent: string[]; opened: string[]; closed: number; presented: Challenge[] } = {
    sent: [],
    opened: [],
    closed: 0,
    presented: [],
  }
  const answers = [...(how.answers ?? [challenged, fine])]
  const window: LoginWindow = {
    closed: how.ends === 'closed',
    location: { pathname: how.ends === 'never' ? '/elsewhere' : '/.balustrade/done' },
    close: () => void (seen.closed += 1),
  }
  const send = createLoginFetch({
    fetch: async (input, init) => {
      const request = new Request(
        new URL(input instanceof Request ? input.url : String(input), 'http://localhost'),
        input instanceof Request ? input : init,
      )
      seen.sent.push(`${request.method} ${await request.text()}`)
      return (answers.shift() ?? fine)()
    },
    present: async (challenge) => (seen.presented.push(challenge), true),
    open: (path) => (seen.opened.push(path), how.opens === false ? null : window),
    deadline: 300,
  })
  return { send, seen }
}

describe('a challenged request', () => {
  test('is sent once more after the login', async () => {
    const { send, seen } = page()
    const response = await send('http://localhost/api', { method: 'POST', body: 'x=1' })
    expect(await response.text()).toBe('fine')
    expect(seen.sent).toEqual(['POST x=1', 'POST x=1'])
    expect(seen.opened).toEqual([LOGIN])
    expect(seen.closed).toBe(1)
    expect(seen.presented).toEqual([{ login: LOGIN, detail: 'Prove it.', stepUp: { level: 'any', maxAge: 900 }, decision: 'd1' }])
  })

  test('given as a Request, too', async () => {
    const { send, seen } = page()
    expect((await send(new Request('http://localhost/api', { method: 'PUT', body: 'y' }))).status).toBe(200)
    expect(seen.sent).toEqual(['PUT y', 'PUT y'])
  })

  test('a window that the person closed counts as an attempt', async () => {
    const { send, seen } = page({ ends: 'closed' })
    expect((await send('http://localhost/')).status).toBe(200)
    expect(seen.closed).toBe(0)
  })

  test('a second challenge is returned: nobody goes round in circles', async () => {
    const { send, seen } = page({ answers: [challenged, challenged, fine] })
    expect((await send('http://localhost/')).status).toBe(401)
    expect(seen.opened).toHaveLength(1)
  })

  test('several at once open one window', async () => {
    const { send, seen } = page({ answers: [challenged, challenged, challenged] })
    const all = await Promise.all([send('http://localhost/a'), send('http://localhost/b'), send('http://localhost/c')])
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(seen.opened).toHaveLength(1)
  })
})

describe('everything else is returned as it came', () => {
  test.each<{ note: string; how: Parameters<typeof page>[0]; status: number }>([
    { note: 'what is fine', how: { answers: [fine] }, status: 200 },
    { note: 'a refusal', how: { answers: [() => new Response('{}', { status: 403 })] }, status: 403 },
    { note: 'another 401', how: { answers: [() => new Response('no', { status: 401 })] }, status: 401 },
    { note: 'a challenge without a login', how: { answers: [() => challenged({ login: undefined })] }, status: 401 },
    { note: 'a login elsewhere', how: { answers: [() => challenged({ login: 'https://evil.example/' })] }, status: 401 },
    {
      note: 'a login of no scheme',
      how: { answers: [() => challenged({ login: '//evil.example/.balustrade/login?x' })] },
      status: 401,
    },
    { note: 'a window that is not opened', how: { opens: false }, status: 401 },
    { note: 'a window that never ends', how: { ends: 'never' }, status: 401 },
  ])('$note', async ({ how, status }) => {
    const { send, seen } = page(how)
    expect((await send('http://localhost/')).status).toBe(status)
    expect(seen.sent).toHaveLength(1)
  })

  test('the answer to a body that is a stream', async () => {
    const { send, seen } = page()
    const body = new ReadableStream({ start: (controller) => controller.close() })
    expect((await send('http://localhost/', { method: 'POST', body, duplex: 'half' } as RequestInit)).status).toBe(401)
    expect(seen.opened).toEqual([])
  })
})
