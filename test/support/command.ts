// The command as people run it: a child process, its output and its exit status.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const MAIN = join(ROOT, 'packages', 'balustrade', 'src', 'main.ts')
const WORDS = ['--conditions=source', MAIN]

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command line to its end, from the root of the repository. */
export const balustrade = (...words: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [...WORDS, ...words], { cwd: ROOT, timeout: 90_000 }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    )
    child.stdin?.end()
  })

export interface Begun {
  readonly child: ChildProcess
  /** What it said so far on each stream. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its exit status. */
  readonly ended: Promise<number | null>
}

/** Starts a command line that runs until it is told to end. */
export const beginBalustrade = (...words: readonly string[]): Begun => beginWithin(null, words)

/** The same; no file it writes may have more than so many KiB, which to it is a full disk. Null: no limit. */
export const beginWithin = (kibibytes: number | null, words: readonly string[]): Begun => {
  const command = [process.execPath, ...WORDS, ...words]
  // Blocks of 512 bytes (POSIX ulimit).
  const limited = ['/bin/sh', '-c', `ulimit -f ${2 * (kibibytes ?? 0)} && exec "$@"`, 'sh', ...command]
  const [program = '', ...args] = kibibytes === null ? command : limited
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, stdout: () => stdout, stderr: () => stderr, ended }
}
