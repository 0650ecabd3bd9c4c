// A process that writes a decision log under load and prints the id of each record once it is told that the record is durable, and
// `false` or `true` of what became of each when the disk is in trouble. Arguments: folder, file of the key, prefix of ids, rounds.
import { readFileSync, writeSync } from 'node:fs'
import { openDecisionLog } from '../../packages/core/src/decision-log/decision-log.ts'
import { parseLogKey } from '../../packages/core/src/decision-log/log-key.ts'
import type { LogReceipt } from '../../packages/core/src/model/ports.ts'
import { sampleDecision } from './log-records.ts'

const [folder = '', keyFile = '', prefix = '', rounds = 'Infinity'] = process.argv.slice(2)

/** Written at once and whole, so that what the parent has read was acknowledged. */
const say = (line: string) => writeSync(1, `${line}\n`)

const openLog = async () => {
  const key = parseLogKey(readFileSync(keyFile, 'utf8'))
  if (!key.ok) throw new Error(key.why)
  const opened = await openDecisionLog({
    folder,
    origin: 'test.example/decisions',
    key: key.key,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    onTrouble: (trouble) => say(`trouble ${trouble.kind} ${trouble.cause} ${trouble.lost}`),
    segmentBytes: 150_000,
    times: { group: 1, checkpoint: 20, retry: 20 },
  })
  if (!opened.ok) throw new Error(`${opened.code}: ${opened.why}`)
  return opened.log
}

const log = await openLog()
say('ready')
let count = 0

const appendOne = (): Promise<boolean> => {
  const index = count++
  const receipt: LogReceipt = log.append(
    sampleDecision(index, { id: `${prefix}-${index}`, path: `/${'x'.repeat((index * 37) % 900)}` }),
  )
  return receipt.durable().then((durable) => {
    say(durable ? `${prefix}-${index}` : `false ${prefix}-${index} ${receipt.accepted ? 'kept' : 'lost'}`)
    return durable
  })
}

for (let round = 0; round < Number(rounds); round++) {
  const burst = Array.from({ length: 1 + ((round * 7919) % 90) }, appendOne)
  const durable = await Promise.all(burst)
  if (!durable.every(Boolean)) await new Promise((resolve) => setTimeout(resolve, 20))
}
await log.close()
say('closed')
