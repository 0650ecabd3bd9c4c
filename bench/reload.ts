// `node --conditions=source bench/reload.ts [--quick] [--write]`: what replacing the policy costs those who are served meanwhile.
// Twenty reloads a second of 50 rules, and 10,000 rules beside the same load without a reload, both through `balustrade serve`; then
// in this process the CPU time of the thread that serves, which what else runs on the machine does not change, and of the compiler.
// `--write` keeps the figures in docs/reports/reload.json.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CONDITIONS } from '../packages/core/src/catalogue.ts'
import { prepareImage } from '../packages/core/src/engine/prepare-image.ts'
import type { PolicyImage } from '../packages/core/src/model/policy-image.ts'
import { buildPlanInSlices } from '../packages/core/src/plan/build.ts'
import { compilePolicy, createDocumentCache } from '../packages/core/src/policy/index.ts'
import { openConnection, serve, type Serving } from '../test/streams/serving.ts'
import { startGateway } from '../test/support/gateway.ts'
import { startUpstream, type Upstream } from '../test/support/upstream.ts'
import { keepReport, round, spreadOf } from './keep-report.ts'
import { filesOf } from './reload-policies.ts'

const quick = process.argv.includes('--quick')
const SECONDS = quick ? 2 : 10
const PERIOD = 50
const SMALL = 50
const LARGE = quick ? 2_000 : 10_000
const SERVICES = 100
const SWAPS = quick ? 2 : 5
const CONNECTIONS = 8

type Size = 'small' | 'large'
const filesFor = (size: Size, upstream: string, open: boolean) =>
  filesOf({ rules: size === 'small' ? SMALL : LARGE, services: size === 'small' ? 1 : SERVICES, upstream, open })

interface Asked {
  readonly status: number
  readonly id: string
  readonly whole: boolean
  /** ms. */
  readonly took: number
}

/** Asks on some connections, each with a rest after every answer, until told to stop. */
const beginLoad = (port: number, rest: number) => {
  const asked: Asked[] = []
  let going = true
  const loop = async () => {
    const connection = await openConnection(port)
    while (going) {
      const from = performance.now()
      const heard = await connection.ask('/open/x')
      const id = /^balustrade-decision: (\S+)/im.exec(heard?.head ?? '')?.[1] ?? ''
      asked.push({ status: heard?.status ?? 0, id, whole: heard?.whole === true, took: performance.now() - from })
      if (rest > 0) await pause(rest)
    }
    connection.socket.destroy()
  }
  const loops = Promise.all(Array.from({ length: CONNECTIONS }, loop))
  const end = async () => {
    going = false
    await loops
    return asked
  }
  return { asked, end }
}

/** As an editor does that never shows half a file. */
const replaceFile = (gateway: Serving, text: string): void => {
  const file = join(gateway.folder, 'policy', 'app.yaml')
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

const policyRecords = async (gateway: Serving) => (await gateway.records()).filter((record) => record.kind === 'policy')

/** How the answers agree with the policies that their records name; a digest tells which of two policies it is by its first answer. */
const agreement = async (gateway: Serving, asked: readonly Asked[]) => {
  const statuses = new Map<string, number>()
  let [agreeing, disagreeing, unrecorded] = [0, 0, 0]
  const decisions = new Map(
    (await gateway.records()).flatMap((record) => (record.kind === 'decision' ? [[record.id, record] as const] : [])),
  )
  for (const { id, status } of asked) {
    const record = decisions.get(id)
    const digest = record?.digest?.policy
    if (record === undefined || digest === undefined) {
      unrecorded++
      continue
    }
    if (!statuses.has(digest)) statuses.set(digest, status)
    const outcome = record.outcome === 'allow' ? 200 : 401
    if (statuses.get(digest) === status && outcome === status) agreeing++
    else disagreeing++
  }
  return { agreeing, disagreeing, unrecorded, policies: statuses.size }
}

const measureFrequent = async (upstream: Upstream) => {
  const texts = [true, false].map((open) => filesFor('small', upstream.origin, open)['app.yaml'] ?? '')
  const gateway = await serve({ policy: filesFor('small', upstream.origin, true) })
  const load = beginLoad(gateway.port, 0)
  for (let n = 1; n <= (SECONDS * 1_000) / PERIOD; n++) {
    replaceFile(gateway, texts[n % 2] ?? '')
    process.kill(gateway.pid, 'SIGHUP')
    await pause(PERIOD)
  }
  const asked = await load.end()
  await pause(500)
  const swaps = (await policyRecords(gateway)).length
  const agreed = await agreement(gateway, asked)
  await gateway.close()
  const dropped = asked.filter(({ whole }) => !whole).length
  return {
    rules: SMALL,
    seconds: SECONDS,
    changes: (SECONDS * 1_000) / PERIOD,
    putInForce: swaps,
    answers: asked.length,
    dropped,
    ...agreed,
  }
}

/** Longest delay of the event loop since it was last asked for, ms: what the gateway tells whoever watches it. */
const longestDelay = async ({ observe }: Serving): Promise<number> => {
  const text = await (await fetch(`${observe}/metrics`)).text()
  return 1_000 * Number(/^balustrade_event_loop_delay_seconds (\S+)/m.exec(text)?.[1])
}

const measureLarge = async (upstream: Upstream) => {
  const texts = [true, false].map((open) => filesFor('large', upstream.origin, open)['app.yaml'] ?? '')
  const gateway = await serve({ policy: filesFor('large', upstream.origin, true) })
  const load = beginLoad(gateway.port, 2)
  await pause(3_000)
  const figures = { toInForce: [] as number[], delay: [] as number[], delayWithout: [] as number[] }
  const took = { during: [] as number[], without: [] as number[] }
  for (let n = 1; n <= SWAPS; n++) {
    await longestDelay(gateway)
    const [first, from] = [load.asked.length, performance.now()]
    const wanted = n % 2 === 1 ? 401 : 200
    replaceFile(gateway, texts[n % 2] ?? '')
    while (load.asked.at(-1)?.status !== wanted) await pause(5)
    const ms = performance.now() - from
    figures.toInForce.push(ms)
    figures.delay.push(await longestDelay(gateway))
    const middle = load.asked.length
    await pause(ms)
    figures.delayWithout.push(await longestDelay(gateway))
    took.during.push(...load.asked.slice(first, middle).map((each) => each.took))
    took.without.push(...load.asked.slice(middle).map((each) => each.took))
  }
  const asked = await load.end()
  await gateway.close()
  return {
    rules: LARGE,
    unit: 'ms; `without` is the same load for as long without a reload',
    dropped: asked.filter(({ whole }) => !whole).length,
    fromWritingToInForce: spreadOf(figures.toInForce),
    eventLoopDelay: { during: spreadOf(figures.delay), without: spreadOf(figures.delayWithout) },
    answers: { during: spreadOf(took.during), without: spreadOf(took.without) },
  }
}

/** CPU of this thread so far, ms. */
const threadCpu = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Watches how much CPU each turn of this thread's event loop takes. */
const watchTurns = () => {
  let [going, last, most] = [true, threadCpu(), 0]
  const turn = () => {
    const now = threadCpu()
    most = Math.max(most, now - last)
    last = now
    if (going) setTimeout(turn, 1)
  }
  turn()
  return () => {
    going = false
    return most
  }
}

const measureTurns = async (upstream: Upstream) => {
  const gateway = await startGateway({ policy: filesFor('large', upstream.origin, true) })
  const [longest, total]: readonly [number[], number[]] = [[], []]
  for (let n = 1; n <= SWAPS + 2; n++) {
    gateway.write('app.yaml', filesFor('large', upstream.origin, n % 2 === 0)['app.yaml'] ?? '')
    const [from, end] = [threadCpu(), watchTurns()]
    await gateway.running.reload()
    longest.push(end())
    total.push(threadCpu() - from)
  }
  await gateway.close()
  return { unit: 'CPU ms of the serving thread', longestTurn: spreadOf(longest), wholeReload: spreadOf(total) }
}

const appText = (origin: string, open: boolean): string => filesFor('large', origin, open)['app.yaml'] ?? ''
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const measurePlan = async (upstream: Upstream) => {
  const files = Object.entries(filesFor('large', upstream.origin, true)).map(([path, text]) => ({ path, text }))
  const compile: number[] = []
  let image: PolicyImage | null = null
  for (let n = 0; n < (quick ? 2 : 4); n++) {
    const from = threadCpu()
    image = compilePolicy(files, { conditions: CONDITIONS, now: Date.now() }).image
    compile.push(threadCpu() - from)
  }
  const documents = createDocumentCache()
  const again: number[] = []
  for (let n = 0; n < (quick ? 2 : 6); n++) {
    const open = n % 2 === 0
    const changed = files.map((file) => (file.path === 'app.yaml' ? { ...file, text: appText(upstream.origin, open) } : file))
    const from = threadCpu()
    compilePolicy(changed, { conditions: CONDITIONS, now: Date.now(), documents })
    if (n > 0) again.push(threadCpu() - from)
  }
  if (image === null) throw new Error('the policy of this bench is not valid')
  const { digest } = prepareImage(image)
  const plan: number[] = []
  for (let n = 0; n < (quick ? 4 : 15); n++) {
    const fresh = structuredClone(image)
    await pause(100)
    const from = threadCpu()
    await buildPlanInSlices(fresh, { conditions: CONDITIONS, digest }, nextTurn)
    plan.push(threadCpu() - from)
  }
  const first = (values: readonly number[]) => round(values[0] ?? Number.NaN)
  return {
    unit: 'CPU ms of the thread that does it; `first` in a process that has made none before',
    documentsToImage: { first: first(compile), ...spreadOf(compile.slice(1)) },
    documentsToImageAfterOneChanged: spreadOf(again),
    imageToPlan: { first: first(plan), ...spreadOf(plan.slice(1)) },
  }
}

const upstream = await startUpstream((_served, response) => response.end('here'))
const frequent = await measureFrequent(upstream)
const large = await measureLarge(upstream)
const turns = await measureTurns(upstream)
const plan = await measurePlan(upstream)
await upstream.close()
keepReport('reload', { what: 'Replacing the policy while requests are served.', frequent, large, turns, plan })
