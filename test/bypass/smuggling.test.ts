import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeCorpus } from '../support/corpora.ts'
import { type RawAnswer, sendRaw } from '../support/gateway.ts'
import { foldedValues, type Served } from '../support/upstream.ts'
import { eachOf, nouns, publicRule, serviceFile, type Stage, startStage } from './stage.ts'

const HOST = 'app.example.com'
/** Everything is public here: only the reading of bytes stands between a client and the upstream. */
const OPEN = `public:\n${publicRule('open', '{ path: /** }')}`
const MUST_CLOSE_WITHIN = 4_000

const startOpen = (): Promise<Stage> =>
  startStage({
    policy: (issuer, upstream) => ({
      'nouns.yaml': nouns(issuer),
      'app.yaml': serviceFile({ name: 'app', upstream, rules: OPEN }),
    }),
    config: 'limits: { header-deadline: 600, body-idle: 600, keep-alive: 600 }',
  })

interface Parsed {
  readonly title: string
  readonly line: number
  readonly kind: string
  readonly type: string
  readonly input: string
  readonly error: readonly { readonly code: number }[] | null
}

/** Names our host instead of that of the corpus, so that nothing is refused merely for its Host. */
const atOurHost = (input: string): string => {
  if (/^Host:/im.test(input)) return input.replaceAll(/^Host:[^\r\n]*/gim, `Host: ${HOST}`)
  return input.replace(/\r\n/, `\r\nHost: ${HOST}\r\n`)
}

interface Outcome {
  readonly label: string
  readonly bytes: string
  readonly answer: RawAnswer
  readonly served: readonly Served[]
}

/** `METHOD target` of the first line, as the upstream would have it. */
const firstOf = (bytes: string): string => bytes.split(/\r?\n/)[0]?.split(' ').slice(0, 2).join(' ') ?? ''

/** One at a time, so that what was served belongs to what was sent. */
const sendAll = async (stage: Stage, all: readonly (readonly [string, string])[]): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = []
  for (const [label, bytes] of all) {
    const before = stage.upstream.served.length
    const answer = await sendRaw(stage.gateway.port, bytes, { idle: MUST_CLOSE_WITHIN })
    await new Promise((resolve) => setTimeout(resolve, 2))
    outcomes.push({ label, bytes, answer, served: stage.upstream.served.slice(before) })
  }
  return outcomes
}

/** Refused and closed; or the well-formed request before the fault was served, and nothing after it. */
const faultOf = ({ label, bytes, answer, served }: Outcome): string | null => {
  if (!answer.closed) return `${label}: the connection stays open after ${answer.status}`
  const others = served.filter((one) => `${one.method} ${one.target}` !== firstOf(bytes))
  if (others.length > 0 || served.length > 1)
    return `${label}: served ${served.map((one) => `${one.method} ${one.target}`).join(', ')}`
  if (answer.status >= 400) return null
  return served.length === 1 || (answer.status === 0 && served.length === 0) ? null : `${label}: ${answer.status}`
}

describeCorpus('http-parsing', (path) => {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(path, name), 'utf8'))
  let stage: Stage
  beforeAll(async () => {
    stage = await startOpen()
  })
  afterAll(() => stage.close())

  test('what a strict parser must refuse is refused, closed and never forwarded', async () => {
    const parsed = (read('llhttp-cases.json') as readonly Parsed[]).filter(
      ({ kind, type, error }) => kind === 'http' && type.startsWith('request') && !type.includes('lenient') && error !== null,
    )
    expect(parsed.length).toBeGreaterThanOrEqual(60)
    const all = parsed.flatMap(({ title, line, input }) => [
      [`${line} ${title}`, input] as const,
      [`${line} ${title}, at our host`, atOurHost(input)] as const,
    ])
    const outcomes = await sendAll(stage, all)
    expect(outcomes.map(faultOf).filter((fault) => fault !== null)).toEqual([])
    const answered = outcomes.filter(({ answer }) => answer.status >= 400).length
    expect(answered).toBeGreaterThan(outcomes.length * 0.9)
  })

  test('a mutated Transfer-Encoding is refused, or one request of exactly the stated length is served', {
    timeout: 50_000,
  }, async () => {
    const mutations = Object.entries(read('smuggler-default.json') as Readonly<Record<string, string>>)
    expect(mutations.length).toBe(134)
    const body = `0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`
    const all = mutations.map(([name, head], at) => {
      const filled = { METHOD: 'POST', ENDPOINT: '/x', RANDOM: String(at), HOST, REPLACE_CL: String(body.length) }
      const text = Object.entries(filled).reduce((done, [key, value]) => done.replaceAll(`__${key}__`, value), head)
      return [name, `${text}Connection: close\r\n\r\n${body}`] as const
    })
    const outcomes = await sendAll(stage, all)
    expect(outcomes.map(faultOf).filter((fault) => fault !== null)).toEqual([])
    const served = outcomes.flatMap((outcome) => outcome.served.map((one) => ({ label: outcome.label, one })))
    const wrong = served.filter(({ one }) => one.body !== body || foldedValues(one, 'transfer-encoding').length > 0)
    expect(wrong.map(({ label }) => label)).toEqual([])
    expect(outcomes.filter(({ answer }) => answer.status === 400).length).toBeGreaterThan(100)
  })
})

describe('bytes after a request', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startOpen()
  })
  afterAll(() => stage.close())

  test('pipelined requests are answered in their order', async () => {
    const ask = (at: number) => `GET /n/${at} HTTP/1.1\r\nHost: ${HOST}\r\n${at === 9 ? 'Connection: close\r\n' : ''}\r\n`
    const got = await sendRaw(stage.gateway.port, Array.from({ length: 10 }, (_, at) => ask(at)).join(''), { idle: 2_000 })
    const targets = [...got.body.matchAll(/"target":"\/n\/(\d)"/g)].map((match) => Number(match[1]))
    expect(targets).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('nothing after a refused request is read as another', async () => {
    const before = stage.upstream.served.length
    const second = `GET /second HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`
    const refused = [
      `GET /a/../b HTTP/1.1\r\nHost: ${HOST}\r\n\r\n${second}`,
      `POST /a;b HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${second.length}\r\n\r\n${second}`,
      `GET /a HTTP/1.1\r\nHost: ${HOST}\r\nHost: ${HOST}\r\n\r\n${second}`,
      `GET /a HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n${second}`,
    ]
    const answers = await eachOf(refused, (bytes) => sendRaw(stage.gateway.port, bytes, { idle: 2_000 }))
    expect(answers.map(({ status, closed, body }) => [status, closed, body.includes('HTTP/1.1')])).toEqual(
      refused.map(() => [400, true, false]),
    )
    expect(stage.upstream.served.length).toBe(before)
  })
})
