import type { ServerHttp2Stream } from 'node:http2'
import type { GatewayLimits } from './limits.ts'
import type { StreamTraffic } from './stream-message.ts'
import { breakOff } from './stream-response.ts'

/** One request under way on a connection of HTTP/2. */
export interface Carried {
  readonly stream: ServerHttp2Stream
  readonly traffic: StreamTraffic
  /** Bytes of the request that its connection has accounted for. */
  counted: number
  /** What the last look found; null before the first, which therefore judges nobody. */
  seen: { readonly read: number; readonly flushed: number } | null
}

/** Bytes of the answer that the client's windows have let through. */
const flushedOf = ({ stream, traffic }: Carried): number => traffic.bytesWritten - stream.writableLength

const isBodySlow = ({ stream, traffic, seen }: Carried, least: number): boolean =>
  seen !== null && stream.readableFlowing === true && !stream.readableEnded && traffic.bytesRead - seen.read < least

/** Something waits for the client's window and nothing of it went out since the last look. */
const isStuck = (carried: Carried): boolean =>
  carried.seen !== null && carried.stream.writableLength > 0 && flushedOf(carried) <= carried.seen.flushed

/**
 * Looks at each stream once in `bodyIdle`: resets those whose body comes slower than `bodyRate` bytes a second while we read it, and
 * those whose answer a client asked for and does not take. The connection and its other streams go on.
 */
export const judgeStreams = (streams: Iterable<Carried>, limits: GatewayLimits): void => {
  const least = (limits.bodyRate * limits.bodyIdle) / 1000
  for (const carried of streams) {
    if (isBodySlow(carried, least) || isStuck(carried)) breakOff(carried.stream)
    carried.seen = { read: carried.traffic.bytesRead, flushed: flushedOf(carried) }
  }
}
