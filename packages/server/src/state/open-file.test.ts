import { createSecretKey } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isMainThread } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { makeStateWorld, stateKey, type StateWorld, stored } from '../../../../test/support/state.ts'
import { openStateFile } from './open-file.ts'
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts'
import { createKeyring } from './sealing.ts'

const modeOf = (path: string): number => statSync(path).mode & 0o777

const fill = async (world: StateWorld, entries = 40): Promise<void> => {
  const store = await world.open()
  const written = { expiresAt: world.time + 60_000, tags: ['t'] }
  for (let n = 0; n < entries; n++) await stored(store.add('session', `k${n}`, { ...written, value: `value ${n}` }))
  await store.close()
}

describe('the file', () => {
  // Only a process has a umask, and may be somebody else; not a thread of one.
  test.skipIf(!isMainThread)('and what SQLite puts beside it are for their owner alone, whatever the umask', async () => {
    const world = makeStateWorld()
    const file = join(world.folder, 'new', 'deep', 'state.db')
    const before = process.umask(0)
    const store = await world.open({ file })
    process.umask(before)
    await stored(store.increment('c', { by: 1, expiresAt: world.time + 1 }))
    const folder = join(world.folder, 'new', 'deep')
    expect(readdirSync(folder).sort()).toEqual(['state.db', 'state.db-shm', 'state.db-wal'])
    for (const name of readdirSync(folder)) expect(modeOf(join(folder, name))).toBe(0o600)
    expect([modeOf(folder), modeOf(join(world.folder, 'new'))]).toEqual([0o700, 0o700])
  })

  const refused: readonly { readonly note: string; readonly code: string; readonly lay: (world: StateWorld) => void }[] = [
    { note: 'others may read it', code: 'state.readable', lay: ({ file }) => writeFileSync(file, '', { mode: 0o640 }) },
    { note: 'others may write its folder', code: 'state.folder', lay: ({ folder }) => chmodSync(folder, 0o777) },
    { note: 'its group may write its folder', code: 'state.folder', lay: ({ folder }) => chmodSync(folder, 0o770) },
    {
      note: 'it is a link',
      code: 'state.disk',
      lay: ({ file, folder }) => {
        writeFileSync(join(folder, 'elsewhere'), '', { mode: 0o600 })
        symlinkSync(join(folder, 'elsewhere'), file)
      },
    },
    { note: 'it is a folder', code: 'state.disk', lay: ({ file }) => mkdirSync(file) },
    {
      note: 'it is no database',
      code: 'state.corrupt',
      lay: ({ file }) => writeFileSync(file, 'x'.repeat(9_000), { mode: 0o600 }),
    },
    {
      note: 'it is a database of another program',
      code: 'state.corrupt',
      lay: ({ connect, file }) => {
        connect().exec('CREATE TABLE mine (x)')
        chmodSync(file, 0o600)
      },
    },
    {
      note: 'it is an empty database that another program has marked as its own',
      code: 'state.corrupt',
      lay: ({ connect, file }) => {
        connect().exec('PRAGMA application_id = 7')
        chmodSync(file, 0o600)
      },
    },
  ]
  test.each(refused)('is refused and left as it was when $note', async ({ code, lay }) => {
    const world = makeStateWorld()
    lay(world)
    const before = statSync(world.file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(world.file) : null
    expect(await world.tryOpen()).toMatchObject({ ok: false, code })
    if (before !== null) expect(readFileSync(world.file).equals(before)).toBe(true)
    expect(world.troubles).toEqual([])
  })

  test('is refused when its folder is a file', async () => {
    const world = makeStateWorld()
    writeFileSync(join(world.folder, 'plain'), '')
    expect(await world.tryOpen({ file: join(world.folder, 'plain', 'state.db') })).toMatchObject({
      ok: false,
      code: 'state.disk',
    })
  })

  test('may be there, empty, and in a folder that is a link', async () => {
    const world = makeStateWorld()
    mkdirSync(join(world.folder, 'real'), { mode: 0o700 })
    symlinkSync(join(world.folder, 'real'), join(world.folder, 'link'))
    const file = join(world.folder, 'link', 'state.db')
    writeFileSync(file, '', { mode: 0o600 })
    expect(await stored((await world.open({ file })).list('session'))).toEqual([])
  })

  /** Root reads and writes whatever the mode says. */
  const asOther = async <T>(world: StateWorld, run: () => Promise<T>): Promise<T> => {
    if (process.geteuid?.() !== 0) return run()
    for (const path of [world.folder, world.file]) chownSync(path, 65_534, 65_534)
    process.seteuid?.(65_534)
    const result = await run()
    process.seteuid?.(0)
    return result
  }
  test.skipIf(process.platform === 'win32' || !isMainThread)('is refused when it cannot be written', async () => {
    const world = makeStateWorld()
    await fill(world, 1)
    chmodSync(world.file, 0o400)
    expect(await asOther(world, () => world.tryOpen())).toMatchObject({ ok: false, code: 'state.disk' })
  })

  test.skipIf(process.geteuid?.() !== 0 || !isMainThread)('is refused when it belongs to another user', async () => {
    const world = makeStateWorld()
    await fill(world, 1)
    await asOther(world, async () => {
      process.seteuid?.(0)
      chownSync(world.file, 65_533, 65_534)
      process.seteuid?.(65_534)
      expect(await world.tryOpen()).toMatchObject({ ok: false, code: 'state.owner' })
    })
  })

  test('is made once when several open it at the same time', async () => {
    const world = makeStateWorld()
    const stores = await Promise.all([1, 2, 3, 4].map(() => world.open()))
    await Promise.all(
      stores.map((store, n) => stored(store.add('form', `k${n}`, { value: n, expiresAt: world.time + 1, tags: [] }))),
    )
    for (const store of stores) expect(await stored(store.list('form'))).toHaveLength(4)
    const versions = world.connect().prepare('SELECT version FROM version').all()
    expect(versions.map(({ version }) => version)).toEqual([SCHEMA_VERSION])
  })

  test('has every write on the disk before it is answered, and follows nothing that stands in it', async () => {
    const world = makeStateWorld()
    const task = { file: world.file, now: world.time, lockMs: 70, mayCreate: true }
    const file = openStateFile(task, createKeyring([createSecretKey(stateKey(1))]))
    if (!file.ok) throw new Error(file.why)
    const { database } = file.opened
    const settings = ['synchronous', 'journal_mode', 'trusted_schema', 'foreign_keys', 'busy_timeout']
    const set = settings.map((name) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])
    database.close()
    expect(set).toEqual([2, 'wal', 0, 1, 70])
  })

  test('of a newer version is refused and left as it was', async () => {
    const world = makeStateWorld()
    await fill(world)
    const database = world.connect()
    expect(database.prepare('PRAGMA application_id').get()).toEqual({ application_id: APPLICATION_ID })
    database.prepare('INSERT INTO version VALUES (?, 0)').run(SCHEMA_VERSION + 1)
    database.close()
    const before = readFileSync(world.file)
    expect(await world.tryOpen()).toMatchObject({ ok: false, code: 'state.newer' })
    expect(readFileSync(world.file).equals(before)).toBe(true)
  })

  test('that lost the secret under which its keys are found is refused, not begun anew', async () => {
    const world = makeStateWorld()
    await fill(world)
    world.connect().exec('DELETE FROM secret')
    expect(await world.tryOpen()).toMatchObject({ ok: false, code: 'state.key' })
  })

  test('that was cut short is refused', async () => {
    const world = makeStateWorld()
    await fill(world)
    truncateSync(world.file, statSync(world.file).size - 4_096)
    expect(await world.tryOpen()).toMatchObject({ ok: false, code: 'state.corrupt' })
  })

  test('locked while it is opened is waited for, and refused in the end', async () => {
    const world = makeStateWorld()
    await fill(world)
    world.connect().exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    expect(await world.tryOpen()).toMatchObject({ ok: false, code: 'state.busy' })
  })
})

describe('an altered byte', () => {
  const TRIES = 25
  test('is noticed when the file is opened, or where it is read: nothing else than what was kept is ever given', async () => {
    const world = makeStateWorld()
    await fill(world)
    const whole = readFileSync(world.file)
    const seen = { refused: 0, sealed: 0, whole: 0 }
    for (let n = 0; n < TRIES; n++) {
      const at = Math.floor(((n + Math.random()) / TRIES) * whole.length)
      const altered = Buffer.from(whole)
      altered[at] = (altered[at] as number) ^ (1 << Math.floor(Math.random() * 8))
      const file = join(mkdtempSync(join(world.folder, 'altered-')), 'state.db')
      writeFileSync(file, altered, { mode: 0o600 })
      const opened = await world.tryOpen({ file })
      if (!opened.ok) {
        seen.refused++
        continue
      }
      for (let k = 0; k < 40; k++) {
        const got = await opened.store.get('session', `k${k}`)
        seen[got.ok ? 'whole' : 'sealed']++
        if (got.ok) expect(got.value?.value, `byte ${at}`).toBe(`value ${k}`)
      }
      await opened.store.close()
    }
    expect(seen.refused + seen.sealed).toBeGreaterThan(0)
    expect(seen.whole).toBeGreaterThan(0)
  })

  const alterations = [
    {
      note: 'the text',
      sql: `UPDATE entry SET box = CAST(substr(box, 1, 50) || x'00ff' || substr(box, 53) AS BLOB) WHERE id = 1`,
    },
    { note: 'nothing left of it', sql: `UPDATE entry SET box = x'' WHERE id = 1` },
    { note: 'a tag that is cut short', sql: 'UPDATE entry SET box = substr(box, 1, 40) WHERE id = 1' },
    { note: 'the text of another entry', sql: 'UPDATE entry SET box = (SELECT box FROM entry WHERE id = 2) WHERE id = 1' },
    { note: 'a longer life', sql: 'UPDATE entry SET expires_at = expires_at + 1 WHERE id = 1' },
    { note: 'a life that is over', sql: 'UPDATE entry SET expires_at = 1 WHERE id = 1' },
    { note: 'another version', sql: 'UPDATE entry SET version = version + 1000 WHERE id = 1' },
    { note: 'another key', sql: `UPDATE entry SET key_id = '0011223344556677' WHERE id = 1` },
  ]
  test.each(alterations)(
    'of an entry, by one who knows the file, makes it neither absent nor another: $note',
    async ({ sql }) => {
      const world = makeStateWorld()
      await fill(world, 2)
      world.connect().exec(sql)
      const store = await world.open()
      expect(await store.get('session', 'k0')).toEqual({ ok: false })
      expect(world.troubles).toMatchObject([{ kind: 'entry', code: 'state.sealed' }])
      expect(await store.take('session', 'k0')).toEqual({ ok: false })
      expect(await store.tagged('session', 't')).toEqual({ ok: false })
      expect(await stored(store.get('session', 'k1'))).toMatchObject({ value: 'value 1' })
      await store.remove('session', 'k0')
      expect(await stored(store.tagged('session', 't'))).toHaveLength(1)
    },
  )
})

test('a database that a reader looks at has no word of what is kept', async () => {
  const world = makeStateWorld()
  const words = ['canary-value', 'canary-key', 'canary-tag', 'canary-counter', 'canary-name']
  const store = await world.open()
  const written = { value: { 'canary-name': 'canary-value' }, expiresAt: world.time + 60_000, tags: ['canary-tag'] }
  await stored(store.add('session', 'canary-key', written))
  await stored(store.increment('canary-counter', { by: 1, expiresAt: world.time + 1 }))
  const open = world.bytes()
  await stored(store.take('session', 'canary-key'))
  await store.close()
  for (const bytes of [open, world.bytes()]) {
    const forms = words.flatMap((word) =>
      (['utf8', 'hex', 'base64', 'utf16le'] as const).map((form) => Buffer.from(word).toString(form)),
    )
    expect(forms.filter((form) => bytes.includes(form))).toEqual([])
    expect(bytes.includes(stateKey(1))).toBe(false)
    expect(bytes.includes('sqlite_sequence')).toBe(true)
  }
  expect(new DatabaseSync(world.file).prepare('SELECT count(*) AS n FROM change').get()).toEqual({ n: 2 })
})
