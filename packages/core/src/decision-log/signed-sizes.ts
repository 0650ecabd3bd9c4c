import { stat } from 'node:fs/promises'
import { attemptAsync } from '../lib/attempt.ts'
import { type Checkpoint, parseCheckpoint } from '../lib/checkpoint.ts'
import { type NoteVerifier, verifyNote } from '../lib/signed-note.ts'
import { readNotes } from './checkpoint-file.ts'

/** A size and root that was signed for. */
export interface SignedSize {
  readonly size: number
  /** 32 latin1 characters. */
  readonly root: string
  readonly origin: string
}

export type ReadCheckpoint = { readonly ok: true; readonly signed: SignedSize } | { readonly ok: false; readonly why: string }

const toSigned = ({ origin, size, root }: Checkpoint): SignedSize => ({
  origin,
  size,
  root: Buffer.from(root).toString('latin1'),
})

/** Reads one signed note: a checkpoint that at least one of the keys signed. Never throws. */
export const readCheckpoint = (note: string, keys: readonly NoteVerifier[]): ReadCheckpoint => {
  const verified = verifyNote(note, keys)
  if (!verified.ok) return verified
  const parsed = parseCheckpoint(verified.text)
  return parsed.ok ? { ok: true, signed: toSigned(parsed.checkpoint) } : parsed
}

/** Refuses a checkpoint that cannot follow the last one. */
const follow = (last: SignedSize | null, read: ReadCheckpoint): ReadCheckpoint => {
  if (last === null || !read.ok) return read
  const { origin, size } = read.signed
  if (origin !== last.origin) return { ok: false, why: `a checkpoint is that of ${origin}, those before it of ${last.origin}` }
  return size < last.size ? { ok: false, why: 'the checkpoints are not in order' } : read
}

async function* verifyNotes(path: string, size: number, keys: readonly NoteVerifier[]): AsyncGenerator<ReadCheckpoint> {
  let last: SignedSize | null = null
  for await (const part of readNotes(path, size)) {
    if ('rest' in part) return
    const read = follow(last, readCheckpoint(part.note, keys))
    yield read
    if (!read.ok) return
    last = read.signed
  }
}

/**
 * The checkpoints of a file, oldest first, each verified; ends after the first that is not right. A last one that was only half
 * written, as a crash leaves it, is passed over. Those that a writer adds from now on are not read: records read later than this
 * are all that the others vouch for.
 */
export const openSignedSizes = async (path: string, keys: readonly NoteVerifier[]): Promise<AsyncGenerator<ReadCheckpoint>> => {
  const found = await attemptAsync(() => stat(path))
  return verifyNotes(path, found.ok ? found.value.size : 0, keys)
}
