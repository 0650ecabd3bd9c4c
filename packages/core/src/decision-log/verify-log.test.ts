import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendMany, type LogWorld, makeFolder, makeLogWorld, ORIGIN, segmentsOf } from '../../../../test/support/log.ts'
import { sampleDecision } from '../../../../test/support/log-records.ts'
import { createNoteSigner, createNoteVerifier } from '../lib/signed-note.ts'
import { makeCheckpoint } from './checkpoint-file.ts'
import { createCompactRange, hashToBytes, leafHashAt } from './compact-range.ts'
import { type LogVerification, type VerifyOptions, verifyLog } from './verify-log.ts'

/** The records of a log, each with the file it stands in. */
interface Line {
  readonly segment: string
  readonly text: string
}

const linesOf = (folder: string): readonly Line[] =>
  segmentsOf(folder).flatMap((segment) => {
    const texts = readFileSync(join(folder, segment), 'latin1').trimEnd().split('\n')
    return texts.map((text) => ({ segment, text }))
  })

const notesOf = (folder: string): readonly string[] =>
  readFileSync(join(folder, 'checkpoints'), 'utf8')
    .split(`${ORIGIN}\n`)
    .filter((part) => part !== '')
    .map((part) => `${ORIGIN}\n${part}`)

const sizeOf = (note: string): number => Number(note.split('\n')[1])

let world: LogWorld
let lines: readonly Line[]
let notes: readonly string[]

beforeAll(async () => {
  world = makeLogWorld(afterAll)
  const log = await world.open({ segmentBytes: 5_000, times: { group: 1, checkpoint: 15, retry: 5, hung: 5_000 } })
  for (let i = 0; i < 25; i++) {
    await appendMany(log, 4, `x${i}-`)
    if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 30))
  }
  await log.close()
  lines = linesOf(world.folder)
  notes = notesOf(world.folder)
})

const writeLines = (folder: string, changed: readonly Line[]): void => {
  for (const segment of segmentsOf(folder)) {
    const texts = changed.filter((line) => line.segment === segment).map(({ text }) => `${text}\n`)
    writeFileSync(join(folder, segment), texts.join(''), 'latin1')
  }
}

const copyLog = (): string => {
  const folder = makeFolder()
  cpSync(world.folder, folder, { recursive: true })
  return folder
}

const verify = (folder: string, options: Partial<VerifyOptions> = {}): Promise<LogVerification> =>
  verifyLog(folder, { keys: world.keys, ...options })

const verifyChanged = (changed: readonly Line[], options: Partial<VerifyOptions> = {}): Promise<LogVerification> => {
  const folder = copyLog()
  writeLines(folder, changed)
  return verify(folder, options)
}

/** The same record, one millisecond off. */
const altered = ({ segment, text }: Line): Line => ({
  segment,
  text: text.replace(/"at":(\d+)/, (_, at: string) => `"at":${Number(at) + 1}`),
})

const lineAt = (index: number): Line => lines[index] as Line

test('an untouched log is whole', async () => {
  expect(segmentsOf(world.folder).length).toBeGreaterThan(2)
  expect(notes.length).toBeGreaterThan(5)
  const last = lines.length
  expect(await verify(world.folder)).toEqual({
    ok: true,
    records: last,
    signed: last,
    checkpoints: notes.length,
    root: Buffer.from(notes.at(-1)?.split('\n')[2] ?? '', 'base64').toString('hex'),
    torn: 0,
  })
  expect(await verifyChanged(lines)).toMatchObject({ ok: true })
  for (const earlierCheckpoint of notes.map((note) => note.replace(/\n$/, ''))) {
    expect(await verify(world.folder, { earlierCheckpoint })).toMatchObject({ ok: true })
  }
})

test('records of sessions, confirmed or not, are whole, and read back as they were', async () => {
  const own = makeLogWorld()
  const log = await own.open()
  const { who } = sampleDecision(1)
  const records = [{}, { unconfirmed: true as const }].map((more, i) =>
    sampleDecision(i, { who: who && { ...who, credential: 'session', ...more } }),
  )
  await Promise.all(records.map((record) => log.append(record).durable()))
  await log.close()
  expect(await verifyLog(own.folder, { keys: own.keys })).toMatchObject({ ok: true })
  const kept = linesOf(own.folder).map(({ text }) => JSON.parse(text) as { readonly kind: string })
  expect(kept.filter(({ kind }) => kind === 'decision')).toMatchObject(records)
})

test('it says how far it has come', async () => {
  const seen: number[] = []
  await verify(world.folder, { onProgress: ({ records }) => seen.push(records) })
  expect(seen.at(-1)).toBe(lines.length)
})

describe('the first bad record is named', () => {
  const position = () => fc.integer({ min: 0, max: lines.length - 1 })
  const forAll = (tamper: (k: number) => readonly Line[], kinds: readonly string[]) =>
    fc.assert(
      fc.asyncProperty(position(), async (k) => {
        const result = await verifyChanged(tamper(k))
        expect(result).toMatchObject({ ok: false, fault: { seq: k, until: null } })
        expect(kinds).toContain(result.ok ? '' : result.fault.kind)
      }),
      { numRuns: 25 },
    )

  test('delete', () => forAll((k) => lines.toSpliced(k, 1), ['missing']))

  test('delete two', () =>
    forAll((k) => lines.filter((_, index) => index !== k && index !== Math.min(k + 3, lines.length - 1)), ['missing']))

  test('alter', () => forAll((k) => lines.with(k, altered(lineAt(k))), ['altered']))

  test('alter one and then all that follow', () =>
    forAll((k) => lines.map((line, index) => (index < k ? line : altered(line))), ['altered']))

  test('alter into what is no record', () =>
    forAll((k) => lines.with(k, { ...lineAt(k), text: lineAt(k).text.slice(1) }), ['altered']))

  test('insert with the number of the place', () => forAll((k) => lines.toSpliced(k, 0, altered(lineAt(k))), ['altered']))

  test('repeat the record before', () =>
    forAll(
      (k) => lines.toSpliced(k, 0, { ...lineAt(k), text: lineAt(Math.max(0, k - 1)).text.replace('{', '{ ') }),
      ['missing', 'altered'],
    ))

  test('insert and number all that follow anew', () =>
    forAll(
      (k) => {
        const inserted = lines.toSpliced(k, 0, altered(lineAt(k)))
        return inserted.map(({ segment, text }, index) => ({ segment, text: text.replace(/"seq":\d+/, `"seq":${index}`) }))
      },
      ['altered', 'missing'],
    ))

  test('truncate', () => forAll((k) => lines.slice(0, k), ['missing']))

  test('truncate within a record', () =>
    fc.assert(
      fc.asyncProperty(position(), fc.double({ min: 0.01, max: 0.99, noNaN: true }), async (k, part) => {
        const folder = copyLog()
        writeLines(folder, lines.slice(0, k))
        const { segment, text } = lineAt(k)
        appendFileSync(join(folder, segment), text.slice(0, Math.max(1, Math.floor(text.length * part))), 'latin1')
        // Segments behind it are gone, as after a truncation; then only the last one ends in half a record.
        for (const name of segmentsOf(folder)) if (name > segment) rmSync(join(folder, name))
        expect(await verify(folder)).toMatchObject({ ok: false, fault: { kind: 'missing', seq: k } })
      }),
      { numRuns: 25 },
    ))

  test('reorder', () =>
    fc.assert(
      fc.asyncProperty(position(), position(), async (a, b) => {
        fc.pre(a !== b)
        const [i, j] = [Math.min(a, b), Math.max(a, b)]
        const swapped = lines.with(i, { ...lineAt(i), text: lineAt(j).text }).with(j, { ...lineAt(j), text: lineAt(i).text })
        expect(await verifyChanged(swapped)).toMatchObject({ ok: false, fault: { kind: 'missing', seq: i } })
      }),
      { numRuns: 25 },
    ))

  test('a segment that is gone', async () => {
    for (const segment of segmentsOf(world.folder)) {
      const folder = copyLog()
      rmSync(join(folder, segment))
      expect(await verify(folder)).toMatchObject({ ok: false, fault: { kind: 'missing', seq: Number(segment.slice(0, 12)) } })
    }
  })

  test('a segment of another name', async () => {
    const folder = copyLog()
    const [, second = ''] = segmentsOf(folder)
    cpSync(join(folder, second), join(folder, '000000000001.log'))
    expect(await verify(folder)).toMatchObject({ ok: false, fault: { kind: 'missing', seq: Number(second.slice(0, 12)) } })
  })
})

const hashLine = (text: string): string => {
  const buffer = Buffer.from(`\n${text}\n`, 'latin1')
  return leafHashAt(buffer, 1, buffer.length - 1)
}

const writeLeaves = (folder: string, changed: readonly Line[]): void => {
  for (const segment of segmentsOf(folder)) {
    const leaves = changed.filter((line) => line.segment === segment).map(({ text }) => hashLine(text))
    writeFileSync(join(folder, segment.replace('.log', '.leaves')), hashToBytes(leaves.join('')))
  }
}

describe('who changes the kept hashes as well', () => {
  test('is found, and the record is one of those between two checkpoints', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: lines.length - 1 }), async (k) => {
        const folder = copyLog()
        const changed = lines.with(k, altered(lineAt(k)))
        writeLines(folder, changed)
        writeLeaves(folder, changed)
        const result = await verify(folder)
        if (result.ok) throw new Error('a changed log verified')
        const { kind, seq, until } = result.fault
        expect(kind).toBe('altered')
        expect(seq).toBeLessThanOrEqual(k)
        expect(until ?? seq).toBeGreaterThanOrEqual(k)
        const sizes = [0, ...notes.map(sizeOf)]
        expect(sizes).toContain(seq)
        expect(sizes).toContain((until ?? seq) + 1)
      }),
      { numRuns: 25 },
    )
  })

  test.each(['gone', 'cut', 'wrong'])('changes nothing by them alone: kept hashes %s', async (how) => {
    const folder = copyLog()
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.leaves'))) {
      if (how === 'gone') rmSync(join(folder, name))
      else writeFileSync(join(folder, name), how === 'cut' ? Buffer.alloc(33) : Buffer.alloc(64_000))
    }
    expect(await verify(folder)).toMatchObject({ ok: true, records: lines.length, signed: lines.length })
  })
})

/** The log from record `size` on written anew, and signed by whoever has the key. */
const rewrite = (folder: string, changed: readonly Line[], key: KeyObject | null): void => {
  writeLines(folder, changed)
  writeLeaves(folder, changed)
  const range = createCompactRange()
  for (const { text } of changed) range.append(hashLine(text))
  const note = key === null ? '' : makeCheckpoint(createNoteSigner(ORIGIN, key), range.state())
  writeFileSync(join(folder, 'checkpoints'), note)
}

describe('the checkpoints', () => {
  const earlier = () => (notes[2] as string).replace(/\n$/, '')

  test('of the end removed with the records they vouch for: found only with an earlier one', async () => {
    const folder = copyLog()
    const kept = sizeOf(notes[1] as string)
    writeLines(folder, lines.slice(0, kept))
    for (const name of segmentsOf(folder)) if (readFileSync(join(folder, name)).length === 0) rmSync(join(folder, name))
    writeFileSync(join(folder, 'checkpoints'), notes.slice(0, 2).join(''))
    expect(await verify(folder)).toMatchObject({ ok: true, records: kept })
    expect(await verify(folder, { earlierCheckpoint: earlier() })).toMatchObject({
      ok: false,
      fault: { kind: 'missing', seq: kept },
    })
  })

  test('written anew with the key: found only with an earlier one', async () => {
    const folder = copyLog()
    // A record without a state in it, so that the segments still agree with one another.
    const changed = lines.with(1, altered(lineAt(1)))
    rewrite(
      folder,
      changed.filter(({ segment }) => segment === lineAt(0).segment),
      world.key,
    )
    for (const name of segmentsOf(folder).slice(1)) rmSync(join(folder, name))
    expect(await verify(folder)).toMatchObject({ ok: true, checkpoints: 1 })
    const result = await verify(folder, { earlierCheckpoint: earlier() })
    expect(result).toMatchObject({ ok: false, fault: { kind: 'rewritten', seq: 0, until: sizeOf(earlier()) - 1 } })
  })

  test('signed by another key', async () => {
    const folder = copyLog()
    rewrite(folder, lines, generateKeyPairSync('ed25519').privateKey)
    expect(await verify(folder)).toMatchObject({ ok: false, fault: { kind: 'checkpoint', seq: 0 } })
    const keys = [createNoteVerifier(ORIGIN, generateKeyPairSync('ed25519').publicKey)]
    expect(await verify(world.folder, { keys })).toMatchObject({ ok: false, fault: { kind: 'checkpoint', seq: 0 } })
    expect(await verify(world.folder, { keys: [...keys, ...world.keys] })).toMatchObject({ ok: true })
  })

  const edits: readonly { note: string; edit: (all: readonly string[]) => string; seq: () => number }[] = [
    { note: 'a root', edit: (all) => all.join('').replace(/\n[A-Za-z0-9+/]{43}=\n/, `\n${'A'.repeat(43)}=\n`), seq: () => 0 },
    { note: 'a size', edit: (all) => all.join('').replace(/\n\d+\n/, '\n1\n'), seq: () => 0 },
    { note: 'the origin', edit: (all) => all.join('').replaceAll(`${ORIGIN}\n`, 'other.example/log\n'), seq: () => 0 },
    { note: 'the order', edit: (all) => all.toReversed().join(''), seq: () => lines.length },
    {
      note: 'one in the middle',
      edit: (all) => all.with(2, `${ORIGIN}\nx\n\n\u2014 x y\n\n`).join(''),
      seq: () => sizeOf(notes[1] as string),
    },
    { note: 'text before them', edit: (all) => `x\n\n${all.join('')}`, seq: () => 0 },
  ]
  test.each(edits)('edited: $note', async ({ edit, seq }) => {
    const folder = copyLog()
    writeFileSync(join(folder, 'checkpoints'), edit(notes))
    const result = await verify(folder)
    if (result.ok) throw new Error('edited checkpoints verified')
    expect(['checkpoint', 'missing']).toContain(result.fault.kind)
    if (result.fault.kind === 'checkpoint') expect(result.fault.seq).toBe(seq())
  })

  test('some removed: those that are left vouch for all before them', async () => {
    const folder = copyLog()
    writeFileSync(join(folder, 'checkpoints'), notes.at(-1) as string)
    expect(await verify(folder)).toMatchObject({ ok: true, checkpoints: 1, signed: lines.length })
    const tampered = lines.with(7, altered(lineAt(7)))
    writeLines(folder, tampered)
    expect(await verify(folder)).toMatchObject({ ok: false, fault: { kind: 'altered', seq: 7, until: null } })
  })

  test('all removed: nothing vouches for the log', async () => {
    const folder = copyLog()
    writeFileSync(join(folder, 'checkpoints'), '')
    expect(await verify(folder)).toMatchObject({ ok: false, fault: { kind: 'unsigned', seq: 0 } })
    rmSync(join(folder, 'checkpoints'))
    expect(await verify(folder)).toMatchObject({ ok: false, fault: { kind: 'unsigned', seq: 0 } })
  })

  test('the later ones removed: decisions unsigned for longer than they can be are a fault', async () => {
    const live = makeLogWorld()
    const log = await live.open()
    await Promise.all([0, 61_000].map((at) => log.append(sampleDecision(at)).durable()))
    const size = log.status().signed
    await log.close()
    const [first = ''] = notesOf(live.folder)
    expect(await verifyLog(live.folder, { keys: live.keys })).toMatchObject({ ok: true })
    writeFileSync(join(live.folder, 'checkpoints'), first)
    expect(await verifyLog(live.folder, { keys: live.keys })).toMatchObject({ ok: false, fault: { kind: 'unsigned', seq: size } })
    expect(await verifyLog(live.folder, { keys: live.keys, maxUnsigned: 61_000 })).toMatchObject({ ok: true, signed: size })
  })

  const bad: readonly { note: string; earlierCheckpoint: () => string }[] = [
    { note: 'not a note', earlierCheckpoint: () => 'x' },
    {
      note: 'signed by another key',
      earlierCheckpoint: () =>
        makeCheckpoint(createNoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey), createCompactRange().state()),
    },
    {
      note: 'of another log',
      earlierCheckpoint: () => makeCheckpoint(createNoteSigner(`${ORIGIN}-2`, world.key), createCompactRange().state()).trimEnd(),
    },
  ]
  test.each(bad)('an earlier one that is $note', async ({ earlierCheckpoint }) => {
    expect(await verify(world.folder, { earlierCheckpoint: earlierCheckpoint() })).toMatchObject({
      ok: false,
      fault: { kind: 'checkpoint' },
    })
  })
})

describe('logs in use, and what is none', () => {
  test('a log can be verified while it is written', async () => {
    const live = makeLogWorld()
    const log = await live.open({ segmentBytes: 20_000, times: { group: 1, checkpoint: 10, retry: 5, hung: 5_000 } })
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await appendMany(log, 20, `w${i}-`)
    })()
    for (let i = 0; i < 8; i++) expect(await verifyLog(live.folder, { keys: live.keys })).toMatchObject({ ok: true })
    await writing
  })

  test('half a record at the end of the last segment is one being written', async () => {
    const folder = copyLog()
    appendFileSync(join(folder, segmentsOf(folder).at(-1) ?? ''), '{"at":1')
    expect(await verify(folder)).toMatchObject({ ok: true, torn: 7 })
  })

  test('an empty folder, and none', async () => {
    expect(await verify(makeFolder())).toMatchObject({ ok: false, fault: { kind: 'missing', seq: 0 } })
    expect(await verify(join(makeFolder(), 'none'))).toMatchObject({ ok: false, fault: { kind: 'missing', seq: 0 } })
  })
})
