import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createFaultyDisk } from '../../../../test/support/faulty-disk.ts'
import { sampleCompletion, sampleDecision } from '../../../../test/support/log-records.ts'
import { appendMany, makeClosedLog, makeLogWorld, ORIGIN, readAll } from '../../../../test/support/log.ts'
import { verifyLog } from './verify-log.ts'

const actions = async (folder: string): Promise<readonly string[]> =>
  (await readAll(folder)).flatMap(({ record }) => (record.kind === 'administration' ? [record.action] : []))

describe('an open log', () => {
  test('keeps what was appended, in order, and says when it is durable', async () => {
    const world = makeLogWorld()
    const log = await world.open()
    const receipts = [1, 2, 3].map((index) => log.append(sampleDecision(index)))
    expect(receipts.map(({ accepted }) => accepted)).toEqual([true, true, true])
    expect(await Promise.all(receipts.map((receipt) => receipt.durable()))).toEqual([true, true, true])
    // Durable means in the file, not only in this process.
    const lines = readFileSync(join(world.folder, '000000000000.log'), 'latin1').trimEnd().split('\n')
    expect(lines.slice(2).map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(
      [1, 2, 3].map((index) => `/v1/charges/ch_${index}`),
    )
    expect(await receipts[0]?.durable()).toBe(true)
    expect(log.status()).toMatchObject({ size: 5, durable: 5, waiting: { records: 0, bytes: 0 }, lost: 0, trouble: null })
    await log.close()
    expect(await actions(world.folder)).toEqual(['log.segment', 'log.opened', 'log.closed'])
    expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({ ok: true, records: 6, signed: 6, torn: 0 })
    expect(world.troubles).toEqual([])
  })

  test('goes on where it was closed', async () => {
    const world = await makeClosedLog(10)
    for (const round of [1, 2, 3]) {
      const log = await world.open()
      expect(await appendMany(log, 5, `round-${round}-`)).toEqual(Array(5).fill(true))
      await log.close()
    }
    const entries = await readAll(world.folder)
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index))
    expect(await actions(world.folder)).not.toContain('log.recovered')
    expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({
      ok: true,
      records: entries.length,
      signed: entries.length,
    })
  })

  test('begins a new file at the size given, each with the state of the tree before it', async () => {
    const world = makeLogWorld()
    const log = await world.open({ segmentBytes: 4_000 })
    for (let i = 0; i < 20; i++) await appendMany(log, 10, `x${i}-`)
    await log.close()
    const files = readdirSync(world.folder)
      .filter((name) => name.endsWith('.log'))
      .sort()
    expect(files.length).toBeGreaterThan(5)
    const entries = await readAll(world.folder)
    for (const name of files) {
      const [head = ''] = readFileSync(join(world.folder, name), 'latin1').split('\n')
      const first = Number(name.slice(0, 12))
      expect(JSON.parse(head)).toMatchObject({ seq: first, action: 'log.segment', detail: { origin: ORIGIN, size: first } })
      const { size } = statSync(join(world.folder, name.replace('.log', '.leaves')))
      const next = Number((files[files.indexOf(name) + 1] ?? `${entries.length}`).slice(0, 12))
      expect(size).toBe((next - first) * 32)
    }
    const verified = await verifyLog(world.folder, { keys: world.keys })
    expect(verified).toMatchObject({ ok: true, records: entries.length })
    // One at each end of a segment at least.
    expect(verified.ok && verified.checkpoints).toBeGreaterThanOrEqual(files.length)
  })

  test('signs while it is open, when there is something new and only then', async () => {
    const world = makeLogWorld()
    const log = await world.open({ times: { checkpoint: 20 } as never })
    await appendMany(log, 3)
    await expect.poll(() => log.status().signed).toBe(log.status().size)
    const before = readFileSync(join(world.folder, 'checkpoints'), 'utf8')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(readFileSync(join(world.folder, 'checkpoints'), 'utf8')).toBe(before)
    await appendMany(log, 1)
    await expect.poll(() => log.status().signed).toBe(log.status().size)
    expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({ ok: true, signed: log.status().size })
  })

  test('takes bursts larger than one buffer, and every reader sees whole records', async () => {
    const world = makeLogWorld()
    const log = await world.open()
    const last = Array.from({ length: 4_000 }, (_, index) => log.append(sampleDecision(index))).at(-1)
    expect(await last?.durable()).toBe(true)
    await log.close()
    const decisions = (await readAll(world.folder)).filter(({ record }) => record.kind === 'decision')
    expect(decisions.map(({ record }) => record)).toEqual(Array.from({ length: 4_000 }, (_, index) => sampleDecision(index)))
    expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({ ok: true })
  })

  test('after close nothing is taken, and close may be called again', async () => {
    const world = makeLogWorld()
    const log = await world.open()
    await Promise.all([log.close(), log.close()])
    const receipt = log.append(sampleCompletion('late'))
    expect(receipt.accepted).toBe(false)
    expect(await receipt.durable()).toBe(false)
    await log.close()
    expect(await actions(world.folder)).toEqual(['log.segment', 'log.opened', 'log.closed'])
  })

  test('what was appended before close is written', async () => {
    const world = makeLogWorld()
    const log = await world.open({ times: { group: 500 } as never })
    const receipts = Array.from({ length: 50 }, (_, index) => log.append(sampleCompletion(`c${index}`)))
    await log.close()
    expect(await Promise.all(receipts.map((receipt) => receipt.durable()))).toEqual(Array(50).fill(true))
    expect((await readAll(world.folder)).filter(({ record }) => record.kind === 'completion')).toHaveLength(50)
  })

  test('hashes under a key of its own: equal in one log, different in another', async () => {
    const [one, other] = [await makeLogWorld().open(), await makeLogWorld().open()]
    expect(one.pseudonym('x')).toBe(one.pseudonym('x'))
    expect(one.pseudonym('x')).not.toBe(one.pseudonym('y'))
    expect(one.pseudonym('x')).not.toBe(other.pseudonym('x'))
  })

  test('hashes the same as long as the signing key is the same: this is what records of years refer to', async () => {
    const pkcs8 = Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex')
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    const log = await makeLogWorld().open({ key })
    expect(log.pseudonym('ada')).toBe('P3Up0_T1tfQMYey4wCf9LdFsBFDolLF_No79TLv0NHg')
  })
})

describe('who may write', () => {
  test('one writer at a time, and the next one when it has closed', async () => {
    const world = makeLogWorld()
    const first = await world.open()
    expect(await world.tryOpen()).toEqual({ ok: false, code: 'log.busy', why: 'another process writes this log' })
    await appendMany(first, 3)
    await first.close()
    const second = await world.open()
    await appendMany(second, 3)
    await second.close()
    expect(await verifyLog(world.folder, { keys: world.keys })).toMatchObject({ ok: true })
  })

  test('not even from another process', async () => {
    const world = makeLogWorld()
    await world.open()
    const program = `
      import { openDecisionLog } from ${JSON.stringify(join(import.meta.dirname, 'decision-log.ts'))}
      import { generateKeyPairSync } from 'node:crypto'
      const { privateKey: key } = generateKeyPairSync('ed25519')
      const clock = { now: () => Date.now(), monotonic: () => performance.now() }
      const opened = await openDecisionLog({ folder: process.argv[1], origin: ${JSON.stringify(ORIGIN)}, key, clock, onTrouble: () => {} })
      console.log(opened.ok ? 'open' : opened.code)`
    const args = ['--conditions=source', '--input-type=module', '-e', program, world.folder]
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' })).toMatchObject({ stdout: 'log.busy\n', stderr: '' })
  })

  test('nobody into the log of another origin', async () => {
    const world = await makeClosedLog(3)
    expect(await world.tryOpen({ origin: 'other.example/decisions' })).toMatchObject({ ok: false, code: 'log.origin' })
    expect(await world.tryOpen()).toMatchObject({ ok: true })
  })

  const keys: readonly { note: string; options: object }[] = [
    { note: 'an RSA key', options: { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey } },
    { note: 'a public key', options: { key: generateKeyPairSync('ed25519').publicKey } },
    { note: 'no name', options: { origin: '' } },
    { note: 'a name with a space', options: { origin: 'a b' } },
    { note: 'a name with a plus sign', options: { origin: 'a+b' } },
    { note: 'a name with a newline', options: { origin: 'a\nb' } },
  ]
  test.each(keys)('$note cannot sign', async ({ options }) => {
    const world = makeLogWorld()
    const why = 'the origin or the key cannot sign: an Ed25519 private key and a name without spaces are needed'
    expect(await world.tryOpen(options)).toEqual({ ok: false, code: 'log.key', why })
    expect(readdirSync(world.folder)).toEqual([])
  })
})

describe('folders that cannot be written', () => {
  test('a file where the folder must be', async () => {
    const world = makeLogWorld()
    const folder = join(world.folder, 'file')
    writeFileSync(folder, '')
    expect(await world.tryOpen({ folder })).toEqual({ ok: false, code: 'disk.failed', why: 'the folder cannot be made' })
  })

  test('a lock that cannot be made', async () => {
    const world = makeLogWorld()
    mkdirSync(join(world.folder, 'lock'))
    expect(await world.tryOpen()).toEqual({ ok: false, code: 'disk.read_only', why: 'the folder cannot be written' })
  })

  test('a segment that cannot be read, and the lock is free again', async () => {
    const world = makeLogWorld()
    mkdirSync(join(world.folder, '000000000000.log'))
    expect(await world.tryOpen()).toEqual({ ok: false, code: 'disk.failed', why: 'the log cannot be read or mended' })
    rmdirSync(join(world.folder, '000000000000.log'))
    expect(await world.tryOpen()).toMatchObject({ ok: true })
  })

  test('a disk that takes nothing, and the lock is free again', async () => {
    const world = makeLogWorld()
    const faulty = createFaultyDisk(world.folder)
    faulty.set({ calls: ['write'], code: 'ENOSPC' })
    const options = { disk: faulty.disk, times: { retry: 5, hung: 5_000 } as never }
    expect(await world.tryOpen(options)).toEqual({ ok: false, code: 'disk.full', why: 'the log takes no records' })
    expect(world.troubles.at(0)).toEqual({ kind: 'began', cause: 'disk.full', lost: 0 })
    faulty.set(null)
    expect(await world.tryOpen(options)).toMatchObject({ ok: true })
  })

  test('a window in which no record has room', async () => {
    const world = makeLogWorld()
    expect(await world.tryOpen({ window: { records: 0 } })).toEqual({
      ok: false,
      code: 'window.full',
      why: 'the log takes no records',
    })
    expect(await world.tryOpen()).toMatchObject({ ok: true })
  })

  test('a folder that only others may write', () => {
    const world = makeLogWorld()
    const folder = join(world.folder, 'log')
    mkdirSync(folder)
    chmodSync(folder, 0o555)
    chmodSync(world.folder, 0o755)
    const program = `
      import { openDecisionLog } from ${JSON.stringify(join(import.meta.dirname, 'decision-log.ts'))}
      import { generateKeyPairSync } from 'node:crypto'
      // The permissions of a folder do not bind root.
      if (process.getuid() === 0) process.setuid(65534)
      const { privateKey: key } = generateKeyPairSync('ed25519')
      const clock = { now: () => Date.now(), monotonic: () => performance.now() }
      const opened = await openDecisionLog({ folder: process.argv[1], origin: 'x', key, clock, onTrouble: () => {} })
      console.log(opened.ok ? 'open' : opened.code)`
    const args = ['--conditions=source', '--input-type=module', '-e', program, folder]
    // Where coverage is measured, it could not leave it behind.
    const env = { ...process.env, NODE_V8_COVERAGE: '' }
    expect(spawnSync(process.execPath, args, { encoding: 'utf8', env })).toMatchObject({ stdout: 'disk.read_only\n', stderr: '' })
  })
})
