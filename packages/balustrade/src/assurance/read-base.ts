import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attempt, CONDITIONS } from '@balustrade/core/kit'
import { type ReadFolder, readPolicyFolder } from '@balustrade/core/policy'

/** Where an earlier policy is read from: a folder, or a folder of a revision that git keeps. */
type Source =
  | { readonly folder: string }
  | {
      readonly revision: string /** From the root of the work tree; null: where the policy is now. */
      readonly path: string | null
    }

export interface BaseOptions {
  /** The policy that is compared: its work tree is the one that is asked for revisions. */
  readonly policy: string
  readonly environment: string | undefined
  readonly now: number
}

export type ReadBase = { readonly ok: true; readonly read: ReadFolder } | { readonly ok: false; readonly why: string }

const MOST_FILES = 2_000
const MOST_BYTES = 67_108_864
const SLOWEST = 30_000
const FILE_MODES = new Set(['100644', '100755'])

const refuse = (why: string): ReadBase => ({ ok: false, why })

const isFolder = (path: string): boolean => {
  const stats = attempt(() => statSync(path))
  return stats.ok && stats.value.isDirectory()
}

const sourceOf = (base: string): Source | null => {
  if (isFolder(base)) return { folder: base }
  const colon = base.indexOf(':')
  if (colon < 1) return null
  const [before, after] = [base.slice(0, colon), base.slice(colon + 1)]
  if (before === 'git') return after === '' ? null : { revision: after, path: null }
  return { revision: before, path: after }
}

/** Runs git without a shell, fetching nothing. Its own words on failure. */
const git = (folder: string, words: readonly string[], input?: string): Buffer => {
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' }
  const limits = { env, timeout: SLOWEST, maxBuffer: MOST_BYTES, ...(input === undefined ? {} : { input }) }
  return execFileSync('git', ['-C', folder, ...words], { ...limits, stdio: ['pipe', 'pipe', 'pipe'] })
}

interface Kept {
  readonly path: string
  readonly object: string
  readonly size: number
}

const ENTRY = /^(\d{6}) blob ([0-9a-f]{40,64}) +(\d+)\t(.+)$/s

/** Regular files alone: a link would lead somewhere else than it did. */
const filesIn = (listing: string): readonly Kept[] =>
  listing.split('\0').flatMap((entry) => {
    const [, mode = '', object = '', size = '', path = ''] = ENTRY.exec(entry) ?? []
    return FILE_MODES.has(mode) && !path.split('/').includes('..') ? [{ path, object, size: Number(size) }] : []
  })

/** What a policy is read from; anything else of the revision is not taken out. */
const mayMatter = ({ path }: Kept): boolean => /\.(?:ya?ml|json)$/.test(path)

/** Splits what `cat-file --batch` answers: a line, as many bytes as it says, a line feed. */
const contentsOf = (answer: Buffer, files: readonly Kept[]): readonly Buffer[] => {
  let at = 0
  return files.map(({ size }) => {
    const start = answer.indexOf(0x0a, at) + 1
    at = start + size + 1
    return answer.subarray(start, start + size)
  })
}

const treeOf = (policy: string, { revision, path }: { revision: string; path: string | null }): string => {
  const below = path ?? git(policy, ['rev-parse', '--show-prefix']).toString().trim()
  const name = `${revision}:${below.replace(/\/+$/, '')}`
  return git(policy, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}`])
    .toString()
    .trim()
}

const takeOut = (policy: string, tree: string, into: string): string | null => {
  const all = filesIn(git(policy, ['ls-tree', '-r', '-z', '-l', '--full-tree', '--end-of-options', tree]).toString())
  const files = all.filter(mayMatter)
  if (files.length > MOST_FILES) return `it holds more than ${MOST_FILES} files`
  if (files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES / 2) return `it holds more than ${MOST_BYTES / 2} bytes`
  const contents = contentsOf(git(policy, ['cat-file', '--batch'], files.map(({ object }) => `${object}\n`).join('')), files)
  files.forEach(({ path }, i) => {
    mkdirSync(dirname(join(into, path)), { recursive: true })
    writeFileSync(join(into, path), contents[i] ?? '')
  })
  return null
}

const readFolder = (folder: string, { environment, now }: BaseOptions): ReadBase => {
  const read = readPolicyFolder(folder, { conditions: CONDITIONS, now, ...(environment === undefined ? {} : { environment }) })
  return { ok: true, read }
}

const readRevision = (source: { revision: string; path: string | null }, options: BaseOptions): ReadBase => {
  const into = mkdtempSync(join(tmpdir(), 'balustrade-base-'))
  const taken = attempt(() => takeOut(options.policy, treeOf(options.policy, source), into))
  const where = `the policy of the revision ${source.revision}`
  const read = taken.ok && taken.value === null ? readFolder(into, options) : null
  rmSync(into, { recursive: true, force: true })
  if (read !== null) return read
  if (taken.ok) return refuse(`Cannot read ${where}: ${taken.value}.`)
  return refuse(`Cannot read ${where}: git knows no such folder there, or ${options.policy} is in no work tree of git.`)
}

/**
 * Reads the policy to compare with: a folder, `git:<revision>` for the same folder in a revision, or `<revision>:<path>` from the root
 * of the work tree. Bounded in files, bytes and time.
 */
export const readBase = (base: string, options: BaseOptions): ReadBase => {
  const source = sourceOf(base)
  if (source === null) return refuse(`There is no folder ${base}. Give a folder, git:<revision>, or <revision>:<path>.`)
  return 'folder' in source ? readFolder(source.folder, options) : readRevision(source, options)
}
