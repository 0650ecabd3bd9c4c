import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleCompletion, sampleDecision } from '../../../../test/support/log-records.ts'
import { appendMany, collect, type LogWorld, makeFolder, makeLogWorld, segmentsOf } from '../../../../test/support/log.ts'
import { chooseSegments, type LogFilter, readLastRecords, readLog } from './read-log.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 1)

let world: LogWorld

/** A decision and its completion an hour, over many segments, by a clock of the log's own. */
beforeAll(async () => {
  world = makeLogWorld(afterAll)
  let now = START
  const clock = { now: () => now, monotonic: () => performance.now() }
  const log = await world.open({ clock, segmentBytes: 4_000 })
  for (let hour = 0; hour < 48; hour++) {
    now = START + hour * HOUR
    log.append(sampleDecision(hour, { at: now, outcome: hour % 3 === 0 ? 'deny' : 'allow' }))
    await log.append(sampleCompletion(`c${hour}`, { at: now + 5 })).durable()
  }
  await log.close()
})

const hoursOf = async (filter: LogFilter): Promise<readonly number[]> =>
  (await collect(readLog(world.folder, { kinds: ['decision'], ...filter }))).map(({ record }) => (record.at - START) / HOUR)

const range = (from: number, until: number) => Array.from({ length: until - from }, (_, index) => from + index)

describe('reading', () => {
  const rows: readonly { note: string; filter: LogFilter; hours: readonly number[] }[] = [
    { note: 'all', filter: {}, hours: range(0, 48) },
    { note: 'from a time on', filter: { from: START + 40 * HOUR }, hours: range(40, 48) },
    { note: 'until a time, which is not in it', filter: { until: START + 7 * HOUR }, hours: range(0, 7) },
    { note: 'between two', filter: { from: START + 10 * HOUR, until: START + 12 * HOUR }, hours: [10, 11] },
    { note: 'before it began', filter: { until: START }, hours: [] },
    { note: 'after its end', filter: { from: START + 48 * HOUR }, hours: [] },
    {
      note: 'what a test says',
      filter: { where: ({ record }) => record.kind === 'decision' && record.outcome === 'deny' },
      hours: range(0, 16).map((n) => n * 3),
    },
    { note: 'nothing of kinds that are not there', filter: { kinds: ['gap'] }, hours: [] },
  ]
  test.each(rows)('$note', async ({ filter, hours }) => expect(await hoursOf(filter)).toEqual(hours))

  test('from a sequence number on', async () => {
    const all = await collect(readLog(world.folder))
    for (const fromSeq of [0, 1, 30, all.length - 1, all.length]) {
      expect(await collect(readLog(world.folder, { fromSeq }))).toEqual(all.slice(fromSeq))
    }
  })

  test('the last of them, oldest first', async () => {
    const all = await collect(readLog(world.folder))
    for (const count of [0, 1, 5, 40, all.length, all.length + 10]) {
      expect(await readLastRecords(world.folder, count)).toEqual(count === 0 ? [] : all.slice(-count))
    }
    const denied = {
      kinds: ['decision'],
      where: ({ record }) => record.kind === 'decision' && record.outcome === 'deny',
    } satisfies LogFilter
    expect((await readLastRecords(world.folder, 3, denied)).map(({ record }) => (record.at - START) / HOUR)).toEqual([39, 42, 45])
  })

  test('a folder without a log, and none', async () => {
    expect(await collect(readLog(makeFolder()))).toEqual([])
    expect(await collect(readLog(join(makeFolder(), 'none')))).toEqual([])
    expect(await readLastRecords(makeFolder(), 5)).toEqual([])
  })

  describe('segments that may hold what is wanted', () => {
    const HOLDS = 600_000
    // The records of 0, 2, 3 and 9 begin at hours 10, 20, 30 and 40; 5 and 7 do not tell when they begin.
    const heads = [
      { first: 0, text: `{"at":${10 * HOUR},"kind":"gap","seq":0}\n{"at":${11 * HOUR},"kind":"gap","seq":1}\n` },
      { first: 2, text: `{"at":${20 * HOUR},"kind":"gap","seq":2}\n` },
      { first: 3, text: `{"at":${30 * HOUR},"kind":"gap","seq":3}\n{"at":1` },
      { first: 5, text: '' },
      { first: 6, text: '{"at":1' },
      { first: 7, text: 'x\n' },
      { first: 9, text: `{"at":${40 * HOUR},"kind":"gap","seq":9}\n` },
    ]
    const rows: readonly { note: string; filter: LogFilter; firsts: readonly number[] }[] = [
      { note: 'anything', filter: {}, firsts: [0, 2, 3, 5, 6, 7, 9] },
      { note: 'a number in the first', filter: { fromSeq: 1 }, firsts: [0, 2, 3, 5, 6, 7, 9] },
      { note: 'the first number of one', filter: { fromSeq: 2 }, firsts: [2, 3, 5, 6, 7, 9] },
      { note: 'a number beyond all', filter: { fromSeq: 100 }, firsts: [9] },
      { note: 'from before all', filter: { from: 0 }, firsts: [0, 2, 3, 5, 6, 7, 9] },
      { note: 'from when another had begun', filter: { from: 20 * HOUR + HOLDS }, firsts: [0, 2, 3, 5, 6, 7, 9] },
      {
        note: 'from later than records of the one before may come',
        filter: { from: 20 * HOUR + HOLDS + 1 },
        firsts: [2, 3, 5, 6, 7, 9],
      },
      { note: 'from after all: those whose end is not told, and the last', filter: { from: 100 * HOUR }, firsts: [3, 5, 6, 9] },
      { note: 'until before all: those whose beginning is not told', filter: { until: 0 }, firsts: [5, 6, 7] },
      { note: 'until shortly before one begins', filter: { until: 30 * HOUR - HOLDS + 1 }, firsts: [0, 2, 3, 5, 6, 7] },
      { note: 'until longer before it begins', filter: { until: 30 * HOUR - HOLDS }, firsts: [0, 2, 5, 6, 7] },
      { note: 'between two', filter: { from: 25 * HOUR, until: 26 * HOUR }, firsts: [2, 5, 6, 7] },
      { note: 'numbers and times', filter: { from: 0, fromSeq: 3 }, firsts: [3, 5, 6, 7, 9] },
    ]
    test.each(rows)('$note', async ({ filter, firsts }) => {
      const folder = makeFolder()
      for (const { first, text } of heads) writeFileSync(join(folder, `${first}`.padStart(12, '0').concat('.log')), text)
      expect(await chooseSegments(folder, filter)).toEqual(firsts)
    })
  })

  test('half a record at the end is not read', async () => {
    const live = makeLogWorld()
    const log = await live.open()
    await appendMany(log, 2)
    const before = await collect(readLog(live.folder))
    appendFileSync(join(live.folder, segmentsOf(live.folder)[0] ?? ''), '{"at":1,"kind":"gap","seq":')
    expect(await collect(readLog(live.folder))).toEqual(before)
  })

  test('a line that is no record ends it with an error that says where', async () => {
    const folder = makeFolder()
    writeFileSync(join(folder, '000000000000.log'), '{"at":1,"kind":"gap","seq":0}\nx\n')
    await expect(collect(readLog(folder))).rejects.toMatchObject({
      code: 'log.damaged',
      message: expect.stringContaining('byte 30') as string,
    })
  })

  test('stops when the reader does', async () => {
    for await (const entry of readLog(world.folder)) {
      expect(entry.seq).toBe(0)
      break
    }
  })
})
