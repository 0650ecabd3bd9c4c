import type { DatabaseSync } from 'node:sqlite'

/** In the header of the file: tells it from one of another program. `Balu`. */
export const APPLICATION_ID = 0x42_61_6c_75

/** Each is run once, in this order, and never changed after a release; the number of a version is its place, from 1. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE secret (key_id TEXT PRIMARY KEY, box BLOB NOT NULL) STRICT;
  CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    key BLOB NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    box BLOB NOT NULL,
    UNIQUE (collection, key)
  ) STRICT;
  CREATE INDEX entry_collection ON entry (collection);
  CREATE INDEX entry_expires_at ON entry (expires_at);
  CREATE TABLE tag (
    tag BLOB NOT NULL,
    entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, entry)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tag_entry ON tag (entry);
  CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    at INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    box BLOB NOT NULL
  ) STRICT;
  CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO mark VALUES ('probed', 0);
  `,
]

export const SCHEMA_VERSION = MIGRATIONS.length

/** Of a statement that gives one number, whatever the file holds. */
const numberOf = (database: DatabaseSync, sql: string): number => Number(Object.values(database.prepare(sql).get() as object)[0])

/** Of the file: 0 for an empty one, null for one of another program. Changes nothing. */
export const schemaVersionOf = (database: DatabaseSync): number | null => {
  // In this order: who makes the store between the two has marked it before its tables are seen.
  const tables = numberOf(database, 'SELECT count(*) FROM sqlite_schema')
  const id = numberOf(database, 'PRAGMA application_id')
  if (id === 0 && tables === 0) return 0
  return id === APPLICATION_ID ? numberOf(database, 'SELECT max(version) FROM version') : null
}

/** Brings the schema to this version, all of it or nothing; of several processes one does it. Throws what SQLite throws. */
export const migrate = (database: DatabaseSync, now: number): void => {
  database.exec('BEGIN IMMEDIATE')
  const version = schemaVersionOf(database) ?? SCHEMA_VERSION
  if (version === 0) {
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    database.exec('CREATE TABLE version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT')
  }
  const applied = database.prepare('INSERT INTO version VALUES (?, ?)')
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue
    database.exec(sql)
    applied.run(index + 1, Math.floor(now))
  }
  database.exec('COMMIT')
}
