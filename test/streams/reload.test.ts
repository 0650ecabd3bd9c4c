import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesOf } from '../../bench/reload-policies.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { type Heard, openConnection } from './serving.ts'

const RULES = 50
const RELOADS = 40

/** Of two policies one lets anybody read what is asked for, the other nobody who has not signed in. */
const files = (upstream: string, open: boolean) => filesOf({ rules: RULES, services: 1, upstream, open })
const statusOf = (open: boolean): number => (open ? 200 : 401)
const outcomeOf = (open: boolean): string => (open ? 'allow' : 'challenge')

describe('a policy that is replaced over and over under load', () => {
  let upstream: Upstream
  let gateway: TestGateway
  beforeAll(async () => {
    upstream = await startUpstream((_served, response) => response.end('here'))
    gateway = await startGateway({ policy: files(upstream.origin, true) })
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
  })

  test('drops no request, and every answer is that of the policy its record names', async () => {
    const opens = new Map<string, boolean>()
    const reload = async (open: boolean) => {
      gateway.write('app.yaml', files(upstream.origin, open)['app.yaml'] ?? '')
      const { prepared } = await gateway.running.reload()
      opens.set(prepared?.digest.policy ?? 'none', open)
    }
    await reload(true)
    let going = true
    const answers: (Heard | null)[] = []
    const ask = async () => {
      const connection = await openConnection(gateway.port)
      while (going) answers.push(await connection.ask('/open/x'))
      connection.socket.destroy()
    }
    const load = Promise.all([1, 2, 3, 4, 5, 6].map(ask))
    for (let n = 0; n < RELOADS; n++) await reload(n % 2 === 1)
    going = false
    await load

    expect(answers.filter((heard) => heard?.whole !== true)).toEqual([])
    expect(opens.size).toBe(2)
    const ids = answers.map((heard) => /^balustrade-decision: (\S+)/im.exec(heard?.head ?? '')?.[1])
    await expect.poll(async () => (await gateway.decisions()).length).toBe(answers.length)
    const records = new Map((await gateway.decisions()).map((record) => [record.id, record]))
    const seen = new Set<number>()
    answers.forEach((heard, at) => {
      const record = records.get(ids[at] ?? '')
      const open = opens.get(record?.digest?.policy ?? '')
      expect(open).toBeDefined()
      expect([heard?.status, record?.outcome]).toEqual([statusOf(open === true), outcomeOf(open === true)])
      seen.add(heard?.status ?? 0)
    })
    expect(seen).toEqual(new Set([200, 401]))
  })
})
