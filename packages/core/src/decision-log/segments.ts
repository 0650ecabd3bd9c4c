import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { attemptAsync } from '../lib/attempt.ts'
import type { AdministrationRecord } from '../model/log-record.ts'
import { formatRangeState, parseRangeState, type RangeState } from './compact-range.ts'
import type { LogEntry } from './log-lines.ts'

const SEGMENT = /^(\d{12,16})\.log$/

const stem = (first: number): string => String(first).padStart(12, '0')

/** JSON lines; named by the sequence number of its first record. */
export const segmentPath = (folder: string, first: number): string => join(folder, `${stem(first)}.log`)

/** Leaf hashes of the segment's records, 32 bytes each: they let verify name the record that was changed. */
export const leavesPath = (folder: string, first: number): string => join(folder, `${stem(first)}.leaves`)

/** Bytes that a crash left behind the last valid record, kept aside and never read again. */
export const tornPath = (folder: string, first: number, seq: number): string => join(folder, `${stem(first)}.torn-${seq}`)

export const checkpointsPath = (folder: string): string => join(folder, 'checkpoints')

/** First sequence numbers of the segments, ascending; empty when there is no such folder. */
export const listSegments = async (folder: string): Promise<readonly number[]> => {
  const names = await attemptAsync(() => readdir(folder))
  if (!names.ok) return []
  const firsts = names.value.map((name) => SEGMENT.exec(name)?.[1]).filter((digits) => digits !== undefined)
  return firsts.map(Number).sort((a, b) => a - b)
}

/** The first record of every segment: the state of the tree before it, so that a restart reads the last segment alone. */
export const segmentHead = (origin: string, state: RangeState, at: number): AdministrationRecord => ({
  kind: 'administration',
  at,
  action: 'log.segment',
  detail: { origin, ...formatRangeState(state) },
})

/** The tree before this record, when it is the head of the segment that begins with it; null otherwise. */
export const readSegmentHead = (entry: LogEntry): RangeState | null => {
  const { record, seq } = entry
  if (record.kind !== 'administration' || record.action !== 'log.segment') return null
  const state = parseRangeState(record.detail)
  return state?.size === seq ? state : null
}
