import { Worker } from 'node:worker_threads'
import { type OpenResult, type StateAnswer, type StateMessage, type StateTask } from './state-request.ts'
import type { StatePost } from './state-worker.ts'

/** One thread that serves a file, from its start to its end. */
export interface StateThread {
  readonly opened: Promise<OpenResult>
  readonly post: (post: StatePost) => void
  /** Keeps the process alive, or does not. */
  readonly hold: (isHeld: boolean) => void
  /** Resolves when it has ended, or is left to end by itself because it hangs in the system. */
  readonly end: () => Promise<void>
}

export interface ThreadListener {
  readonly onAnswers: (answers: readonly StateAnswer[]) => void
  /** It ended without being asked to. */
  readonly onDeath: (why: string) => void
}

const OPENING_MS = 30_000
const ENDING_MS = 2_000

export const startThread = (task: StateTask, { onAnswers, onDeath }: ThreadListener): StateThread => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./state-worker.${extension}`, import.meta.url), {
    workerData: task,
    // Nothing that this process loads beforehand: it imports what stands beside it, and no package.
    execArgv: [],
  })
  const { promise: opened, resolve: open } = Promise.withResolvers<OpenResult>()
  const { promise: ended, resolve: finish } = Promise.withResolvers<void>()
  let isEnding = false
  const die = (why: string): void => {
    open({ ok: false, code: 'state.disk', why })
    finish()
    if (!isEnding) onDeath(why)
    isEnding = true
  }
  const limit = setTimeout(() => open({ ok: false, code: 'state.disk', why: `${task.file} was not opened in time` }), OPENING_MS)
  void opened.then(() => clearTimeout(limit))
  worker.on('message', (message: StateMessage) => {
    if ('answers' in message) return onAnswers(message.answers)
    open(message.opened)
    if (!message.opened.ok) die(message.opened.why)
  })
  worker.on('error', (error) => die(error.message))
  worker.on('exit', () => die('the thread of the store ended'))
  return {
    opened,
    post: (post) => worker.postMessage(post),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    end: async () => {
      isEnding = true
      worker.ref()
      worker.postMessage(null)
      const limitOfEnd = setTimeout(() => {
        void worker.terminate()
        worker.unref()
        finish()
      }, ENDING_MS)
      await ended
      clearTimeout(limitOfEnd)
    },
  }
}
