// Counts what this process keeps open, so that a test can tell that a file was closed.
import { existsSync, readdirSync } from 'node:fs'

const FOLDER = '/proc/self/fd'

/** True where the system tells which files are open. */
export const canCountOpenFiles = existsSync(FOLDER)

/** Runs it many times; how many more files are open after that for each time. Nearly 0 when it closes what it opens. */
export async function openFilesLeft(task: () => unknown): Promise<number> {
  const times = 60
  await task()
  const before = readdirSync(FOLDER).length
  for (let i = 0; i < times; i++) await task()
  return Math.round((readdirSync(FOLDER).length - before) / times)
}
