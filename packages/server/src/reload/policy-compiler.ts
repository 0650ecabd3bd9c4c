import { Worker } from 'node:worker_threads'
import type { Diagnostic, PolicyImage, PreparedImage, RuleImage } from '@balustrade/core/kit'
import type { CompileJob, CompileMessage, CompileRequest } from './compile-worker.ts'

export interface CompileResult {
  /** null: the documents hold errors, or the compiler failed. */
  readonly prepared: PreparedImage | null
  readonly diagnostics: readonly Diagnostic[]
  /** The compiler itself failed: why. */
  readonly failure: string | null
}

export interface PolicyCompiler {
  readonly compile: (job: Omit<CompileJob, 'id'>) => Promise<CompileResult>
  readonly close: () => Promise<void>
}

interface Pending {
  readonly resolve: (result: CompileResult) => void
  head: Extract<CompileMessage, { readonly type: 'head' }> | null
  readonly rules: RuleImage[]
}

const failed = (failure: string): CompileResult => ({ prepared: null, diagnostics: [], failure })

const assemble = (pending: Pending, diagnostics: readonly Diagnostic[]): CompileResult => {
  const { head, rules } = pending
  if (head === null) return { prepared: null, diagnostics, failure: null }
  const image: PolicyImage = { ...head.image, rules }
  return { prepared: { image, digest: head.digest, canonical: head.canonical }, diagnostics, failure: null }
}

const receive = (pending: Map<number, Pending>, message: CompileMessage): void => {
  const entry = pending.get(message.id)
  if (entry === undefined) return
  if (message.type === 'head') entry.head = message
  else if (message.type === 'rules') entry.rules.push(...message.rules)
  else {
    pending.delete(message.id)
    entry.resolve(assemble(entry, message.diagnostics))
  }
}

/** Compiles policy folders on a worker thread. A worker that dies fails its jobs and is replaced at the next one. */
export const createPolicyCompiler = (): PolicyCompiler => {
  const pending = new Map<number, Pending>()
  let worker: Worker | null = null
  let last = 0
  const failAll = (why: string) => {
    for (const entry of pending.values()) entry.resolve(failed(why))
    pending.clear()
    worker = null
  }
  /** Keeps the process alive while something is compiled: at the start nothing else does. */
  const hold = (by: Worker) => (pending.size > 0 ? by.ref() : by.unref())
  const start = (): Worker => {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const made = new Worker(new URL(`./compile-worker.${extension}`, import.meta.url), {
      execArgv: extension === 'ts' ? ['--conditions=source'] : [],
    })
    made.on('message', (message: CompileMessage) => {
      receive(pending, message)
      hold(made)
      if (message.type !== 'end') setImmediate(() => made.postMessage({ more: message.id } satisfies CompileRequest))
    })
    // One that was replaced has no jobs any more.
    made.on('error', (error) => made === worker && failAll(error.message))
    made.on('exit', () => made === worker && failAll('the compiler ended'))
    return made
  }
  return {
    compile: (job) =>
      new Promise((resolve) => {
        worker ??= start()
        const id = ++last
        pending.set(id, { resolve, head: null, rules: [] })
        hold(worker)
        worker.postMessage({ job: { ...job, id } } satisfies CompileRequest)
      }),
    close: async () => {
      await worker?.terminate()
    },
  }
}
