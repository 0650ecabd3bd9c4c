// Threads of the store as the tests of the store see them: every one that is started, what it answers, and when it has ended.
import { createSecretKey } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, vi } from 'vitest'
import type { Action, StateAnswer, StateRequest, StateTask } from '../../packages/server/src/state/state-request.ts'
import { startThread } from '../../packages/server/src/state/state-thread.ts'
import { makeStateWorld, stateKey, type StateWorld } from './state.ts'

export interface SeenThread {
  readonly worker: Worker
  readonly exited: Promise<void>
}

/** Every thread that this one starts from now on. */
export const watchThreads = (): readonly SeenThread[] => {
  const seen: SeenThread[] = []
  const note = (worker: Worker): void => {
    seen.push({ worker, exited: new Promise((resolve) => void worker.once('exit', () => resolve())) })
  }
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  return seen
}

/** How many ports keep this thread alive; each thread that is held is one of them. */
export const heldPorts = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

export const taskOf = (world: StateWorld, more: Partial<StateTask> = {}): StateTask => ({
  file: world.file,
  keys: [createSecretKey(stateKey(1))],
  now: world.time,
  lockMs: 1_000,
  mayCreate: true,
  ...more,
})

/** One thread that has opened the file of a world. */
export const openThread = async (more: Partial<StateTask> = {}) => {
  const world = makeStateWorld()
  const [answers, onDeath] = [vi.fn<(some: readonly StateAnswer[]) => void>(), vi.fn<(why: string) => void>()]
  const threads = watchThreads()
  const thread = startThread(taskOf(world, more), { onAnswers: answers, onDeath })
  expect(await thread.opened).toEqual({ ok: true })
  const request = (id: number, action: Action, until = Number.POSITIVE_INFINITY): StateRequest => ({
    id,
    now: world.time,
    until,
    action,
  })
  const add = (id: number, until?: number): StateRequest =>
    request(
      id,
      { name: 'add', collection: 'session', key: `${id}`, held: { payload: '[]', expiresAt: world.time + 1, tags: [] } },
      until,
    )
  const get = (id: number, key: string): StateRequest => request(id, { name: 'get', collection: 'session', key })
  const [seen] = threads
  if (seen === undefined) throw new Error('no thread was started')
  return {
    world,
    thread,
    onDeath,
    request,
    add,
    get,
    exited: seen.exited,
    worker: seen.worker,
    /** As they came: what was answered together is together. */
    batches: (): readonly (readonly StateAnswer[])[] => answers.mock.calls.map(([some]) => some),
    answers: (): readonly StateAnswer[] => answers.mock.calls.flatMap(([some]) => some),
    answered: (count: number) =>
      vi.waitFor(() => expect(answers.mock.calls.flat(2).length).toBeGreaterThanOrEqual(count), { timeout: 60_000, interval: 2 }),
    entries: (): unknown => world.connect().prepare('SELECT count(*) AS n FROM entry').get()?.['n'],
  }
}
