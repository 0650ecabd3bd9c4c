// Real programs of others that tests run against (nginx, caddy, haproxy, chromium), from the packages listed in .ci/packages. Absent:
// skipped with one line; absent where CI is true: failed.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describeWith } from './needs.ts'

const isExecutable = (path: string) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Debian keeps servers in folders that are not on everybody's PATH. */
const folders = () => [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Path of a program, or null when it is not installed. */
export function peer(program: string): string | null {
  const found = folders()
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable)
  return found ?? null
}

/** `describe` for tests that run a program: `run` gets its path. */
export function describePeer(program: string, run: (path: string) => void): void {
  describeWith({ what: `program ${program}`, path: peer(program) }, run)
}
