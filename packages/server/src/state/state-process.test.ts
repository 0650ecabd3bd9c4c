import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeStateWorld, type StateWorld, stored } from '../../../../test/support/state.ts'

const WRITER = join(import.meta.dirname, '../../../../test/support/state-writer.ts')

const startWriter = (world: StateWorld, prefix: string, rounds: number): ChildProcess =>
  spawn(process.execPath, ['--conditions=source', WRITER, world.file, prefix, String(rounds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Every line that was said, of a process that ends by itself or is ended by `onText`. */
const linesOf = async (child: ChildProcess, onText: (said: string) => void = () => undefined): Promise<readonly string[]> => {
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
    onText(said)
  })
  await once(child, 'close')
  return said.split('\n').slice(0, -1)
}

/** What was told against what is there: keys that were kept and are gone, and keys that were taken and are there. */
const faultsOf = (lines: readonly string[], there: ReadonlySet<string>) => {
  const taken = new Set(lines.flatMap((line) => /^(?:false )?took (.+)$/.exec(line)?.[1] ?? []))
  const surely = new Set(lines.flatMap((line) => /^took (.+)$/.exec(line)?.[1] ?? []))
  return {
    // The last step of one that is killed may be a removal of which it was not told.
    lost: lines.filter(
      (line) => /^\w+-\d+$/.test(line) && !there.has(line) && !taken.has(line) && Number(line.split('-')[1]) % 5 !== 4,
    ),
    back: [...surely].filter((key) => there.has(key)),
  }
}

const KILLS = 8
test('a process that is killed in the middle of writes: what it was told is kept is there, what was taken is gone', async () => {
  const world = makeStateWorld()
  const lines: string[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startWriter(world, `k${kill}`, Number.POSITIVE_INFINITY)
    let isSet = false
    const said = await linesOf(child, (text) => {
      if (isSet || text.length < 20) return
      isSet = true
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 150)
    })
    expect(said[0]).toBe('ready')
    lines.push(...said)
  }
  const store = await world.open()
  const there = new Set((await stored(store.list('session'))).map(({ key }) => key))
  expect(faultsOf(lines, there)).toEqual({ lost: [], back: [] })
  expect(there.size).toBeGreaterThan(100)
  expect(lines.filter((line) => line.startsWith('took')).length).toBeGreaterThan(20)
})

test('what another process writes is told to who watches, and read at once', async () => {
  const world = makeStateWorld()
  const store = await world.open()
  const keys = new Set<string>()
  const watching = store.watch({
    onChange: (changed) => {
      for (const { key } of changed ?? [{ key: 'anything' }]) keys.add(key)
    },
    onAnswering: () => undefined,
  })
  await vi.waitFor(() => expect(watching.lastLook()).toBeGreaterThan(0))
  const lines = await linesOf(startWriter(world, 'w', 20))
  expect(lines.at(-1)).toBe('closed')
  const told = lines.flatMap((line) => /^w-\d+$/.exec(line)?.[0] ?? [])
  const there = new Set((await stored(store.list('session'))).map(({ key }) => key))
  expect(faultsOf(lines, there)).toEqual({ lost: [], back: [] })
  await vi.waitFor(() => expect([...keys].sort()).toEqual([...told].sort()), { timeout: 60_000 })
  watching.close()
})

test('of two processes that take the same entries, one is given each', async () => {
  const world = makeStateWorld()
  const store = await world.open()
  const child = startWriter(world, 'w', 60)
  const taken: string[] = []
  const sweepUp = (async () => {
    while (child.exitCode === null) {
      for (const { key } of await stored(store.list('session'))) {
        if ((await stored(store.take('session', key))) !== null) taken.push(key)
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })()
  const lines = await linesOf(child)
  await sweepUp
  for (const { key } of await stored(store.list('session'))) taken.push(key)
  const told = lines.filter((line) => /^w-\d+$/.test(line))
  expect(new Set(taken).size).toBe(taken.length)
  // Of those that the other process tried to take, each of us got some, and together we got all.
  expect(told.filter((key) => Number(key.split('-')[1]) % 5 !== 4 && !taken.includes(key))).toEqual([])
})

const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

/** The limit of file size of the process stands for the size of the disk: the system's own refusal, in the middle of a write. */
test.skipIf(!canLimit)(
  'a disk that fills up: what was not kept is told, what was told is kept, and room given is used again',
  async () => {
    const world = makeStateWorld()
    const script = 'ulimit -S -f 400; exec "$0" "$@"'
    const args = ['-c', script, process.execPath, '--conditions=source', WRITER, world.file, 'd', '120']
    const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let isLifted = false
    const lines = await linesOf(child, (said) => {
      if (isLifted || !said.includes('trouble began state.unwritable')) return
      isLifted = true
      spawnSync('prlimit', ['--fsize=unlimited', '--pid', String(child.pid)])
    })
    expect(lines).toContain('trouble ended state.unwritable')
    expect(lines.at(-1)).toBe('closed')
    const store = await world.open()
    const there = new Set((await stored(store.list('session'))).map(({ key }) => key))
    expect(faultsOf(lines, there)).toEqual({ lost: [], back: [] })
    const refused = lines.flatMap((line) => /^false (d-\d+)$/.exec(line)?.[1] ?? [])
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.filter((key) => there.has(key))).toEqual([])
    const after = lines.slice(lines.indexOf('trouble ended state.unwritable'))
    expect(after.filter((line) => /^d-\d+$/.test(line)).length).toBeGreaterThan(0)
  },
)
