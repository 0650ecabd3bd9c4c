// A process that writes to a store under load and prints the key of each entry once it is told that the entry is kept, `took` and
// the key once it is told that it is taken, and `false` before what was not done. Arguments: file, prefix of keys, rounds.
import { writeSync } from 'node:fs'
import { attempt } from '../../packages/core/src/lib/attempt.ts'
import { openStateStore } from '../../packages/server/src/state/open-state-store.ts'

const [file = '', prefix = '', rounds = 'Infinity'] = process.argv.slice(2)

/** Written at once and whole, so that what the parent has read was acknowledged. */
const say = (line: string): void => {
  // A pipe that is full refuses, whole lines at a time, until the parent has read on.
  while (!attempt(() => writeSync(1, `${line}\n`)).ok);
}

const opened = await openStateStore({
  file,
  keys: [Buffer.alloc(32, 1)],
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  onTrouble: ({ kind, code }) => say(`trouble ${kind} ${code}`),
  deadline: 2_000,
})
if (!opened.ok) throw new Error(`${opened.code}: ${opened.why}`)
const { store } = opened
say('ready')

let count = 0
const writeOne = async (): Promise<boolean> => {
  const number = count++
  const key = `${prefix}-${number}`
  const added = await store.add('session', key, {
    value: 'x'.repeat((number * 37) % 900),
    expiresAt: Number.POSITIVE_INFINITY,
    tags: [],
  })
  say(added.ok ? key : `false ${key}`)
  if (!added.ok || number % 5 !== 4) return added.ok
  const taken = await store.take('session', key)
  say(taken.ok ? `took ${key}` : `false took ${key}`)
  return taken.ok
}

for (let round = 0; round < Number(rounds); round++) {
  const burst = Array.from({ length: 1 + ((round * 7919) % 40) }, writeOne)
  const done = await Promise.all(burst)
  if (!done.every(Boolean)) await new Promise((resolve) => setTimeout(resolve, 50))
}
await store.close()
say('closed')
