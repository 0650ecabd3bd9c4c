// `node --conditions=source scripts/prove-http2.ts [--quick] [--write]`: what clients of HTTP/2 that mean no good do to the others. Memory of a
// gateway that has served for a while and answers to other clients, before, during and after: rapid resets, CONTINUATION, PING and SETTINGS
// floods, answers that are asked for and not taken; for comparison clients that are merely busy: h2load at a steady pace and as fast as it is
// answered (where it is installed), and four that ask as fast as they are answered, sixteen at a time; then idle WebSockets over HTTP/1.1.
// Loopback only, bounded. The gateway has one core for itself, as if the others were on other machines; all else shares another, where those
// who mean no good run only when nobody else wants to. Linux with util-linux. `--write` keeps the figures in docs/reports/http2.json.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { keepReport, median, round, spreadOf } from '../bench/keep-report.ts'
import { HOST, openPolicy, serve, type Serving } from '../test/streams/serving.ts'
import { highest } from '../test/streams/transfer.ts'
import { connectHttp2, type Http2Client, makeTls } from '../test/support/http2.ts'
import { startUpstream } from '../test/support/upstream.ts'
import type { AttackOrder, AttackResult } from './http2-attack.ts'

const quick = process.argv.includes('--quick')
const SPAN = quick ? 2_000 : 4_000
const REPEATS = quick ? 1 : 5
/** Requests a second of the others, over so many connections. */
const [PACE, OTHERS] = [100, 4]
/** Two descriptors each in the gateway, of which a process may have 20,000 where this was measured. */
const SOCKETS = quick ? 500 : 9_900
const MIB = 1_048_576
const tls = makeTls([HOST])

const inMib = (bytes: number): number => round(bytes / MIB)

/** Asks at a steady pace, whatever the answers take; gives ms from when each request was due. */
const askSteadily = async (clients: readonly Http2Client[], milliseconds: number) => {
  const [times, faults] = [[] as number[], [] as number[]]
  const asked: Promise<void>[] = []
  const from = performance.now()
  for (let n = 0; (n * 1_000) / PACE < milliseconds; n++) {
    const due = from + (n * 1_000) / PACE
    await pause(Math.max(0, due - performance.now()))
    const answer = (clients[n % clients.length] as Http2Client).ask({ ':path': '/others' })
    const note = answer.then(({ status, whole }) => void (status === 200 && whole ? times : faults).push(performance.now() - due))
    asked.push(note)
  }
  await Promise.all(asked)
  return { ...spreadOf(times), faults: faults.length }
}

/** A gateway that has served for a while: its code is compiled. */
const WARM_UP = 6_000

const warmUp = async (clients: readonly Http2Client[]): Promise<void> => {
  const askMany = async (client: Http2Client): Promise<void> => {
    for (let n = 0; n < WARM_UP / OTHERS; n++) await client.ask({ ':path': '/others' })
  }
  await Promise.all(clients.map(askMany))
}

const [GATEWAY_CORE, OTHER_CORE] = [0, 1]

/** All threads of a process, and those it starts from now on. */
const pin = (pid: number, core: number): void => {
  if (spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]).status !== 0)
    throw new Error('taskset is needed (util-linux)')
}

/** Runs what means no good, or only asks: it stands for another machine, and takes from this one what nobody else wants. */
const runAside = (command: readonly string[]) => {
  const child = spawn('chrt', ['--idle', '0', 'taskset', '-c', String(OTHER_CORE), ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const done = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(stdout) : reject(new Error(stderr))))
  })
  return { done, said: () => stderr }
}

const attack = (order: AttackOrder) => {
  const script = join(import.meta.dirname, 'http2-attack.ts')
  const { done, said } = runAside([process.execPath, '--conditions=source', script, JSON.stringify(order)])
  return { done: done.then((text) => JSON.parse(text) as AttackResult), said }
}

/** How h2load is run, by name: so many requests a second of each connection; null: as fast as they are answered, a hundred at a time. */
const PACES = { 'h2load-steady': 50, h2load: null } as const

const isH2load = (kind: Kind): kind is keyof typeof PACES => Object.hasOwn(PACES, kind)

const h2load = (port: number, connections: number, pace: number | null) => {
  const how = pace === null ? ['-m', 100] : ['-m', 10, `--rps=${pace}`]
  const words = ['-c', connections, ...how, '-D', SPAN / 1_000 + 1, `--connect-to=127.0.0.1:${port}`]
  const { done } = runAside(['h2load', ...words.map(String), `https://${HOST}/load`])
  const count = (text: string, what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(text)?.[1] ?? 0)
  return {
    done: done.then((text): AttackResult => {
      const [streams, failed] = [count(text, 'succeeded'), count(text, 'failed') + count(text, 'errored')]
      return { connections, streams, bytes: 0, goaways: {}, failed }
    }),
  }
}

/** CPU seconds that a process has taken; the kernel counts in hundredths. */
const cpuOf = (pid: number): number => {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = rest.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

interface Stage {
  readonly gateway: Serving
  readonly clients: readonly Http2Client[]
}

/** The others' answers, and what share of a core the gateway takes meanwhile. */
const watched = async ({ gateway, clients }: Stage, milliseconds: number) => {
  const [from, cpu] = [performance.now(), cpuOf(gateway.pid)]
  const others = await askSteadily(clients, milliseconds)
  return { ...others, gatewayCpu: round(((cpuOf(gateway.pid) - cpu) * 1_000) / (performance.now() - from)) }
}

type Kind = AttackOrder['kind'] | keyof typeof PACES

const measureOnce = async (stage: Stage, kind: Kind, connections: number) => {
  const { gateway } = stage
  const before = await watched(stage, SPAN / 2)
  const residentBefore = gateway.resident()
  const top = highest(gateway.resident)
  const order = { connections, port: gateway.port, host: HOST, ca: tls.ca, milliseconds: SPAN + 1_000 }
  const under = isH2load(kind) ? h2load(gateway.port, connections, PACES[kind]) : attack({ kind, ...order })
  await pause(1_000)
  const during = await watched(stage, SPAN - 1_000)
  const did = await under.done
  const highestGrowth = top() - residentBefore
  const after = await watched(stage, SPAN / 2)
  return { before, during, after, did, residentBefore: inMib(residentBefore), highestGrowth: inMib(highestGrowth) }
}

const startService = async () => {
  const child = spawn(process.execPath, ['--conditions=source', join(import.meta.dirname, 'http2-service.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = () => child.kill()
  process.once('exit', end)
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the service did not start')))
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()))
  })
  const close = () => {
    process.off('exit', end)
    end()
  }
  return { origin, close }
}

/** Each time a gateway of its own. */
const measure = async (kind: Kind, connections: number) => {
  const rounds: Awaited<ReturnType<typeof measureOnce>>[] = []
  for (let n = 0; n < REPEATS; n++) {
    const service = await startService()
    const gateway = await serve({ policy: openPolicy(service.origin), ...tls })
    pin(gateway.pid, GATEWAY_CORE)
    const target = { port: gateway.port, host: HOST, ca: tls.ca, from: '127.0.0.2' }
    const clients = await Promise.all(Array.from({ length: OTHERS }, () => connectHttp2(target)))
    await warmUp(clients)
    rounds.push(await measureOnce({ gateway, clients }, kind, connections))
    for (const client of clients) client.close()
    await gateway.close()
    service.close()
  }
  const p99 = median(rounds.map(({ before, during }) => during.p99 / before.p99))
  const p50 = median(rounds.map(({ before, during }) => during.median / before.median))
  const cpu = median(rounds.map(({ during }) => during.gatewayCpu))
  return { kind, connections, p50Ratio: round(p50), p99Ratio: round(p99), gatewayCpu: round(cpu), rounds }
}

const measureSockets = async () => {
  const upstream = await startUpstream()
  const listeners = '  - { address: 127.0.0.1:0 }'
  const config = `limits: { connections: ${2 * SOCKETS}, connections-per-address: ${2 * SOCKETS} }`
  const gateway = await serve({ policy: openPolicy(upstream.origin), listeners, config })
  const residentBefore = gateway.resident()
  const from = performance.now()
  const order = { kind: 'websockets', connections: SOCKETS, port: gateway.port, host: HOST, ca: tls.ca } as const
  const opening = attack({ ...order, milliseconds: quick ? 10_000 : 60_000 })
  while (!opening.said().includes('open') && performance.now() - from < 55_000) await pause(100)
  const ms = round(performance.now() - from)
  await pause(2_000)
  const growth = gateway.resident() - residentBefore
  const { streams, failed } = await opening.done
  await gateway.close()
  await upstream.close()
  const each = round(growth / Math.max(1, streams) / 1_024)
  return {
    asked: SOCKETS,
    open: streams,
    failed,
    msToOpen: ms,
    residentBefore: inMib(residentBefore),
    growth: inMib(growth),
    kibPerSocket: each,
  }
}

pin(process.pid, OTHER_CORE)
const hasH2load = spawnSync('h2load', ['--version']).status === 0
if (!hasH2load) console.error('h2load is not installed: its part is left out')
const attacks = []
const plans = [
  ...(hasH2load
    ? ([
        ['h2load-steady', 20],
        ['h2load', 20],
      ] as const)
    : []),
  ['load', 4],
  ['rapid-reset', 8],
  ['continuation', 8],
  ['ping', 8],
  ['settings', 8],
  ['untaken', 20],
] as const
for (const [kind, connections] of plans) {
  attacks.push(await measure(kind, connections))
  console.error(kind, JSON.stringify({ ...attacks.at(-1), rounds: undefined }))
}
const sockets = await measureSockets()
keepReport('http2', {
  command: 'node --conditions=source scripts/prove-http2.ts',
  what: `Others ask ${PACE} times a second over ${OTHERS} connections of HTTP/2 while somebody means no good. The gateway has a core for itself, others, service and attackers share another, the attackers idle class. h2load: 20 connections, steady with ${PACES['h2load-steady']} requests a second each, else 100 under way on each. ms, MiB, cores.`,
  attacks,
  webSockets: sockets,
})
