import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Ending, Sessions } from '../../packages/server/src/session/sessions.ts'
import { nouns, serviceFile } from '../bypass/stage.ts'
import type { TestGateway } from '../support/gateway.ts'
import { startGatewayWithSessions } from '../support/sessions-beside.ts'
import { at, person } from '../support/sessions.ts'
import { type PacedUpstream, startPaced } from './paced-upstream.ts'
import { HOST, openConnection, openSocket } from './serving.ts'

const RULES = `grants:
  users:
    who: { group: users }
    what: { path: /** }
  users-sockets:
    who: { group: users }
    what: { path: /**, upgrade: websocket }
`
/** Nothing is judged again merely because a while has passed. */
const MORE = '    credentials: [session]\n    login: corp\n    streams: { recheck: 1h }\n'

let upstream: PacedUpstream
let gateway: TestGateway
/** Another process on the same file, as far as the gateway can tell. */
let elsewhere: Sessions
let close: () => Promise<void>
beforeEach(async () => {
  upstream = await startPaced()
  const opened = await startGatewayWithSessions({
    'nouns.yaml': nouns('http://127.0.0.1:1'),
    'app.yaml': serviceFile({ name: 'app', upstream: upstream.origin, more: MORE, rules: RULES }),
  })
  ;({ gateway, sessions: elsewhere, close } = opened)
})
afterEach(async () => {
  await close()
  await upstream.close()
})

const begin = async (subject: string, sid: string) => {
  const from = person({ subject, sid, claims: { groups: ['users'] } })
  const made = await elsewhere.begin(from, { ...at(Date.now()), replaces: null })
  if (!made.ok) throw new Error('the store does not answer')
  return { ...made.value, fields: [`Cookie: balustrade=${made.value.secret}`, `Origin: http://${HOST}`] }
}

type Begun = Awaited<ReturnType<typeof begin>>

const ways: readonly { readonly note: string; readonly end: (given: Begun) => Ending; readonly others: boolean }[] = [
  { note: 'of one', end: ({ session }) => ({ id: session.id }), others: true },
  { note: 'of the session at the provider', end: () => ({ provider: 'corp', sid: 's1' }), others: true },
  { note: 'of the person', end: () => ({ provider: 'corp', subject: 'ada' }), others: true },
  { note: 'of all', end: () => 'all', others: false },
]

describe('an end', () => {
  test.each(ways)('$note counts on connections that are new, kept open, or turned into a WebSocket', async ({ end, others }) => {
    const [ada, bob] = [await begin('ada', 's1'), await begin('bob', 's2')]
    const kept = await openConnection(gateway.port)
    expect((await kept.ask('/', ada.fields))?.status).toBe(200)
    const [mine, other] = [await openSocket(gateway.port, ada.fields), await openSocket(gateway.port, bob.fields)]
    for (const { heard } of [mine, other]) expect(heard()).toContain('HTTP/1.1 101')

    await elsewhere.end(end(ada), { ...at(Date.now()), by: 'operator' })
    await expect.poll(() => mine.socket.destroyed).toBe(true)
    expect((await kept.ask('/', ada.fields))?.status).toBe(401)
    const fresh = await openConnection(gateway.port)
    expect((await fresh.ask('/', ada.fields))?.status).toBe(401)
    if (others) {
      other.socket.write('still here')
      await expect.poll(other.heard).toContain('still here')
    } else await expect.poll(() => other.socket.destroyed).toBe(true)
    for (const { socket } of [kept, fresh, other]) socket.destroy()
  })

  test('of the secret before a step-up cuts what was opened with it', async () => {
    const ada = await begin('ada', 's1')
    const stream = await openSocket(gateway.port, ada.fields)
    expect(stream.heard()).toContain('HTTP/1.1 101')
    const made = await elsewhere.elevate(ada.secret, person({ subject: 'ada', claims: { groups: ['users'] } }), at(Date.now()))
    expect(made.ok && made.value?.session.provider).toBe('corp')
    await expect.poll(() => stream.socket.destroyed).toBe(true)
  })
})
