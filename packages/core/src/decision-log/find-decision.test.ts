import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleCompletion, sampleDecision, sampleId } from '../../../../test/support/log-records.ts'
import { type LogWorld, makeFolder, makeLogWorld } from '../../../../test/support/log.ts'
import { createDecisionIds } from '../engine/decision-id.ts'
import { findDecision, readDecisionTime } from './find-decision.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 1)
const idOf = (hour: number): string => sampleId(START + hour * HOUR, hour)

let world: LogWorld

beforeAll(async () => {
  world = makeLogWorld(afterAll)
  let now = START
  const clock = { now: () => now, monotonic: () => performance.now() }
  const log = await world.open({ clock, segmentBytes: 6_000 })
  for (let hour = 0; hour < 24; hour++) {
    now = START + hour * HOUR
    const id = idOf(hour)
    log.append(sampleDecision(hour, { at: now, id, path: `/x/"${idOf(3)}"/${idOf(3)}` }))
    if (hour === 7)
      log.append({
        kind: 'authentication',
        at: now,
        id,
        point: 'node',
        service: null,
        peer: 'p',
        client: null,
        outcome: 'rejected',
        code: 'x',
      })
    if (hour % 5 !== 0) log.append(sampleCompletion(id, { at: now + 1 }))
    if (hour === 20) log.append(sampleDecision(100, { at: now, id: idOf(100), holds: idOf(10) }))
    await log.append(sampleDecision(200 + hour, { at: now, id: `plain-${hour}`, facts: { id: idOf(3) } })).durable()
  }
  await log.append(sampleCompletion(idOf(10), { at: now })).durable()
  await log.close()
})

const rows: readonly { note: string; id: string; kinds: readonly string[] }[] = [
  { note: 'a decision and its completion', id: idOf(3), kinds: ['decision', 'completion'] },
  { note: 'with the credential that was rejected', id: idOf(7), kinds: ['decision', 'authentication', 'completion'] },
  { note: 'one without a completion', id: idOf(5), kinds: ['decision'] },
  {
    note: 'a stream: judged again ten hours later, and completed behind that',
    id: idOf(10),
    kinds: ['decision', 'decision', 'completion'],
  },
  { note: 'an id that says no time', id: 'plain-17', kinds: ['decision'] },
  { note: 'an id that nothing has', id: idOf(50), kinds: [] },
  { note: 'an id of before the log', id: sampleId(START - 100 * HOUR, 1), kinds: [] },
  { note: 'what could be no id', id: '"id":"plain-1', kinds: [] },
  { note: 'nothing', id: '', kinds: [] },
]

test.each(rows)('$note', async ({ id, kinds }) => {
  const found = await findDecision(world.folder, id)
  expect(found.map(({ record }) => record.kind)).toEqual(kinds)
  expect(found.map(({ seq }) => seq)).toEqual(found.map(({ seq }) => seq).sort((a, b) => a - b))
})

describe('records written by hand', () => {
  const at = START + 10 * HOUR
  const id = sampleId(at, 1)
  const decision = (seq: number, time = at) => `{"at":${time},"id":"${id}","kind":"decision","seq":${seq}}`
  const head = (seq: number, time: number) => `{"action":"x","at":${time},"kind":"administration","seq":${seq}}`
  const find = async (segments: Readonly<Record<number, readonly string[]>>) => {
    const folder = makeFolder()
    for (const [first, lines] of Object.entries(segments))
      writeFileSync(join(folder, first.padStart(12, '0').concat('.log')), lines.map((line) => `${line}\n`).join(''))
    return (await findDecision(folder, id)).map(({ seq }) => seq)
  }

  test('a damaged line that holds the id is passed over', async () => {
    expect(await find({ 0: [head(0, at), `x"${id}"`, decision(2)] })).toEqual([2])
  })

  test('only decisions hold a stream', async () => {
    const held = `{"at":${at},"holds":"${id}","kind":"gap","seq":1}`
    expect(await find({ 0: [decision(0), held, held.replace('gap', 'decision').replace(':1}', ':2}')] })).toEqual([0, 2])
  })

  test('nothing is read of segments that ended before the id was made', async () => {
    const early = START
    expect(await find({ 0: [decision(0, early)], 1: [head(1, early + HOUR)], 2: [head(2, at), decision(3)] })).toEqual([3])
  })

  test('nothing is read behind the segment of its completion', async () => {
    const completion = `{"at":${at},"id":"${id}","kind":"completion","seq":2}`
    expect(await find({ 0: [decision(0), completion], 3: [decision(3)] })).toEqual([0, 2])
    expect(await find({ 0: [decision(0)], 3: [decision(3)] })).toEqual([0, 3])
  })
})

test('a folder without a log', async () => expect(await findDecision(makeFolder(), idOf(1))).toEqual([]))

test('ids as the engine makes them say their time', () => {
  const now = Date.now()
  expect(readDecisionTime(createDecisionIds()(now))).toBe(now)
  expect(readDecisionTime(crypto.randomUUID())).toBeNull()
  for (const other of ['x', `x${idOf(1)}`, `${idOf(1)}0`]) expect(readDecisionTime(other)).toBeNull()
})
