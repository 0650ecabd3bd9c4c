import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('a folder without a log', async () => expect(await findDecision(makeFolder(), idOf(1))).toEqual([]))

test('ids as the engine makes them say their time', () => {
  const now = Date.now()
  expect(readDecisionTime(createDecisionIds()(now))).toBe(now)
  expect(readDecisionTime(crypto.randomUUID())).toBeNull()
  expect(readDecisionTime('x')).toBeNull()
})
