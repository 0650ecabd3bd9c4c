import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFaultyDisk, type Fault, type FaultyDisk } from '../../../../test/support/faulty-disk.ts'
import { sampleCompletion } from '../../../../test/support/log-records.ts'
import { appendMany, type LogWorld, makeLogWorld, readAll, idsOf } from '../../../../test/support/log.ts'
import type { GapRecord } from '../model/log-record.ts'
import type { DecisionLogOptions, OpenedLog } from './decision-log.ts'
import type { LogEntry } from './log-lines.ts'
import { verifyLog } from './verify-log.ts'

interface Trouble {
  readonly world: LogWorld
  readonly faulty: FaultyDisk
  readonly log: OpenedLog
}

/** Fast, but for what would take a slow disk for a hung one. */
const TIMES = { group: 1, checkpoint: 60_000, retry: 5, hung: 5_000 }

const IMPATIENT = { ...TIMES, hung: 800 }

const openFaulty = async (options: Partial<DecisionLogOptions> = {}): Promise<Trouble> => {
  const world = makeLogWorld()
  const faulty = createFaultyDisk(world.folder)
  const log = await world.open({ ...options, disk: faulty.disk, times: { ...TIMES, ...options.times } })
  return { world, faulty, log }
}

const gapsOf = (entries: readonly LogEntry[]): readonly GapRecord[] =>
  entries.flatMap(({ record }) => (record.kind === 'gap' ? [record] : []))

/** Closes the log; it must be whole, each record once. */
const finish = async ({ world, log }: Trouble): Promise<readonly LogEntry[]> => {
  await log.close()
  const entries = await readAll(world.folder)
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index))
  expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({
    ok: true,
    records: entries.length,
    signed: entries.length,
  })
  return entries
}

const names = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

const faults: readonly { note: string; fault: Fault; cause: string }[] = [
  { note: 'a full disk', fault: { calls: ['write'], code: 'ENOSPC' }, cause: 'disk.full' },
  { note: 'a full disk, after part of a record', fault: { calls: ['write'], code: 'ENOSPC', partial: 57 }, cause: 'disk.full' },
  {
    note: 'a full disk, after nearly all of the group',
    fault: { calls: ['write'], code: 'ENOSPC', partial: 600 },
    cause: 'disk.full',
  },
  { note: 'a quota', fault: { calls: ['write'], code: 'EDQUOT' }, cause: 'disk.full' },
  { note: 'a limit of file size', fault: { calls: ['write'], code: 'EFBIG', partial: 100 }, cause: 'disk.full' },
  { note: 'a disk turned read-only', fault: { calls: ['write', 'open', 'truncate'], code: 'EROFS' }, cause: 'disk.read_only' },
  { note: 'an error of the device', fault: { calls: ['write'], code: 'EIO', partial: 3 }, cause: 'disk.failed' },
  {
    note: 'a write that fails when all of it is there: it cannot be trusted',
    fault: { calls: ['write'], code: 'EIO', partial: 1 << 20 },
    cause: 'disk.failed',
  },
  { note: 'a cut that fails as well', fault: { calls: ['write', 'truncate'], code: 'EIO', partial: 200 }, cause: 'disk.failed' },
]

describe('a disk in trouble', () => {
  test.each(faults)('$note: not durable, kept, and written once when it can be', async ({ fault, cause }) => {
    const trouble = await openFaulty()
    const { log, faulty, world } = trouble
    expect(await appendMany(log, 3, 'before-')).toEqual([true, true, true])
    faulty.set(fault)
    expect(await appendMany(log, 3, 'during-')).toEqual([false, false, false])
    // Known to be in trouble: said at once, before any attempt.
    const receipt = log.append(sampleCompletion('late-0'))
    expect([receipt.accepted, await receipt.durable()]).toEqual([true, false])
    expect(log.status().trouble).toBe(cause)
    await expect.poll(faulty.hits).toBeGreaterThan(4)
    faulty.set(null)
    await expect.poll(() => log.status().trouble).toBeNull()
    expect(await appendMany(log, 2, 'after-')).toEqual([true, true])
    const entries = await finish(trouble)
    expect(idsOf(entries)).toEqual([...names(3, 'before-'), ...names(3, 'during-'), 'late-0', ...names(2, 'after-')])
    expect(gapsOf(entries)).toEqual([])
    expect(world.troubles.map(({ kind }) => kind)).toEqual(['began', 'ended'])
  })

  test('trouble at the start of a segment', async () => {
    const trouble = await openFaulty({ segmentBytes: 600 })
    const { log, faulty } = trouble
    await appendMany(log, 6, 'before-')
    faulty.set({ calls: ['open'], code: 'ENOSPC' })
    expect(await appendMany(log, 2, 'during-')).toEqual([false, false])
    faulty.set({ calls: ['write'], code: 'ENOSPC', partial: 30 })
    const hits = faulty.hits()
    await expect.poll(faulty.hits).toBeGreaterThan(hits + 2)
    faulty.set(null)
    await expect.poll(() => log.status().trouble).toBeNull()
    const entries = await finish(trouble)
    expect(idsOf(entries)).toEqual([...names(6, 'before-'), ...names(2, 'during-')])
  })

  // What counts as hung is a span of real time: on a crowded machine an honest write may take as long, and is told as trouble too.
  test('a write that hangs: known before it returns, and the loop goes on', { retry: 3 }, async () => {
    const trouble = await openFaulty({ times: IMPATIENT })
    const { log, faulty, world } = trouble
    faulty.set({ calls: ['write'], code: 'hang' })
    expect(await appendMany(log, 3, 'during-')).toEqual([false, false, false])
    expect(log.status().trouble).toBe('disk.hung')
    expect(await log.append(sampleCompletion('late-0')).durable()).toBe(false)
    faulty.set(null)
    await expect.poll(() => log.status().trouble).toBeNull()
    expect(await appendMany(log, 1, 'after-')).toEqual([true])
    expect(idsOf(await finish(trouble))).toEqual([...names(3, 'during-'), 'late-0', 'after-0'])
    expect(world.troubles.map(({ kind, cause }) => `${kind} ${cause}`)).toEqual(['began disk.hung', 'ended disk.hung'])
  })

  test('a hung write that fails in the end', async () => {
    const trouble = await openFaulty({ times: IMPATIENT })
    const { log, faulty } = trouble
    faulty.set({ calls: ['write'], code: 'hang' })
    expect(await appendMany(log, 2, 'during-')).toEqual([false, false])
    faulty.set({ calls: ['write'], code: 'EIO' })
    await expect.poll(() => log.status().trouble).toBe('disk.failed')
    faulty.set(null)
    await expect.poll(() => log.status().trouble).toBeNull()
    expect(idsOf(await finish(trouble))).toEqual(names(2, 'during-'))
  })

  test('checkpoints that cannot be written leave records durable, and are made up for', async () => {
    const trouble = await openFaulty({ times: { ...TIMES, checkpoint: 10 } })
    const { log, faulty, world } = trouble
    await expect.poll(() => log.status().signed).toBe(2)
    // The files of the segment are open: only that of the checkpoints is opened now.
    faulty.set({ calls: ['open'], code: 'ENOSPC' })
    expect(await appendMany(log, 3)).toEqual([true, true, true])
    await expect.poll(() => world.troubles.length).toBeGreaterThan(1)
    expect(world.troubles[0]).toEqual({ kind: 'checkpoint', cause: 'disk.full', lost: 0 })
    expect(log.status()).toMatchObject({ durable: 5, signed: 2, trouble: null })
    faulty.set(null)
    await expect.poll(() => log.status().signed).toBe(5)
    await finish(trouble)
  })
})

describe('the window', () => {
  const full = { calls: ['write'], code: 'ENOSPC' } as const

  test('when it is full records are refused and counted, and a gap says how many, from when, until when and why', async () => {
    const trouble = await openFaulty({ window: { records: 5 } })
    const { log, faulty, world } = trouble
    faulty.set(full)
    expect(await log.append(sampleCompletion('kept-0')).durable()).toBe(false)
    const began = Date.now()
    const receipts = names(10, 'more-').map((id) => log.append(sampleCompletion(id)))
    expect(receipts.map(({ accepted }) => accepted)).toEqual([...Array(4).fill(true), ...Array(6).fill(false)])
    expect(await receipts[9]?.durable()).toBe(false)
    expect(log.status().lost).toBe(6)
    faulty.set(null)
    await expect.poll(() => log.status().trouble).toBeNull()
    await appendMany(log, 1, 'after-')
    const entries = await finish(trouble)
    expect(idsOf(entries)).toEqual(['kept-0', ...names(4, 'more-'), 'after-0'])
    const [gap, ...others] = gapsOf(entries)
    expect(others).toEqual([])
    expect(gap).toMatchObject({ lost: 6, cause: 'disk.full' })
    expect(gap?.from).toBeGreaterThanOrEqual(began)
    expect(gap?.until).toBeGreaterThanOrEqual(gap?.from ?? Infinity)
    // It stands where the lost records would.
    const order = entries.map(({ record }) => (record.kind === 'completion' ? record.id : record.kind))
    expect(order.slice(order.indexOf('more-3'))).toEqual(['more-3', 'gap', 'after-0', 'administration'])
    expect(world.troubles).toEqual([
      { kind: 'began', cause: 'disk.full', lost: 0 },
      { kind: 'ended', cause: 'disk.full', lost: 6 },
    ])
  })

  test('bytes fill it as well', async () => {
    const { log, faulty } = await openFaulty({ window: { bytes: 1_000 } })
    faulty.set(full)
    const accepted = names(30, 'x').map((id) => log.append(sampleCompletion(id)).accepted)
    expect(accepted.filter(Boolean).length).toBeGreaterThan(4)
    expect(accepted.at(-1)).toBe(false)
    expect(log.status().waiting.bytes).toBeLessThan(1_000 + 200)
    faulty.set(null)
  })

  test('so does age, while the disk is in trouble', async () => {
    const trouble = await openFaulty({ window: { ms: 40 } })
    const { log, faulty } = trouble
    faulty.set(full)
    expect(await appendMany(log, 1, 'kept-')).toEqual([false])
    await expect.poll(() => log.append(sampleCompletion('more')).accepted).toBe(false)
    faulty.set(null)
    await expect.poll(() => log.status().trouble).toBeNull()
    const entries = await finish(trouble)
    const lost = gapsOf(entries).reduce((sum, gap) => sum + gap.lost, 0)
    expect(lost).toBeGreaterThan(0)
    expect(idsOf(entries)[0]).toBe('kept-0')
  })

  test('a burst that is faster than the disk is refused as much, with a gap', async () => {
    const trouble = await openFaulty({ window: { records: 100 } })
    const { log } = trouble
    const accepted = names(150, 'b').map((id) => log.append(sampleCompletion(id)).accepted)
    expect(accepted.filter(Boolean)).toHaveLength(100)
    await expect.poll(() => log.status().waiting.records).toBe(0)
    const entries = await finish(trouble)
    expect(gapsOf(entries)).toMatchObject([{ lost: 50, cause: 'window.full' }])
    expect(idsOf(entries)).toEqual(names(100, 'b'))
  })

  test('what cannot be written before the log is closed is counted, and closing ends', async () => {
    const { log, faulty, world } = await openFaulty({ window: { records: 3 } })
    faulty.set(full)
    await appendMany(log, 5, 'x')
    await log.close()
    // Three waited; two were refused; the gap and the record of the closing could not be written either.
    expect(world.troubles.at(-1)).toMatchObject({ kind: 'closed', cause: 'disk.full' })
    expect(world.troubles.at(-1)?.lost).toBeGreaterThanOrEqual(5)
    faulty.set(null)
    const again = await world.open()
    expect(await appendMany(again, 1)).toEqual([true])
    await again.close()
    expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({ ok: true })
  })

  test('closing ends though the disk hangs, and the lock stays with the process that may still write', async () => {
    const { log, faulty, world } = await openFaulty({ times: IMPATIENT })
    faulty.set({ calls: ['write'], code: 'hang' })
    log.append(sampleCompletion('x'))
    await log.close()
    expect(await world.tryOpen()).toMatchObject({ ok: false, code: 'log.busy' })
    faulty.set(null)
  })
})

describe('any course of faults', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({
      kind: fc.constant('fault' as const),
      calls: fc.subarray(['write', 'sync', 'open', 'truncate'] as const, { minLength: 1 }),
      code: fc.constantFrom('ENOSPC', 'EIO', 'EROFS'),
      partial: fc.integer({ min: 0, max: 900 }),
    }),
    fc.record({ kind: fc.constant('lift' as const) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 12 }) }),
  )

  test('loses nothing in silence: accepted records are there once and in order, gaps count the others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const trouble = await openFaulty({
          segmentBytes: 1_500,
          window: { records: 25 },
          times: { ...TIMES, retry: 2, checkpoint: 7 },
        })
        const { log, faulty, world } = trouble
        const accepted: string[] = []
        const durable: Promise<string | null>[] = []
        let made = 0
        for (const action of steps) {
          if (action.kind === 'fault') faulty.set(action)
          if (action.kind === 'lift') faulty.set(null)
          if (action.kind === 'wait') await new Promise((resolve) => setTimeout(resolve, action.ms))
          for (let i = 0; action.kind === 'append' && i < action.count; i++) {
            const id = `p${made++}`
            const receipt = log.append(sampleCompletion(id))
            if (receipt.accepted) accepted.push(id)
            durable.push(receipt.durable().then((isDurable) => (isDurable ? id : null)))
          }
        }
        faulty.set(null)
        await expect.poll(() => log.status().trouble).toBeNull()
        const entries = await finish(trouble)
        expect(idsOf(entries)).toEqual(accepted)
        expect(gapsOf(entries).reduce((sum, gap) => sum + gap.lost, 0)).toBe(made - accepted.length)
        const said = (await Promise.all(durable)).filter((id) => id !== null)
        expect(new Set(accepted).isSupersetOf(new Set(said))).toBe(true)
        expect(readdirSync(world.folder).filter((name) => name.includes('torn'))).toEqual([])
        expect(readFileSync(join(world.folder, 'checkpoints'), 'utf8')).toMatch(/\n\n$/)
      }),
      { numRuns: 25 },
    )
  })
})
