// `node --conditions=source bench/streams.ts [--quick] [--write]`: what long exchanges cost and how soon they end, through the public door.
// Memory of a gateway while 1 GiB passes each way, delay of server-sent events, shutting down under load, streams cut by a policy or
// by time. `--write` keeps the figures in docs/reports/streams.json.
import { setTimeout as pause } from 'node:timers/promises'
import { nouns, serviceFile } from '../test/bypass/stage.ts'
import { startPaced } from '../test/streams/paced-upstream.ts'
import { openConnection, openPolicy, openSocket, serve, type Serving } from '../test/streams/serving.ts'
import { download, highest, startBulk, upload } from '../test/streams/transfer.ts'
import { startGateway } from '../test/support/gateway.ts'
import { makeIssuer, type TestIssuer } from '../test/support/issuer.ts'
import { keepReport, round, spreadOf } from './keep-report.ts'

const quick = process.argv.includes('--quick')
const MIB = 1_048_576
const TRANSFER = (quick ? 128 : 1_024) * MIB
const EVENTS = quick ? 50 : 500
const STREAMS = quick ? 20 : 200
const LOOPS = 16

const inMib = (bytes: number): number => round(bytes / MIB)

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await work()
  return round(performance.now() - from)
}

const growthDuring = async (gateway: Serving, work: () => Promise<unknown>) => {
  const before = gateway.resident()
  const top = highest(gateway.resident)
  const ms = await timed(work)
  return { residentBefore: inMib(before), highestGrowth: inMib(top() - before), ms }
}

const measureMemory = async () => {
  const upstream = await startBulk()
  const gateway = await serve({ policy: openPolicy(upstream.origin) })
  await download(gateway.port, 16 * MIB).done
  await upload(gateway.port, 16 * MIB)
  const down = await growthDuring(gateway, () => download(gateway.port, TRANSFER).done)
  const up = await growthDuring(gateway, async () => {
    const status = await upload(gateway.port, TRANSFER)
    if (status !== 200) throw new Error(`the upload was answered with ${status}`)
  })
  await gateway.close()
  await upstream.close()
  return { unit: 'MiB', transferred: TRANSFER / MIB, down, up }
}

const measureEvents = async () => {
  const upstream = await startPaced()
  const gateway = await serve({ policy: openPolicy(upstream.origin) })
  const connection = await openConnection(gateway.port)
  const [written, arrived] = [new Map<number, number>(), new Map<number, number>()]
  connection.socket.on('data', (chunk) => {
    for (const [, n] of chunk.toString('latin1').matchAll(/^data: (\d+)$/gm)) arrived.set(Number(n), performance.now())
  })
  void connection.ask('/events')
  while (upstream.waiting.length === 0) await pause(5)
  for (let n = 0; n < EVENTS; n++) {
    written.set(n, performance.now())
    upstream.waiting[0]?.write(`data: ${n}\n\n`)
    await pause(20)
  }
  await pause(500)
  await gateway.close()
  await upstream.close()
  const delays = [...written].map(([n, at]) => (arrived.get(n) ?? Number.POSITIVE_INFINITY) - at)
  return {
    unit: 'ms from the write of the upstream to the read of the client',
    ...spreadOf(delays),
    first: round(delays[0] ?? Number.NaN),
  }
}

const askUntilClosed = async (port: number, name: string) => {
  const connection = await openConnection(port)
  const count = { whole: 0, broken: 0, none: 0 }
  for (let n = 0; !connection.closed(); n++) {
    const heard = await connection.ask(`/${name}/${n}`)
    if (heard === null) count.none++
    else if (heard.whole && heard.status === 200) count.whole++
    else count.broken++
    if (heard === null || /^connection: close/im.test(heard.head)) break
  }
  return count
}

/** SIGTERM while connections ask without pause and some answers take two seconds more. */
const measureDrain = async () => {
  const upstream = await startPaced()
  const gateway = await serve({ policy: openPolicy(upstream.origin) })
  const loops = Array.from({ length: LOOPS }, (_none, n) => askUntilClosed(gateway.port, `loop-${n}`))
  const connections = await Promise.all([1, 2, 3, 4].map(() => openConnection(gateway.port)))
  const long = connections.map((connection, n) => connection.ask(n % 2 === 0 ? `/held/${n}` : `/late/${n}`))
  const socket = await openSocket(gateway.port)
  await pause(quick ? 1_000 : 5_000)
  const from = performance.now()
  const ended = gateway.end()
  const socketClosed = timed(() => socket.closed)
  setTimeout(() => upstream.waiting.forEach((response) => response.end('the end')), 2_000)
  const status = await ended
  const ms = round(performance.now() - from)
  const counts = await Promise.all(loops)
  const heard = await Promise.all(long)
  await gateway.close()
  await upstream.close()
  const sum = (of: (count: (typeof counts)[number]) => number) => counts.reduce((total, count) => total + of(count), 0)
  return {
    status,
    msToExit: ms,
    msToCloseWebSocket: await socketClosed,
    wholeAnswers: sum(({ whole }) => whole),
    brokenAnswers: sum(({ broken }) => broken),
    closedWithoutAnswer: sum(({ none }) => none),
    longAnswersWhole: heard.filter((answer) => answer?.whole === true && answer.body.includes('the end')).length,
    longAnswers: long.length,
  }
}

const RECHECK = '    streams: { recheck: 1h }\n'
const grants = (name: string, more = '') =>
  `  ${name}:\n    who: { group: users }\n    what: { path: /** }\n${more}  ${name}-sockets:\n    who: { group: users }\n    what: { path: /**, upgrade: websocket }\n${more}`
const NOBODY = '  nobody:\n    who: { group: admins }\n    what: { path: /** }\n'

const startStage = async () => {
  const [issuer, upstream] = [await makeIssuer(), await startPaced()]
  const app = (rules: string) =>
    serviceFile({ name: 'app', upstream: upstream.origin, more: RECHECK, rules: `zone: Etc/UTC\ngrants:\n${rules}` })
  const gateway = await startGateway({ policy: { 'nouns.yaml': nouns(issuer.url), 'app.yaml': app(grants('users')) } })
  const change = (rules: string) => {
    gateway.write('app.yaml', app(rules))
    return gateway.running.reload()
  }
  const close = async () => {
    await gateway.close()
    await upstream.close()
    await issuer.close()
  }
  return { issuer, gateway, change, close }
}

const bearer = async (issuer: TestIssuer, exp: number) => [
  `Authorization: Bearer ${await issuer.token({ groups: ['users'], exp })}`,
]
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds

/** When each of some sockets was closed, on the clock of the wall. */
const closings = (
  sockets: readonly { readonly once: (event: 'close', act: () => void) => unknown }[],
): Promise<readonly number[]> =>
  Promise.all(sockets.map((socket) => new Promise<number>((resolve) => void socket.once('close', () => resolve(Date.now())))))

const late = (closed: readonly number[], due: number) => spreadOf(closed.map((at) => Math.max(0, at - due)))

const measurePolicyCut = async () => {
  const stage = await startStage()
  const fields = await bearer(stage.issuer, inSeconds(600))
  const sockets = await Promise.all(Array.from({ length: STREAMS }, () => openSocket(stage.gateway.port, fields)))
  const events = await Promise.all(Array.from({ length: STREAMS }, () => openConnection(stage.gateway.port)))
  for (const connection of events) void connection.ask('/events', fields)
  await pause(1_000)
  const [cutSockets, cutEvents] = [closings(sockets.map(({ socket }) => socket)), closings(events.map(({ socket }) => socket))]
  const written = Date.now()
  await stage.change(NOBODY)
  const inForce = Date.now()
  const result = {
    webSockets: late(await cutSockets, inForce),
    eventStreams: late(await cutEvents, inForce),
    msFromWritingToInForce: inForce - written,
  }
  await stage.close()
  return result
}

const measureCredentialCut = async () => {
  const stage = await startStage()
  const exp = inSeconds(quick ? 4 : 8)
  const fields = await bearer(stage.issuer, exp)
  const sockets = await Promise.all(Array.from({ length: STREAMS }, () => openSocket(stage.gateway.port, fields)))
  const closed = await closings(sockets.map(({ socket }) => socket))
  await stage.close()
  return late(closed, exp * 1_000)
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16)

const measureHoursCut = async () => {
  const stage = await startStage()
  const MINUTE = 60_000
  const end = Math.ceil((Date.now() + 10_000) / MINUTE) * MINUTE
  await stage.change(grants('daily', `    when: { hours: ${clock(end - 120 * MINUTE)}-${clock(end)} }\n`))
  const fields = await bearer(stage.issuer, inSeconds(600))
  const sockets = await Promise.all(Array.from({ length: STREAMS }, () => openSocket(stage.gateway.port, fields)))
  const closed = await closings(sockets.map(({ socket }) => socket))
  await stage.close()
  return late(closed, end)
}

keepReport('streams', {
  what: 'Long exchanges through the gateway: memory, delay, shutting down, and streams that lose their grant.',
  memory: await measureMemory(),
  events: await measureEvents(),
  sigterm: await measureDrain(),
  cut: {
    unit: 'ms after the policy was in force or the time had come',
    byPolicy: await measurePolicyCut(),
    byCredential: await measureCredentialCut(),
    byHours: await measureHoursCut(),
  },
})
