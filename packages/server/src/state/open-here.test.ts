// Opening a file in this thread: what is refused, in which words, and what an opened file is.
import { createSecretKey } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isMainThread, Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeStateWorld, stateKey, type StateWorld } from '../../../../test/support/state.ts'
import { openStateFile, resultCodeOf } from './open-file.ts'
import { SCHEMA_VERSION } from './schema.ts'
import { createKeyring } from './sealing.ts'

const keyOf = (byte: number) => createSecretKey(stateKey(byte))

const open = (world: StateWorld, { keys = [1], mayCreate = true, file = world.file } = {}) => {
  const [first = 1, ...others] = keys
  const secrets = [keyOf(first), ...others.map(keyOf)] as const
  const opened = openStateFile({ file, now: world.time, lockMs: 100, mayCreate }, createKeyring([...secrets]))
  if (opened.ok) {
    onTestFinished(() => {
      if (opened.opened.database.isOpen) opened.opened.database.close()
    })
  }
  return opened
}
/** A file that was opened and closed. */
const filled = (keys = [1]): StateWorld => {
  const world = makeStateWorld()
  const opened = open(world, { keys })
  if (!opened.ok) throw new Error(opened.why)
  opened.opened.database.close()
  return world
}
const within = (world: StateWorld, sql: string): void => {
  const database = new DatabaseSync(world.file, { defensive: false })
  database.exec(sql)
  database.close()
}

describe('a file', () => {
  test('is made with its folder for its owner alone, and holds the same secret from then on', () => {
    const world = makeStateWorld()
    const file = join(world.folder, 'new', 'state.db')
    const first = open(world, { file })
    if (!first.ok) throw new Error(first.why)
    expect([lstatSync(file).mode & 0o777, lstatSync(join(world.folder, 'new')).mode & 0o777]).toEqual([0o600, 0o700])
    expect(first.opened.secret).toHaveLength(32)
    const second = open(world, { file })
    expect(second.ok && second.opened.secret.equals(first.opened.secret)).toBe(true)
    const pragma = (name: string) => Object.values(first.opened.database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
    expect(['journal_mode', 'synchronous', 'trusted_schema', 'cell_size_check'].map(pragma)).toEqual(['wal', 2, 0, 1])
    expect(Object.values(first.opened.database.prepare('PRAGMA busy_timeout').get() ?? {})).toEqual([100])
  })

  test('is opened so that nothing rewrites its schema or loads code', () => {
    const opened = open(makeStateWorld())
    if (!opened.ok) throw new Error(opened.why)
    const { database } = opened.opened
    const rewrite = () => database.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '' WHERE name = 'mark'`)
    expect(rewrite).toThrow('may not be modified')
    expect(() => database.enableLoadExtension(true)).toThrow('extension')
  })

  test('is there until it is taken away or replaced', () => {
    const world = makeStateWorld()
    const opened = open(world)
    if (!opened.ok) throw new Error(opened.why)
    const { isThere } = opened.opened
    expect(isThere()).toBe(true)
    renameSync(world.file, `${world.file}.away`)
    expect(isThere()).toBe(false)
    writeFileSync(world.file, '', { mode: 0o600 })
    expect(isThere()).toBe(false)
    renameSync(`${world.file}.away`, world.file)
    expect(isThere()).toBe(true)
  })
})

describe('keys', () => {
  test('may change with overlap; what is sealed under nothing but a former key then goes', () => {
    const world = filled([1])
    const secretUnder = (keys: number[]) => {
      const opened = open(world, { keys })
      if (!opened.ok) return opened.code
      const { secret, database } = opened.opened
      const { n } = database.prepare('SELECT count(*) AS n FROM secret').get() ?? {}
      database.close()
      return [secret.toString('hex'), n]
    }
    const [secret] = secretUnder([1])
    expect(secretUnder([2])).toBe('state.key')
    // What cannot be opened is not kept open.
    expect(existsSync(`${world.file}-shm`)).toBe(false)
    expect(secretUnder([2, 1])).toEqual([secret, 2])
    expect(secretUnder([2])).toEqual([secret, 1])
    expect(secretUnder([1])).toBe('state.key')
  })

  test('of a file whose secret was taken out open nothing, though it holds nothing else', () => {
    const world = filled()
    within(world, `INSERT INTO change (collection, at, key_id, box) VALUES ('session', 1, 'k', x'00'); DELETE FROM secret`)
    expect(open(world)).toMatchObject({
      ok: false,
      code: 'state.key',
      why: expect.stringContaining('None of the configured keys'),
    })
  })
})

describe('is refused', () => {
  const cases: readonly {
    readonly note: string
    readonly code: string
    readonly why: string
    readonly lay: (world: StateWorld) => { readonly mayCreate?: boolean; readonly file?: string } | void
  }[] = [
    {
      note: 'others may read it',
      code: 'state.readable',
      why: 'chmod 600',
      lay: ({ file }) => writeFileSync(file, '', { mode: 0o604 }),
    },
    {
      note: 'others may write its folder',
      code: 'state.folder',
      why: 'chmod go-w',
      lay: ({ folder }) => chmodSync(folder, 0o702),
    },
    {
      note: 'it is not there, and must have been',
      code: 'state.missing',
      why: 'is not there',
      lay: () => ({ mayCreate: false }),
    },
    {
      note: 'its folder is not there, and must have been',
      code: 'state.disk',
      why: 'cannot be read',
      lay: ({ folder }) => ({ mayCreate: false, file: join(folder, 'none', 'state.db') }),
    },
    {
      note: 'its folder is a file',
      code: 'state.disk',
      why: 'plain cannot be made',
      lay: ({ folder }) => {
        writeFileSync(join(folder, 'plain'), '')
        return { file: join(folder, 'plain', 'state.db') }
      },
    },
    {
      note: 'its name is too long',
      code: 'state.disk',
      why: 'cannot be made',
      lay: ({ folder }) => ({ file: join(folder, 'x'.repeat(300)) }),
    },
    {
      note: 'it is a link',
      code: 'state.disk',
      why: 'is not a plain file',
      lay: ({ folder, file }) => {
        writeFileSync(join(folder, 'elsewhere'), '', { mode: 0o600 })
        symlinkSync(join(folder, 'elsewhere'), file)
      },
    },
    { note: 'it is a folder', code: 'state.disk', why: 'is not a plain file', lay: ({ file }) => mkdirSync(file) },
    {
      note: 'it is no database',
      code: 'state.corrupt',
      why: 'is damaged or not a store',
      lay: ({ file }) => writeFileSync(file, 'x'.repeat(9_000), { mode: 0o600 }),
    },
    {
      note: 'it is a database of another program',
      code: 'state.corrupt',
      why: 'a database of another program',
      lay: (world) => {
        within(world, 'CREATE TABLE mine (x)')
        chmodSync(world.file, 0o600)
      },
    },
  ]
  test.each(cases)('where $note', ({ code, why, lay }) => {
    const world = makeStateWorld()
    const { mayCreate = true, file = world.file } = lay(world) ?? {}
    expect(open(world, { mayCreate, file })).toEqual({ ok: false, code, why: expect.stringContaining(why) })
  })

  const damaged: readonly {
    readonly note: string
    readonly code: string
    readonly why: string
    readonly lay: (world: StateWorld) => void
  }[] = [
    {
      note: 'it is of a newer version',
      code: 'state.newer',
      why: `schema ${SCHEMA_VERSION + 1}; this one reads ${SCHEMA_VERSION}`,
      lay: (world) => within(world, `INSERT INTO version VALUES (${SCHEMA_VERSION + 1}, 0)`),
    },
    {
      note: 'its schema is none',
      code: 'state.corrupt',
      why: 'is damaged or not a store: malformed database schema (mark)',
      lay: (world) => within(world, `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE' WHERE name = 'mark'`),
    },
    {
      note: 'it holds what its tables cannot',
      code: 'state.corrupt',
      why: 'is damaged: non-INTEGER value in entry.key_id. Restore it from a copy',
      lay: (world) => {
        within(
          world,
          `INSERT INTO entry (collection, key, version, expires_at, key_id, box) VALUES ('session', x'01', 1, 1, 'k', x'00')`,
        )
        within(
          world,
          `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'key_id TEXT NOT NULL', 'key_id INTEGER NOT NULL') WHERE name = 'entry'`,
        )
      },
    },
  ]
  test.each(damaged)('where $note, and is left as it was', ({ code, why, lay }) => {
    const world = filled()
    lay(world)
    expect(open(world)).toEqual({ ok: false, code, why: expect.stringContaining(why) })
  })

  test.skipIf(process.platform === 'win32')('where it belongs to another user', () => {
    const world = filled()
    vi.spyOn(process, 'geteuid').mockReturnValue(lstatSync(world.file).uid + 1)
    expect(open(world)).toMatchObject({ ok: false, code: 'state.owner', why: expect.stringContaining('belongs to another user') })
  })

  test.skipIf(process.geteuid?.() !== 0)('but not where it belongs to who opens it, or root opens it', () => {
    const world = filled()
    chownSync(world.file, 65_533, 65_534)
    const euid = vi.spyOn(process, 'geteuid')
    expect(
      [65_533, 0, 65_534].map((user) => {
        euid.mockReturnValue(user)
        return open(world).ok
      }),
    ).toEqual([true, true, false])
  })

  /** Root reads and writes whatever the mode says. */
  const asOther = <T>(world: StateWorld, run: () => T): T => {
    if (process.geteuid?.() !== 0) return run()
    for (const path of [world.folder, world.file]) chownSync(path, 65_534, 65_534)
    process.seteuid?.(65_534)
    const result = run()
    process.seteuid?.(0)
    return result
  }

  // Only a process may be somebody else, not a thread of one.
  test.skipIf(process.platform === 'win32' || !isMainThread).each([
    { note: 'it can only be read', mode: 0o400, why: 'cannot be written' },
    { note: 'it cannot even be read', mode: 0o000, why: 'cannot be opened' },
  ])('where $note', ({ mode, why }) => {
    const world = filled()
    chmodSync(world.file, mode)
    expect(asOther(world, () => open(world))).toEqual({ ok: false, code: 'state.disk', why: expect.stringContaining(why) })
  })

  test('where it was written in a form that may only be read', () => {
    const world = filled()
    const file = openSync(world.file, 'r+')
    // The version of the format that who writes must know (sqlite.org/fileformat2.html, 1.3.3).
    writeSync(file, Buffer.of(3), 0, 1, 18)
    closeSync(file)
    expect(open(world)).toEqual({
      ok: false,
      code: 'state.disk',
      why: expect.stringContaining('cannot be written: attempt to write a readonly database'),
    })
  })

  test('where its path is longer than SQLite takes', () => {
    const world = makeStateWorld()
    const file = join(world.folder, ...[1, 2, 3].map(() => 'x'.repeat(200)), 'state.db')
    const why = `${file} cannot be opened: unable to open database file`
    expect(open(world, { file })).toEqual({ ok: false, code: 'state.disk', why })
  })

  test('where a part of it is missing', () => {
    const world = filled()
    within(world, 'DROP TABLE secret')
    expect(open(world)).toMatchObject({ ok: false, code: 'state.disk', why: expect.stringContaining('cannot be opened') })
  })
})

/** Keeps everybody out of a file for some moments, on a thread of its own: this one waits. */
const LOCKER = `
const { parentPort, workerData } = require('node:worker_threads')
const database = new (require('node:sqlite').DatabaseSync)(workerData)
database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
parentPort.postMessage('locked')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
database.close()`

test('a file that is locked for some moments is waited for', async () => {
  const world = filled()
  const locker = new Worker(LOCKER, { eval: true, workerData: world.file })
  await once(locker, 'message')
  expect(open(world).ok).toBe(true)
  await once(locker, 'exit')
})

describe('a file that another process brings to a write-ahead log', () => {
  /** Time passes where it is waited for; `then`: what the other does after so many waits. */
  const locked = (world: StateWorld, then: (waits: number, other: DatabaseSync) => void) => {
    const other = new DatabaseSync(world.file)
    onTestFinished(() => other.close())
    other.exec('PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE')
    const waited: unknown[] = []
    vi.spyOn(Atomics, 'wait').mockImplementation((...[, , , ms]: unknown[]) => {
      then(waited.push(ms), other)
      return 'timed-out'
    })
    return waited
  }

  test('is waited for, and brought there if the other did not', () => {
    const world = filled()
    const waited = locked(world, (waits, other) => {
      if (waits === 3) other.exec('COMMIT')
    })
    const opened = open(world)
    expect(opened.ok && opened.opened.database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(waited).toEqual([50, 50, 50])
  })

  test('is waited for no longer than 10 s', () => {
    const world = filled()
    const waited = locked(world, () => {})
    const why = `${world.file} is locked by another process: database is locked`
    expect(open(world)).toEqual({ ok: false, code: 'state.busy', why })
    expect(waited).toEqual(Array.from({ length: 199 }, () => 50))
  })

  test('is not waited for where something else is wrong with it', () => {
    const world = filled()
    const waited = locked(world, (_waits, other) => {
      other.exec('COMMIT')
      truncateSync(world.file, 0)
      writeFileSync(world.file, 'x'.repeat(9_000))
    })
    expect(open(world)).toMatchObject({ ok: false, code: 'state.corrupt' })
    expect(waited).toEqual([50])
  })
})

test('where nobody can tell who may read a file, its modes say nothing', async () => {
  const world = filled()
  chmodSync(world.folder, 0o777)
  chmodSync(world.file, 0o666)
  const { platform } = process
  vi.resetModules()
  Object.defineProperty(process, 'platform', { value: 'win32' })
  const windows = await import('./open-file.ts')
  Object.defineProperty(process, 'platform', { value: platform })
  const task = { file: world.file, now: world.time, lockMs: 100, mayCreate: true }
  const opened = windows.openStateFile(task, createKeyring([keyOf(1)]))
  expect(opened.ok).toBe(true)
  if (opened.ok) opened.opened.database.close()
  expect(open(world)).toMatchObject({ ok: false, code: 'state.folder' })
})

test('the code of a failure is that of SQLite, without what is added to it', () => {
  for (const [error, code] of [
    [Object.assign(new Error('x'), { errcode: 5 }), 5],
    [Object.assign(new Error('x'), { errcode: 261 }), 5],
    [new Error('x'), 0],
    ['x', 0],
    [null, 0],
    [undefined, 0],
  ] as const)
    expect(resultCodeOf(error)).toBe(code)
})
