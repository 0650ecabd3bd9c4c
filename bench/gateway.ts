// `node --conditions=source bench/gateway.ts [--quick] [--write]`: CPU of one request through `balustrade serve` with a thousand rules, a
// warm JWT, a signed assertion and a durable log (the default, strict), beside Caddy and nginx as plain proxies and node:http with undici
// and nothing between. Server on core 0; load, upstream and issuer on core 1; rounds by turns. CPU is that of the server's whole process
// tree, from /proc: Linux only. `--write` keeps the figures in docs/reports/gateway.json.
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layFolder } from '../test/support/gateway.ts'
import { makeIssuer } from '../test/support/issuer.ts'
import { peer } from '../test/support/peer.ts'
import type { LoadOrder, LoadResult } from './gateway-load.ts'
import { groupsOf, PEOPLE, policyFiles, requestTexts, RULES } from './gateway-policy.ts'
import { keepReport, median, type Ratios } from './keep-report.ts'
import { type BenchServer, freePort, type Peers, startCaddy, startNginx, startServer, startUpstream } from './gateway-servers.ts'

const root = join(import.meta.dirname, '..')
const quick = process.argv.includes('--quick')
const ROUNDS = quick ? 5 : 7
const ROUND_MS = quick ? 2_000 : 5_000
const WARM_MS = 8_000
const CONNECTIONS = 64
const REQUESTS = 400

const findPeers = (): Peers => {
  const [nginx, caddy] = [peer('nginx'), peer('caddy')]
  if (nginx === null || caddy === null) throw new Error('nginx and caddy are needed: install the packages of .ci/packages')
  return { nginx, caddy }
}

const bindToCore = (core: number, pid: number): void => {
  if (spawnSync('taskset', ['-cp', String(core), String(pid)]).status !== 0) throw new Error('taskset is needed (util-linux)')
}

const folder = mkdtempSync(join(tmpdir(), 'balustrade-bench-gateway-'))
const peers = findPeers()
bindToCore(1, process.pid)
const issuer = await makeIssuer()
const upstream = await startUpstream(folder, peers)
const tokens = await Promise.all(
  Array.from({ length: PEOPLE }, (_none, person) =>
    issuer.token({
      sub: `person-${person}`,
      groups: groupsOf(person),
      scope: 'read write',
      amr: ['hwk'],
      auth_time: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 3_600,
    }),
  ),
)
const requests = requestTexts(REQUESTS, (person) => tokens[person] as string)

const gatewayPort = await freePort()
const laid = layFolder({
  policy: policyFiles(`http://127.0.0.1:${upstream.port}`, issuer),
  listeners: `  - address: 127.0.0.1:${gatewayPort}`,
  config: 'limits: { requests-per-connection: 10000000 }',
})
const source = ['--conditions=source']
const barePort = await freePort()
const servers: readonly BenchServer[] = [
  await startServer({
    name: 'balustrade',
    core: 0,
    command: [
      process.execPath,
      ...source,
      join(root, 'packages/balustrade/src/main.ts'),
      'serve',
      '--config',
      join(laid, 'balustrade.yaml'),
    ],
    port: gatewayPort,
  }),
  await startCaddy(folder, peers, upstream.port),
  await startNginx(folder, peers, upstream.port),
  await startServer({
    name: 'bare',
    core: 0,
    command: [
      process.execPath,
      join(import.meta.dirname, 'gateway-bare.ts'),
      `http://127.0.0.1:${upstream.port}`,
      String(barePort),
    ],
    port: barePort,
  }),
]

const load = fork(join(import.meta.dirname, 'gateway-load.ts'), { execArgv: [] })
bindToCore(1, load.pid as number)
const askLoad = async (order: LoadOrder): Promise<LoadResult> => {
  load.send(order)
  const [result] = (await once(load, 'message')) as [LoadResult]
  if (result.faults > 0) throw new Error(`${result.faults} of ${result.answers} answers were not 200`)
  return result
}

interface Round extends LoadResult {
  /** µs of CPU a request. */
  readonly cpu: number
}

const measure = async (server: BenchServer, milliseconds: number): Promise<Round> => {
  const before = server.cpu()
  const result = await askLoad({ port: server.port, connections: CONNECTIONS, requests, milliseconds })
  return { ...result, cpu: (server.cpu() - before) / result.answers }
}

const rounds = new Map<string, Round[]>(servers.map(({ name }) => [name, []]))
for (const server of servers) await measure(server, WARM_MS)
for (let round = 0; round < ROUNDS; round++) {
  for (const server of servers) rounds.get(server.name)?.push(await measure(server, ROUND_MS))
  console.log(
    `round ${round + 1}: ${servers.map(({ name }) => `${name} ${rounds.get(name)?.at(-1)?.cpu.toFixed(1)} µs`).join(', ')}`,
  )
}
load.kill()
for (const server of [...servers, upstream]) server.close()
await issuer.close()

const tidy = (value: number): number => Number(value.toPrecision(4))
const middle = (values: readonly number[]): number => tidy(median(values))
const summary = (of: readonly Round[]) => ({
  cpuMicroseconds: { median: middle(of.map(({ cpu }) => cpu)), min: tidy(Math.min(...of.map(({ cpu }) => cpu))) },
  answersPerSecond: middle(of.map(({ answers, seconds }) => answers / seconds)),
  latencyMicroseconds: { p50: middle(of.map(({ p50 }) => p50)), p99: middle(of.map(({ p99 }) => p99)) },
  rounds: of.map(({ cpu, answers }) => ({ cpu: tidy(cpu), answers })),
})

/** Of the figures of each round, so that what slows the machine slows both. */
const ratioTo = (name: string) => {
  const own = rounds.get('balustrade') ?? []
  const ratios = own.map(({ cpu }, at) => cpu / (rounds.get(name)?.[at]?.cpu ?? Number.NaN))
  return { median: middle(ratios), min: tidy(Math.min(...ratios)), max: tidy(Math.max(...ratios)) }
}

const versionOf = (command: readonly [string, string]): string => {
  const run = spawnSync(command[0], [command[1]], { encoding: 'utf8' })
  return `${run.stdout}${run.stderr}`.trim().split('\n')[0] ?? ''
}

const [caddy, nginx, bare] = [ratioTo('caddy'), ratioTo('nginx'), ratioTo('bare')]
keepReport('gateway', {
  method:
    'CPU of the server process tree per answered request; server on core 0, load and upstream on core 1; closed loop; rounds by turns',
  workload: `${CONNECTIONS} connections, GET with a bearer token of ${tokens[0]?.length} characters, ${RULES} rules, one grant and two guardrails selected, audit strict`,
  peers: { nginx: versionOf([peers.nginx, '-v']), caddy: versionOf([peers.caddy, 'version']) },
  ratios: { caddy: caddy.median, nginx: nginx.median, bare: bare.median } satisfies Ratios,
  spread: { caddy, nginx, bare },
  targets: { caddy: 0.9, nginx: 4.3 },
  servers: Object.fromEntries([...rounds].map(([name, of]) => [name, summary(of)])),
})
rmSync(folder, { recursive: true, force: true })
rmSync(laid, { recursive: true, force: true })
