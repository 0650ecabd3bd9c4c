import { randomBytes } from 'node:crypto'
import { closeSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attempt } from './attempt.ts'
import { migrate, SCHEMA_VERSION, schemaVersionOf } from './schema.ts'
import type { Keyring } from './sealing.ts'
import { messageOf, type StateTask } from './state-request.ts'

export interface OpenFile {
  readonly database: DatabaseSync
  /** Key of the hashes in the file: the same for as long as the file lives, whatever keys seal it. */
  readonly secret: Buffer
  /** Whether the path still leads to this file. */
  readonly isThere: () => boolean
}

type FileTask = Omit<StateTask, 'keys'>
type Refusal = { readonly ok: false; readonly code: string; readonly why: string }
type Checked = { readonly ok: true } | Refusal

const refuse = (code: string, why: string): Refusal => ({ ok: false, code, why })
const FINE: Checked = { ok: true }

const OTHERS = 0o077
const OTHERS_WRITE = 0o022
const OPENING_LOCK_MS = 5_000
const WAL_PAUSE_MS = 50
const WAL_TRIES = (2 * OPENING_LOCK_MS) / WAL_PAUSE_MS

const BUSY = 5
const READ_ONLY = 8
const CORRUPT = 11
const NOT_A_DATABASE = 26

/** The primary result code of SQLite (sqlite.org/rescode.html), or 0. */
export const resultCodeOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0

const refuseFor = (file: string, error: unknown): Refusal => {
  const code = resultCodeOf(error)
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    return refuse(
      'state.corrupt',
      `${file} is damaged or not a store: ${messageOf(error)}. Restore it from a copy, or move it away.`,
    )
  }
  if (code === BUSY) return refuse('state.busy', `${file} is locked by another process: ${messageOf(error)}`)
  if (code === READ_ONLY) return refuse('state.disk', `${file} cannot be written: ${messageOf(error)}`)
  return refuse('state.disk', `${file} cannot be opened: ${messageOf(error)}`)
}

/** Windows has neither owners nor modes that Node shows. */
const hasModes = process.platform !== 'win32'

const checkFolder = (file: string, mayCreate: boolean): Checked => {
  const folder = dirname(file)
  if (mayCreate) {
    const made = attempt(() => mkdirSync(folder, { recursive: true, mode: 0o700 }))
    if (!made.ok) return refuse('state.disk', `${folder} cannot be made: ${messageOf(made.error)}`)
  }
  const found = attempt(() => statSync(folder))
  if (!found.ok) return refuse('state.disk', `${folder} cannot be read: ${messageOf(found.error)}`)
  if (!hasModes || (found.value.mode & OTHERS_WRITE) === 0) return FINE
  // Whoever may write the folder may put another file in place of the store.
  return refuse('state.folder', `Others than its owner may write ${folder}. Say chmod go-w, or name a folder of its own.`)
}

const checkFile = (file: string): Checked => {
  const found = attempt(() => lstatSync(file))
  if (!found.ok) return refuse('state.missing', `${file} is not there, or cannot be read: ${messageOf(found.error)}`)
  if (!found.value.isFile()) return refuse('state.disk', `${file} is not a plain file.`)
  if (!hasModes) return FINE
  if ((found.value.mode & OTHERS) !== 0) return refuse('state.readable', `Others than its owner may read ${file}. Say chmod 600.`)
  const user = process.geteuid?.()
  // SQLite gives what root makes beside the file to the owner of the file.
  if (user !== 0 && found.value.uid !== user) return refuse('state.owner', `${file} belongs to another user.`)
  return FINE
}

/** Made empty with its mode before SQLite opens it, so that it is never there with another; -wal and -shm get the mode of the file. */
const makeFile = (file: string): Checked => {
  const made = attempt(() => closeSync(openSync(file, 'wx', 0o600)))
  const isThere = made.ok || (made.error as NodeJS.ErrnoException).code === 'EEXIST'
  return isThere ? FINE : refuse('state.disk', `${file} cannot be made: ${messageOf(made.error)}`)
}

/** Of a file in this mode nothing is read that was half written, and readers never wait for a writer. */
const useWriteAheadLog = (database: DatabaseSync): boolean => {
  for (let tries = 1; ; tries++) {
    const set = attempt(() => database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'] === 'wal')
    if (set.ok) return set.value
    if (resultCodeOf(set.error) !== BUSY || tries === WAL_TRIES) throw set.error
    // SQLite does not wait by itself here: another process is making the same change.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_PAUSE_MS)
  }
}

interface SecretRow {
  readonly key_id: string
  readonly box: Uint8Array
}

/** One that is not configured any more, and under which nothing else is sealed, must not open the file again. */
const FORGET_KEYS = `DELETE FROM secret WHERE key_id NOT IN (SELECT value FROM json_each(?)) AND key_id NOT IN (SELECT key_id FROM entry)`

/** The secret of the file, opened by one of the keys, and kept under the newest of them from now on. Null: none of them opens it. */
const openSecret = (database: DatabaseSync, keyring: Keyring): Buffer | null => {
  database.exec('BEGIN IMMEDIATE')
  const rows = database.prepare('SELECT key_id, box FROM secret').all() as unknown as readonly SecretRow[]
  const opened = rows.map(({ key_id, box }) => keyring.open({ keyId: key_id, box }, ['secret'])).find((text) => text !== null)
  // One is made for a file that never held anything: a new one would hide all that is there.
  const isNew = rows.length === 0 && database.prepare('SELECT 1 FROM sqlite_sequence').get() === undefined
  const text = isNew ? randomBytes(32).toString('hex') : opened
  if (text !== undefined) {
    const { keyId, box } = keyring.seal(text, ['secret'])
    database.prepare('INSERT OR IGNORE INTO secret VALUES (?, ?)').run(keyId, box)
    database.prepare(FORGET_KEYS).run(JSON.stringify(keyring.ids))
  }
  database.exec('COMMIT')
  return text === undefined ? null : Buffer.from(text, 'hex')
}

const prepareDatabase = (
  database: DatabaseSync,
  task: FileTask,
  keyring: Keyring,
): { readonly ok: true; readonly secret: Buffer } | Refusal => {
  const { file, now, lockMs } = task
  const version = schemaVersionOf(database)
  if (version === null) return refuse('state.corrupt', `${file} is a database of another program. Name another file.`)
  if (version > SCHEMA_VERSION)
    return refuse('state.newer', `${file} was written by a newer version (schema ${version}; this one reads ${SCHEMA_VERSION}).`)
  const sound = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']
  if (sound !== 'ok')
    return refuse('state.corrupt', `${file} is damaged: ${String(sound)}. Restore it from a copy, or move it away.`)
  if (!useWriteAheadLog(database))
    return refuse('state.disk', `${file} is on a file system without what a write-ahead log needs.`)
  // A write that was answered is on the disk, not only handed to the system.
  database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON')
  migrate(database, now)
  const secret = openSecret(database, keyring)
  if (secret === null)
    return refuse('state.key', `None of the configured keys opens ${file}. Add the key under which it was sealed.`)
  database.exec(`PRAGMA busy_timeout = ${lockMs}`)
  return { ok: true, secret }
}

/**
 * Opens the file of a store, or makes it. Codes: `state.folder`, `state.readable`, `state.owner`: others may touch it. `state.corrupt`: damaged, or of
 * another program; it is left as it is. `state.newer`, `state.key`, `state.busy`, `state.missing`, `state.disk`.
 */
export const openStateFile = (task: FileTask, keyring: Keyring): { readonly ok: true; readonly opened: OpenFile } | Refusal => {
  const { file, mayCreate } = task
  const folder = checkFolder(file, mayCreate)
  if (!folder.ok) return folder
  const made = mayCreate ? makeFile(file) : FINE
  if (!made.ok) return made
  const checked = checkFile(file)
  if (!checked.ok) return checked
  const started = attempt(() => new DatabaseSync(file, { timeout: OPENING_LOCK_MS, defensive: true, allowExtension: false }))
  if (!started.ok) return refuseFor(file, started.error)
  const database = started.value
  const prepared = attempt(() => prepareDatabase(database, task, keyring))
  if (prepared.ok && prepared.value.ok) {
    const { ino, dev } = lstatSync(file)
    const isThere = () => {
      const now = lstatSync(file, { throwIfNoEntry: false })
      return now?.ino === ino && now.dev === dev
    }
    return { ok: true, opened: { database, secret: prepared.value.secret, isThere } }
  }
  database.close()
  return prepared.ok ? (prepared.value as Refusal) : refuseFor(file, prepared.error)
}
