import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendMany, idsOf, makeLogWorld, segmentsOf } from '../../../../test/support/log.ts'
import { followLog, type FollowOptions } from './follow-log.ts'
import type { LogEntry } from './log-lines.ts'

/** Follows in the background; `seen` grows. */
const follow = (folder: string, filter: FollowOptions['filter'] = {}) => {
  const abort = new AbortController()
  const seen: LogEntry[] = []
  const done = (async () => {
    for await (const entry of followLog(folder, { signal: abort.signal, filter })) seen.push(entry)
  })()
  const stop = async () => {
    abort.abort()
    await done
  }
  return { seen, stop }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 150))

test('sees what is written from now on, each record once, over the ends of segments', async () => {
  const world = makeLogWorld()
  const log = await world.open({ segmentBytes: 1_000 })
  await appendMany(log, 5, 'before-')
  const { seen, stop } = follow(world.folder)
  await settle()
  for (let i = 0; i < 30; i++) await appendMany(log, 4, `a${i}-`)
  await expect.poll(() => idsOf(seen).at(-1)).toBe('a29-3')
  await stop()
  expect(idsOf(seen)).toEqual(Array.from({ length: 30 }, (_, i) => [0, 1, 2, 3].map((n) => `a${i}-${n}`)).flat())
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => (seen[0]?.seq ?? 0) + index))
})

test('begins with the number asked for, and goes on', async () => {
  const world = makeLogWorld()
  const log = await world.open({ segmentBytes: 1_000 })
  for (let i = 0; i < 10; i++) await appendMany(log, 4, `a${i}-`)
  const { seen, stop } = follow(world.folder, { fromSeq: 20 })
  await settle()
  await appendMany(log, 1, 'late-')
  await expect.poll(() => idsOf(seen).at(-1)).toBe('late-0')
  await stop()
  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: log.status().size - 20 }, (_, index) => 20 + index))
})

test('begins with the oldest there is when that is asked for which is gone', async () => {
  const world = makeLogWorld()
  const log = await world.open({ segmentBytes: 1_000 })
  for (let i = 0; i < 10; i++) await appendMany(log, 4, `a${i}-`)
  const [first = '', second = ''] = segmentsOf(world.folder)
  rmSync(join(world.folder, first))
  const { seen, stop } = follow(world.folder, { fromSeq: 0 })
  await expect.poll(() => idsOf(seen).at(-1)).toBe('a9-3')
  await stop()
  expect(seen[0]?.seq).toBe(Number(second.slice(0, 12)))
})

test('waits for a log that is not there yet, and filters', async () => {
  const world = makeLogWorld()
  const { seen, stop } = follow(world.folder, { kinds: ['administration'] })
  await settle()
  const log = await world.open()
  await appendMany(log, 3)
  await log.close()
  await expect.poll(() => seen.length).toBe(3)
  await stop()
  expect(seen.map(({ record }) => record.kind === 'administration' && record.action)).toEqual([
    'log.segment',
    'log.opened',
    'log.closed',
  ])
})

test('ends at once when it is aborted while it waits', async () => {
  const { stop } = follow(makeLogWorld().folder)
  await stop()
})
