import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nouns, serviceFile } from '../bypass/stage.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../support/issuer.ts'
import { type PacedUpstream, startPaced } from './paced-upstream.ts'
import { openConnection, openSocket } from './serving.ts'

let issuer: TestIssuer
let upstream: PacedUpstream
let gateway: TestGateway
beforeEach(async () => {
  issuer = await makeIssuer()
  upstream = await startPaced()
})
afterEach(async () => {
  await gateway.close()
  await upstream.close()
  await issuer.close()
})

const grant = (name: string, group: string, more = ''): string =>
  `  ${name}:\n    who: { group: ${group} }\n    what: { path: /** }\n${more}  ${name}-sockets:\n    who: { group: ${group} }\n    what: { path: /**, upgrade: websocket }\n${more}`

/** Nothing is judged again merely because a while has passed: a stream is cut for the reason at hand, or not in the time of a test. */
const RECHECK = '    streams: { recheck: 1h }\n'

const app = (rules: string): string =>
  serviceFile({ name: 'app', upstream: upstream.origin, more: RECHECK, rules: `grants:\n${rules}` })
const USERS = grant('users', 'users')
const ADMINS = grant('admins', 'admins')

const begin = async (rules: string): Promise<void> => {
  gateway = await startGateway({ policy: { 'nouns.yaml': nouns(issuer.url), 'app.yaml': app(rules) } })
}

/** Puts other rules in force. */
const change = async (rules: string): Promise<void> => {
  gateway.write('app.yaml', app(rules))
  const { prepared, diagnostics } = await gateway.running.reload()
  expect([prepared !== null, diagnostics.filter(({ severity }) => severity === 'error')]).toEqual([true, []])
}

const bearer = async (group: string, lifeSeconds = 300): Promise<readonly string[]> => {
  const exp = Math.floor(Date.now() / 1_000) + lifeSeconds
  return [`Authorization: Bearer ${await issuer.token({ groups: [group], exp })}`]
}

const echoes = async (stream: Awaited<ReturnType<typeof openSocket>>, word: string): Promise<void> => {
  stream.socket.write(word)
  await expect.poll(stream.heard).toContain(word)
}

/** Opens an event stream; resolves once its header is here. */
const openEvents = async (fields: readonly string[], target = '/events') => {
  const connection = await openConnection(gateway.port)
  let text = ''
  connection.socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  const ended = connection.ask(target, fields)
  return { heard: () => text, ended, closed: connection.closed }
}

/** Streams that were cut: the decision each was opened by, its outcome when judged again, and how its exchange ended. */
const cuts = async () => {
  const records = await gateway.records()
  return records.flatMap((record) => {
    if (record.kind !== 'decision' || record.holds === null) return []
    const ends = records.flatMap((other) => (other.kind === 'completion' && other.id === record.holds ? [other.end] : []))
    return [{ outcome: record.outcome, ends }]
  })
}
const LOST = { outcome: 'deny', ends: ['decision.lost'] }

describe('a policy that takes a grant away', () => {
  test('cuts its WebSockets and event streams, records why, and leaves others alone', async () => {
    await begin(USERS + ADMINS)
    const [user, admin] = [await bearer('users'), await bearer('admins')]
    const mine = await openSocket(gateway.port, user)
    const other = await openSocket(gateway.port, admin)
    const events = await openEvents(user)
    await expect.poll(events.heard).toContain('text/event-stream')
    await echoes(mine, 'one')

    await change(ADMINS)
    await expect.poll(() => [mine.socket.destroyed, events.closed()]).toEqual([true, true])
    expect((await events.ended)?.whole).toBe(false)
    await echoes(other, 'two')
    await expect.poll(cuts).toEqual([LOST, LOST])
  })

  test('cuts what its upstream agrees to only afterwards', async () => {
    await begin(USERS)
    const user = await bearer('users')
    const opening = openSocket(gateway.port, user, '/late')
    const events = await openEvents(user, '/late-events')
    await expect.poll(() => [upstream.undecided(), upstream.waiting.length]).toEqual([1, 1])
    await change(ADMINS)
    upstream.agree()
    for (const response of upstream.waiting) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
    }
    const late = await opening
    await expect.poll(() => [late.socket.destroyed, events.closed()]).toEqual([true, true])
    expect((await events.ended)?.whole).toBe(false)
    await expect.poll(cuts).toEqual([LOST, LOST])
  })
})

describe('time', () => {
  test('cuts a WebSocket when its credential lapses', async () => {
    await begin(USERS)
    const short = await openSocket(gateway.port, await bearer('users', 6))
    const long = await openSocket(gateway.port, await bearer('users'))
    await echoes(short, 'one')
    await expect.poll(() => short.socket.destroyed).toBe(true)
    await echoes(long, 'two')
    await expect.poll(async () => (await cuts()).map(({ ends }) => ends)).toEqual([['decision.lost']])
  })

  test('cuts a WebSocket when its grant ends', async () => {
    await begin(ADMINS)
    await change(grant('users', 'users', `    until: ${new Date(Date.now() + 6_000).toISOString()}\n`) + ADMINS)
    const short = await openSocket(gateway.port, await bearer('users'))
    const long = await openSocket(gateway.port, await bearer('admins'))
    await echoes(short, 'one')
    await expect.poll(() => short.socket.destroyed).toBe(true)
    await echoes(long, 'two')
    await expect.poll(cuts).toEqual([LOST])
  })
})
