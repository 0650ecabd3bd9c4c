import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { attemptAsync } from '../lib/attempt.ts'
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '../lib/checkpoint.ts'
import { type NoteSigner, signNote } from '../lib/signed-note.ts'
import { hashToBytes, type RangeState, rootOf } from './compact-range.ts'

const TAIL = 1 << 16
const MAX_NOTE = 1 << 16

/** A signed note over the state of the tree, followed by the empty line that parts notes in the file of checkpoints. */
export const makeCheckpoint = (signer: NoteSigner, state: RangeState): string => {
  const text = formatCheckpoint({ origin: signer.name, size: state.size, root: hashToBytes(rootOf(state)) })
  return `${signNote(text, [signer])}\n`
}

/** The first whole note of a text: its own text, an empty line, signatures, an empty line. */
const firstNote = (text: string): string | undefined => /^[^]*?\n\n[^]*?\n\n/.exec(text)?.[0]

/**
 * The notes in the first `size` bytes of the file, oldest first, each ending in its last newline. What follows the last whole note is
 * yielded as `rest`.
 */
export async function* readNotes(
  path: string,
  size: number,
): AsyncGenerator<{ readonly note: string } | { readonly rest: string }> {
  if (size === 0) return
  const stream = createReadStream(path, { encoding: 'utf8', end: size - 1 })
  let held = ''
  for await (const part of stream) {
    held += part as string
    for (let note = firstNote(held); note !== undefined; note = firstNote(held)) {
      yield { note: note.slice(0, -1) }
      held = held.slice(note.length)
    }
    if (held.length > MAX_NOTE) break
  }
  if (held !== '') yield { rest: held }
}

export interface LastCheckpoint {
  readonly checkpoint: Checkpoint | null
  /** Length of the file up to the end of its last whole note. */
  readonly bytes: number
}

const readTail = async (path: string): Promise<{ readonly text: string; readonly size: number }> => {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, TAIL))
    await file.read(buffer, 0, buffer.length, size - buffer.length)
    return { text: buffer.toString('latin1'), size }
  } finally {
    await file.close()
  }
}

const SIGNATURE = Buffer.from('\u2014 ').toString('latin1')

/** The last whole checkpoint of the file; its signature is not checked. A missing file has none. */
export const readLastCheckpoint = async (path: string): Promise<LastCheckpoint> => {
  const tail = await attemptAsync(() => readTail(path))
  if (!tail.ok) return { checkpoint: null, bytes: 0 }
  const blocks = tail.value.text.split('\n\n')
  // Only a block that is followed by another, if empty, was written to its end.
  const last = blocks.slice(0, -1).findLastIndex((block, index) => index > 0 && block.startsWith(SIGNATURE))
  if (last === -1) return { checkpoint: null, bytes: 0 }
  const parsed = parseCheckpoint(`${Buffer.from(blocks[last - 1] as string, 'latin1').toString()}\n`)
  const behind = blocks.slice(last + 1).join('\n\n').length
  return parsed.ok ? { checkpoint: parsed.checkpoint, bytes: tail.value.size - behind } : { checkpoint: null, bytes: 0 }
}
