// Third-party test material lies beside the repository, is read only and never copied. Absent: the tests that read it are skipped
// with one line; absent where CI is true: they fail.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith } from './needs.ts'

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpora')

/** Path of `../shared/corpora/<name>` beside the repository, or null when it is not there. */
export function corpus(name: string): string | null {
  const path = join(folder, name)
  return existsSync(path) ? path : null
}

/** `describe` for tests that read a corpus: `run` gets its path. */
export function describeCorpus(name: string, run: (path: string) => void): void {
  describeWith({ what: `corpus ${name}`, path: corpus(name) }, run)
}
