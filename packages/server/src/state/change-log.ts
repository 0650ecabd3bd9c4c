import type { DatabaseSync } from 'node:sqlite'
import type { Keyring } from './sealing.ts'
import type { Changed, Changes, Collection } from './state-store.ts'

/** Which entries were written, in order, kept long enough for every process to look. Numbers every write, and so versions them. */
export interface ChangeLog {
  /** Within the transaction of the write. The number is the version of what is written. */
  readonly note: (changed: Changed, now: number) => number
  readonly since: (since: number | null) => Changes
  /** Removes what every process has long seen; how many that were. */
  readonly sweep: (now: number) => number
}

interface Row {
  readonly seq: number
  readonly collection: Collection
  readonly at: number
  readonly key_id: string
  readonly box: Uint8Array
}

const PAGE = 1_000
const KEPT_MS = 600_000
/** However young they are, older ones go: a clock that was wrong for a while must not keep them. */
const KEPT = 100_000
const SWEPT_AT_ONCE = 500

/** Each once, at its last place. */
const distinct = (changed: readonly Changed[]): readonly Changed[] => [
  ...new Map(changed.map((one) => [`${one.collection} ${one.key}`, one])).values(),
]

export const createChangeLog = (database: DatabaseSync, keyring: Keyring): ChangeLog => {
  const insert = database.prepare('INSERT INTO change (collection, at, key_id, box) VALUES (?, ?, ?, ?)')
  const last = database.prepare(`SELECT max(seq) AS value FROM sqlite_sequence WHERE name = 'change'`)
  const page = database.prepare('SELECT seq, collection, at, key_id, box FROM change WHERE seq > ? ORDER BY seq LIMIT ?')
  const oldest = database.prepare('SELECT seq, at FROM change ORDER BY seq LIMIT ?')
  const removeUpTo = database.prepare('DELETE FROM change WHERE seq <= ?')
  const lastSeq = (): number => Number(last.get()?.['value'] ?? 0)

  const read = (row: Row): Changed | null => {
    const key = keyring.open({ keyId: row.key_id, box: row.box }, ['change', row.collection, row.at])
    return key === null ? null : { collection: row.collection, key }
  }

  return {
    note: ({ collection, key }, now) => {
      const { keyId, box } = keyring.seal(key, ['change', collection, now])
      return Number(insert.run(collection, now, keyId, box).lastInsertRowid)
    },
    since: (since) => {
      if (since === null) return { upTo: lastSeq(), complete: true, changed: [] }
      // Asked first: what another process writes between the two is seen as more than was asked for, never as a gap.
      const end = lastSeq()
      const rows = page.all(since, PAGE) as unknown as readonly Row[]
      const upTo = rows.at(-1)?.seq ?? since
      const changed = rows.map(read).filter((one) => one !== null)
      // Every number was given out once and in order, so what is missing between two was swept, or taken out by someone.
      const isWhole = since <= end && changed.length === upTo - since && (upTo >= end || rows.length === PAGE)
      return isWhole ? { upTo, complete: true, changed: distinct(changed) } : { upTo: end, complete: false, changed: [] }
    },
    sweep: (now) => {
      const rows = oldest.all(SWEPT_AT_ONCE) as unknown as readonly Pick<Row, 'seq' | 'at'>[]
      const bound = lastSeq() - KEPT
      const kept = rows.findIndex(({ seq, at }) => at > now - KEPT_MS && seq > bound)
      const gone = kept < 0 ? rows : rows.slice(0, kept)
      const upTo = gone.at(-1)?.seq
      if (upTo === undefined) return 0
      removeUpTo.run(upTo)
      return gone.length
    },
  }
}
