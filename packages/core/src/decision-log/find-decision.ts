import { type LineChunk, type LogEntry, parseLine, readChunks } from './log-lines.ts'
import { chooseSegments } from './read-log.ts'
import { segmentPath } from './segments.ts'

const VERSION_7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const NEWLINE = 10

/** Epoch ms at which a decision id was made (RFC 9562 section 5.7); null for what is no UUID of version 7. */
export const readDecisionTime = (id: string): number | null => {
  const match = VERSION_7.exec(id)
  return match === null ? null : Number.parseInt(`${match[1]}${match[2]}`, 16)
}

const isAbout = ({ record }: LogEntry, id: string): boolean =>
  ('id' in record && record.id === id) || (record.kind === 'decision' && record.holds === id)

/** Looks for the bytes of the id before it parses anything: most of a log is passed at the speed of memory. */
const entriesWith = (chunk: LineChunk, id: string): readonly LogEntry[] => {
  const found: LogEntry[] = []
  const needle = Buffer.from(`"${id}"`)
  const lines = chunk.buffer.subarray(0, chunk.end)
  for (let at = lines.indexOf(needle, 1); at !== -1; ) {
    const from = Math.max(1, lines.lastIndexOf(NEWLINE, at) + 1)
    const to = lines.indexOf(NEWLINE, at)
    const entry = parseLine(lines, from, to)
    if (entry !== null && isAbout(entry, id)) found.push(entry)
    at = lines.indexOf(needle, to)
  }
  return found
}

/**
 * Every record about one decision, oldest first: the decision, a rejected credential, later judgements of the stream it opened, its
 * completion, which is the last. Empty when there is none. The time in the id says where to begin; other ids are looked for
 * everywhere. Throws CodedError `log.unreadable`.
 */
export const findDecision = async (folder: string, id: string): Promise<readonly LogEntry[]> => {
  const time = readDecisionTime(id)
  const found: LogEntry[] = []
  for (const first of await chooseSegments(folder, time === null ? {} : { from: time })) {
    for await (const chunk of readChunks(segmentPath(folder, first))) {
      found.push(...entriesWith(chunk, id))
      if (found.at(-1)?.record.kind === 'completion') return found
    }
  }
  return found
}
