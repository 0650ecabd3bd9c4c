import { createHmac } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Keyring } from './sealing.ts'
import type { Action, Held, Space, ToHold } from './state-request.ts'

/** An entry that was altered, or is sealed under a key that is not configured. */
export class SealedError extends Error {}

export interface Row {
  readonly id: number
  readonly version: number
  readonly expires_at: number
  readonly key_id: string
  readonly box: Uint8Array
  /** Keyed hash of the entry's key. */
  readonly key: Uint8Array
}

export interface ShelfParts {
  readonly database: DatabaseSync
  readonly keyring: Keyring
  /** Key of the hashes by which keys and tags are found. */
  readonly secret: Buffer
}

const SWEPT_AT_ONCE = 500
/** Clocks of processes differ: nothing goes that another one may still count as alive. */
const SWEEP_AFTER_MS = 300_000
const COLUMNS = 'entry.id, entry.version, entry.expires_at, entry.key_id, entry.box, entry.key'

const prepare = (database: DatabaseSync) => ({
  find: database.prepare(`SELECT ${COLUMNS} FROM entry WHERE collection = ? AND key = ?`),
  insert: database.prepare(
    'INSERT OR REPLACE INTO entry (collection, key, version, expires_at, key_id, box) VALUES (?, ?, ?, ?, ?, ?)',
  ),
  update: database.prepare('UPDATE entry SET version = ?, expires_at = ?, key_id = ?, box = ? WHERE id = ?'),
  remove: database.prepare('DELETE FROM entry WHERE id = ?'),
  addTag: database.prepare('INSERT OR IGNORE INTO tag (tag, entry) VALUES (?, ?)'),
  removeTags: database.prepare('DELETE FROM tag WHERE entry = ?'),
  list: database.prepare(`SELECT ${COLUMNS} FROM entry WHERE collection = ? AND id > ? ORDER BY id`),
  tagged: database.prepare(
    `SELECT ${COLUMNS} FROM tag JOIN entry ON entry.id = tag.entry
     WHERE tag.tag = ? AND entry.collection = ? AND tag.entry > ? ORDER BY tag.entry`,
  ),
  keys: database.prepare('SELECT key_id AS id, count(*) AS entries FROM entry GROUP BY key_id ORDER BY key_id'),
  sweep: database.prepare(
    'DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
  ),
  probeRead: database.prepare(`SELECT value FROM mark WHERE name = 'probed'`),
  probeWrite: database.prepare(`UPDATE mark SET value = value + 1 WHERE name = 'probed'`),
})

interface Place {
  readonly collection: Space
  readonly key: string
}

export type Shelf = ReturnType<typeof createShelf>

/** What a box belongs to: none opens in the row of another, with another life, or after a later write. */
const aboutOf = (collection: Space, { key, version, expires_at }: Pick<Row, 'key' | 'version' | 'expires_at'>) =>
  ['entry', collection, Buffer.from(key).toString('hex'), version, expires_at] as const

/** The rows of the file: finds, opens and writes entries one at a time, each sealed and under the hashes of its key and tags. */
export const createShelf = ({ database, keyring, secret }: ShelfParts) => {
  const statements = prepare(database)
  const hash = (kind: 'key' | 'tag', collection: Space, text: string): Buffer => {
    const named = JSON.stringify([kind, collection, text])
    return createHmac('sha256', secret).update(named).digest()
  }
  const setTags = (id: number | bigint, collection: Space, tags: readonly string[]): void => {
    for (const tag of tags) statements.addTag.run(hash('tag', collection, tag), id)
  }
  const open = (collection: Space, row: Row): Held => {
    const payload = keyring.open({ keyId: row.key_id, box: row.box }, aboutOf(collection, row))
    if (payload !== null) return { payload, version: row.version, expiresAt: row.expires_at }
    const cause = keyring.ids.includes(row.key_id) ? 'was altered' : 'is sealed under a key that is not configured'
    throw new SealedError(`an entry of ${collection} ${cause}`)
  }
  const find = ({ collection, key }: Place): Row | undefined =>
    statements.find.get(collection, hash('key', collection, key)) as unknown as Row | undefined
  return {
    open,
    find,
    /** An entry that has expired does not exist, whether or not it has been swept; but whether it has, only the seal can say. */
    findAlive: (place: Place, now: number): Row | undefined => {
      const row = find(place)
      if (row === undefined || row.expires_at > now) return row
      open(place.collection, row)
      return undefined
    },
    /** Takes the place of one that has expired; the caller has seen that none is alive. */
    insert: ({ collection, key }: Place, held: ToHold, version: number): void => {
      const row = { key: hash('key', collection, key), version, expires_at: held.expiresAt }
      const { keyId, box } = keyring.seal(held.payload, aboutOf(collection, row))
      const { lastInsertRowid } = statements.insert.run(collection, row.key, version, held.expiresAt, keyId, box)
      setTags(lastInsertRowid, collection, held.tags)
    },
    update: ({ id, key }: Row, held: ToHold & { readonly collection: Space }, version: number): void => {
      const { collection, expiresAt } = held
      const { keyId, box } = keyring.seal(held.payload, aboutOf(collection, { key, version, expires_at: expiresAt }))
      statements.update.run(version, expiresAt, keyId, box, id)
      statements.removeTags.run(id)
      setTags(id, collection, held.tags)
    },
    remove: ({ id }: Row): void => {
      statements.remove.run(id)
    },
    /** In the order in which they were added; those that have expired among them. */
    rowsOf: ({ collection, tag, after }: Action<'page'>) =>
      (tag === null
        ? statements.list.iterate(collection, after)
        : statements.tagged.iterate(hash('tag', collection, tag), collection, after)) as unknown as Iterable<Row>,
    keysInUse: () => statements.keys.all() as unknown as readonly { readonly id: string; readonly entries: number }[],
    /** Removes some of what expired long ago; how many. */
    sweep: (now: number): number => Number(statements.sweep.run(now - SWEEP_AFTER_MS, SWEPT_AT_ONCE).changes),
    canRead: (): boolean => statements.probeRead.get() !== undefined,
    canWrite: (): boolean => Number(statements.probeWrite.run().changes) === 1,
  }
}
