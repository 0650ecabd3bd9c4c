import { generateKeyPairSync } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sampleCompletion, sampleDecision } from '../../../../test/support/log-records.ts'
import { makeFolder } from '../../../../test/support/log.ts'
import { createNoteSigner, createNoteVerifier } from '../lib/signed-note.ts'
import type { LogRecord } from '../model/log-record.ts'
import { makeCheckpoint } from './checkpoint-file.ts'
import { createCompactRange, hashToBytes, leafHashAt, type RangeState } from './compact-range.ts'
import { encodeRecord } from './encode-record.ts'
import { checkpointsPath, leavesPath, segmentHead, segmentPath } from './segments.ts'
import { verifyLog } from './verify-log.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const signerOf = (origin: string) => createNoteSigner(origin, privateKey)
const keys = ['log.example/a', 'log.example/b'].map((name) => createNoteVerifier(name, publicKey))

const hashOf = (line: string): string => leafHashAt(Buffer.from(`\n${line}`, 'latin1'), 1, 1 + line.length)

interface Made {
  /** Lines by segment. */
  readonly segments: readonly (readonly string[])[]
  /** The tree after so many lines. */
  readonly states: readonly RangeState[]
}

const recordOf = (seq: number): LogRecord => (seq === 7 ? sampleDecision(seq) : sampleCompletion(`c${seq}`))

/** A log of segments of so many records, their heads counted. */
const makeLines = (sizes: readonly number[], recordAt = recordOf): Made => {
  const range = createCompactRange()
  const states = [range.state()]
  const segments = sizes.map((size) =>
    Array.from({ length: size }, (_, index) => {
      const record = index === 0 ? segmentHead('log.example/a', range.state(), 5) : recordAt(range.size)
      const line = encodeRecord(record, range.size)
      range.append(hashOf(line))
      states.push(range.state())
      return line
    }),
  )
  return { segments, states }
}

const noteOf = (state: RangeState, origin = 'log.example/a'): string => makeCheckpoint(signerOf(origin), state)

const MADE = makeLines([4, 4, 4])
const ALL = MADE.segments.flat()
const FIRSTS = [0, 4, 8]

interface Written {
  readonly lines?: readonly string[]
  /** Whose hashes are kept; the untouched ones by default. */
  readonly kept?: readonly string[]
  /** Sizes that are signed for. */
  readonly signed?: readonly number[]
  readonly without?: readonly number[]
}

/** Writes the log of MADE with other lines, kept hashes or checkpoints. */
const write = ({ lines = ALL, kept = ALL, signed = [12], without = [] }: Written): string => {
  const folder = makeFolder()
  for (const first of FIRSTS) {
    const end = first === 8 ? Number.POSITIVE_INFINITY : first + 4
    writeFileSync(
      segmentPath(folder, first),
      lines
        .slice(first, end)
        .map((line) => `${line}\n`)
        .join(''),
      'latin1',
    )
    writeFileSync(leavesPath(folder, first), hashToBytes(kept.slice(first, end).map(hashOf).join('')))
    if (without.includes(first)) rmSync(leavesPath(folder, first))
  }
  writeFileSync(checkpointsPath(folder), signed.map((size) => noteOf(MADE.states[size] as RangeState)).join(''))
  return folder
}

const altered = (...seqs: readonly number[]): readonly string[] =>
  ALL.map((line, seq) => (seqs.includes(seq) ? line.replace('"at":', '"at":1') : line))

const verify = (written: Written) => verifyLog(write(written), { keys })
const faulty = (kind: string, seq: number | readonly [number, number], why: string) => {
  const [first, until] = typeof seq === 'number' ? [seq, null] : seq
  return { ok: false, fault: { kind, seq: first, until, why } }
}
/** One of these. */
const among = (first: number, until: number) => [first, until] as const
const STATE = 'a segment does not begin with the state of the tree before it'
const NOT_SIGNED = (size: number) => `the records before ${size} are not those that were signed`

test('an untouched log is whole, whatever it is that was signed', async () => {
  for (const signed of [[12], [1, 12], [3, 4, 5, 12], [12, 12], Array.from({ length: 12 }, (_, index) => index + 1)]) {
    expect(await verify({ signed })).toMatchObject({ ok: true, records: 12, signed: 12, checkpoints: signed.length, torn: 0 })
  }
})

describe('a record that is not the one that was signed', () => {
  const rows: readonly { note: string; written: Written; found: object }[] = [
    { note: 'is named by its kept hash', written: { lines: altered(9) }, found: faulty('altered', 9, NOT_SIGNED(12)) },
    { note: 'before the state that a head tells', written: { lines: altered(6) }, found: faulty('altered', 6, STATE) },
    { note: 'the first of several', written: { lines: altered(5, 6, 9) }, found: faulty('altered', 5, STATE) },
    { note: 'the first', written: { lines: altered(0), signed: [4, 12] }, found: faulty('altered', 0, NOT_SIGNED(4)) },
    { note: 'the last', written: { lines: altered(11) }, found: faulty('altered', 11, NOT_SIGNED(12)) },
    {
      note: 'before the first of several checkpoints',
      written: { lines: altered(2), signed: [3, 12] },
      found: faulty('altered', 2, NOT_SIGNED(3)),
    },
    { note: 'behind it', written: { lines: altered(3), signed: [3, 4, 12] }, found: faulty('altered', 3, NOT_SIGNED(4)) },
    {
      note: 'with its kept hash: one of those since the last checkpoint',
      written: { lines: altered(6), kept: altered(6), signed: [3, 5, 8, 12] },
      found: faulty('altered', among(5, 7), NOT_SIGNED(8)),
    },
    {
      note: 'with its kept hash, before the state that a head tells: one of those, or the head',
      written: { lines: altered(6), kept: altered(6), signed: [3, 5, 12] },
      found: faulty('altered', among(5, 8), STATE),
    },
    {
      note: 'with its kept hash, alone since the last checkpoint',
      written: { lines: altered(6), kept: altered(6), signed: [6, 7, 12] },
      found: faulty('altered', 6, NOT_SIGNED(7)),
    },
    {
      note: 'with its kept hash, and another kept hash is wrong: not that one alone',
      written: { lines: altered(9), kept: altered(9, 10), signed: [9, 12] },
      found: faulty('altered', among(9, 11), NOT_SIGNED(12)),
    },
    {
      note: 'and a kept hash behind it is wrong',
      written: { lines: altered(9), kept: altered(11), signed: [5, 12] },
      found: faulty('altered', among(5, 11), NOT_SIGNED(12)),
    },
    {
      note: 'without kept hashes: one of those since the last checkpoint',
      written: { lines: altered(9), without: [8], signed: [5, 12] },
      found: faulty('altered', among(5, 11), NOT_SIGNED(12)),
    },
    {
      note: 'without kept hashes, before the state that a head tells',
      written: { lines: altered(6), without: [4], signed: [5, 12] },
      found: faulty('altered', among(5, 8), STATE),
    },
    {
      note: 'behind records without kept hashes',
      written: { lines: altered(9), without: [4], signed: [5, 12] },
      found: faulty('altered', 9, NOT_SIGNED(12)),
    },
    {
      note: 'not signed yet',
      written: { lines: altered(10), signed: [9] },
      found: faulty('altered', 10, 'the record is not the one whose hash was kept'),
    },
    {
      note: 'that is no record, behind one that differs',
      written: { lines: altered(9).with(10, 'x') },
      found: faulty('altered', 9, 'a line is not a record'),
    },
    { note: 'that is no record', written: { lines: ALL.with(9, 'x') }, found: faulty('altered', 9, 'a line is not a record') },
    {
      note: 'of another number',
      written: { lines: ALL.with(5, ALL[6] as string) },
      found: faulty('missing', 5, 'record 6 stands where 5 must'),
    },
    {
      note: 'of another number, behind one that differs',
      written: { lines: altered(5).with(6, ALL[7] as string) },
      found: faulty('altered', 5, 'record 7 stands where 6 must'),
    },
  ]
  test.each(rows)('$note', async ({ written, found }) => expect(await verify(written)).toEqual(found))

  test('kept hashes that are wrong accuse nobody when the root is right', async () => {
    expect(await verify({ kept: altered(2, 6), signed: [5, 12] })).toMatchObject({ ok: true, records: 12 })
    // Until it is signed for, which of the two was changed cannot be told.
    expect(await verify({ kept: altered(10), signed: [9] })).toEqual(
      faulty('altered', 10, 'the record is not the one whose hash was kept'),
    )
  })
})

describe('the head of a segment', () => {
  const otherState = (line: string): string =>
    line.replace(/"hashes":\["../, (text) => `${text.slice(0, -2)}${text.endsWith('00') ? '11' : '00'}`)
  const rows: readonly { note: string; written: Written; found: object }[] = [
    {
      note: 'with another state',
      written: { lines: ALL.with(4, otherState(ALL[4] as string)) },
      found: faulty('altered', 4, STATE),
    },
    {
      note: 'with another state, and its kept hash: one of those before it, or the head',
      written: { lines: ALL.with(4, otherState(ALL[4] as string)), kept: ALL.with(4, otherState(ALL[4] as string)) },
      found: faulty('altered', among(0, 4), STATE),
    },
    {
      note: 'with another state, and its kept hash, when all before it is signed',
      written: {
        lines: ALL.with(4, otherState(ALL[4] as string)),
        kept: ALL.with(4, otherState(ALL[4] as string)),
        signed: [4, 12],
      },
      found: faulty('altered', 4, STATE),
    },
    {
      note: 'with another state, and without kept hashes',
      written: { lines: ALL.with(4, otherState(ALL[4] as string)), without: [4], signed: [3, 12] },
      found: faulty('altered', among(3, 4), STATE),
    },
    {
      note: 'that is none',
      written: { lines: ALL.with(8, (ALL[8] as string).replace('log.segment', 'log.opened')) },
      found: faulty('altered', 8, STATE),
    },
    {
      note: 'that is none, behind a record that differs',
      written: { lines: altered(6).with(8, (ALL[8] as string).replace('log.segment', 'log.opened')), signed: [5, 12] },
      found: faulty('altered', among(5, 8), STATE),
    },
    {
      note: 'with another state, behind a record that differs',
      written: { lines: altered(2).with(4, otherState(ALL[4] as string)), signed: [1, 12] },
      found: faulty('altered', among(1, 4), STATE),
    },
    {
      note: 'of the first segment',
      written: { lines: ALL.with(0, encodeRecord(sampleCompletion('x'), 0)) },
      found: faulty('altered', 0, STATE),
    },
  ]
  test.each(rows)('$note', async ({ written, found }) => expect(await verify(written)).toEqual(found))
})

describe('segments', () => {
  test('one that is not the last ends in half a record', async () => {
    const folder = write({})
    writeFileSync(segmentPath(folder, 0), `${ALL.slice(0, 4).join('\n')}\n{"at":1`, 'latin1')
    expect(await verifyLog(folder, { keys })).toEqual(
      faulty('altered', 4, 'a segment that is not the last ends in half a record'),
    )
  })

  test('one is gone, or begins elsewhere', async () => {
    const folder = write({})
    rmSync(segmentPath(folder, 4))
    expect(await verifyLog(folder, { keys })).toEqual(faulty('missing', 4, 'a segment begins with record 8'))
  })

  test('the end of a log that has none', async () => {
    const folder = makeFolder()
    expect(await verifyLog(folder, { keys })).toEqual(faulty('missing', 0, 'there is no log here'))
    writeFileSync(checkpointsPath(folder), noteOf(MADE.states[5] as RangeState))
    expect(await verifyLog(folder, { keys })).toEqual(faulty('missing', 0, 'the log ends before record 0, and 5 were signed'))
  })
})

describe('an earlier checkpoint', () => {
  const earlier = (size: number, origin?: string) => noteOf(MADE.states[size] as RangeState, origin).slice(0, -1)
  const rows: readonly { note: string; written: Written; earlierCheckpoint: string; found: object }[] = [
    { note: 'of the log', written: {}, earlierCheckpoint: earlier(5), found: { ok: true, checkpoints: 1 } },
    { note: 'of all of it', written: {}, earlierCheckpoint: earlier(12), found: { ok: true, checkpoints: 1 } },
    {
      note: 'of more than is signed in the folder',
      written: { signed: [4] },
      earlierCheckpoint: earlier(9),
      found: { ok: true, signed: 4 },
    },
    {
      note: 'of a log that was longer',
      written: { lines: ALL.slice(0, 10), signed: [9] },
      earlierCheckpoint: earlier(12),
      found: faulty('missing', 10, 'the log ends before record 10, and 12 were signed'),
    },
    {
      note: 'of a log that was longer than what is signed in the folder, too',
      written: { lines: ALL.slice(0, 10), signed: [9, 11] },
      earlierCheckpoint: earlier(5),
      found: faulty('missing', 10, 'the log ends before record 10, and 11 were signed'),
    },
    {
      note: 'of other records',
      written: {},
      earlierCheckpoint: noteOf(makeLines([6], (seq) => sampleCompletion(`other-${seq}`)).states[6] as RangeState).slice(0, -1),
      found: faulty('rewritten', among(0, 5), 'the log does not begin with the records of the earlier checkpoint'),
    },
    {
      note: 'of another log',
      written: {},
      earlierCheckpoint: earlier(5, 'log.example/b'),
      found: faulty('checkpoint', 0, 'the earlier checkpoint is that of log.example/b, this log is log.example/a'),
    },
    {
      note: 'that is none',
      written: {},
      earlierCheckpoint: 'x',
      found: faulty('checkpoint', 0, 'the earlier checkpoint: not a signed note'),
    },
  ]
  test.each(rows)('$note', async ({ written, earlierCheckpoint, found }) => {
    expect(await verifyLog(write(written), { keys, earlierCheckpoint })).toMatchObject(found)
  })

  test('of another log, beside checkpoints that cannot be read: those are told', async () => {
    const folder = write({})
    writeFileSync(checkpointsPath(folder), 'x\n\n\u2014 x y\n\n')
    expect(await verifyLog(folder, { keys, earlierCheckpoint: earlier(5, 'log.example/b') })).toEqual(
      faulty('checkpoint', 0, 'not a signed note'),
    )
  })
})

describe('records that nothing vouches for', () => {
  const spanning = (ms: number) => makeLines([4, 4, 4], (seq) => sampleDecision(seq === 11 ? ms : 0))
  const NOBODY = (seq: number) => `no checkpoint vouches for record ${seq} and those after it`

  test.each([
    { ms: 60_000, maxUnsigned: undefined, ok: true },
    { ms: 60_001, maxUnsigned: undefined, ok: false },
    { ms: 70_000, maxUnsigned: 70_000, ok: true },
    { ms: 70_000, maxUnsigned: 69_999, ok: false },
  ])('decisions over $ms ms behind the last checkpoint, of $maxUnsigned: $ok', async ({ ms, maxUnsigned, ok }) => {
    const made = spanning(ms)
    const folder = write({ lines: made.segments.flat(), kept: made.segments.flat(), signed: [] })
    writeFileSync(checkpointsPath(folder), noteOf(made.states[5] as RangeState))
    const found = await verifyLog(folder, { keys, ...(maxUnsigned === undefined ? {} : { maxUnsigned }) })
    expect(found).toMatchObject(ok ? { ok, signed: 5, checkpoints: 1 } : faulty('unsigned', 5, NOBODY(5)))
  })

  test('other records may tell of what was long before', async () => {
    const made = makeLines([4, 4, 4], (seq) => sampleCompletion(`c${seq}`, { at: seq * 100_000 }))
    const folder = write({ lines: made.segments.flat(), kept: made.segments.flat(), signed: [] })
    writeFileSync(checkpointsPath(folder), noteOf(made.states[5] as RangeState))
    expect(await verifyLog(folder, { keys })).toMatchObject({ ok: true, signed: 5 })
  })

  test('a log that was never signed', async () => {
    expect(await verify({ signed: [] })).toEqual(faulty('unsigned', 0, NOBODY(0)))
  })
})
