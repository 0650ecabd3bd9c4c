// A thread on which the store reads or writes, so that a slow disk holds up nothing but the store.
import type { DatabaseSync } from 'node:sqlite'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { attempt } from './attempt.ts'
import { createChangeLog } from './change-log.ts'
import { type OpenFile, openStateFile } from './open-file.ts'
import { createPerform, type Perform } from './perform.ts'
import { createKeyring } from './sealing.ts'
import { createShelf, SealedError } from './shelf.ts'
import {
  isRead,
  messageOf,
  monotonicMs,
  type StateAnswer,
  type StateMessage,
  type StateRequest,
  type StateTask,
} from './state-request.ts'

/** Requests, or null: close after what came before. */
export type StatePost = readonly StateRequest[] | null

/** So many share one transaction, and so one wait for the disk. */
const TOGETHER = 256

const failed = ({ id }: StateRequest, error: unknown): StateAnswer => ({
  id,
  ok: false,
  failure: error instanceof SealedError ? 'sealed' : 'unavailable',
  why: messageOf(error),
})

const answerAlone = (perform: Perform, request: StateRequest): StateAnswer => {
  const done = attempt(() => perform(request.action, request.now))
  return done.ok ? { id: request.id, ok: true, value: done.value } : failed(request, done.error)
}

const stillWaitedFor = (requests: readonly StateRequest[]): readonly StateRequest[] => {
  const now = monotonicMs()
  return requests.filter(({ until }) => until > now)
}

/** All of them, or none: what one of them cannot open is left as it was, anything else that fails takes back the others too. */
const answerTogether = (database: DatabaseSync, perform: Perform, requests: readonly StateRequest[]): readonly StateAnswer[] => {
  const begun = attempt(() => database.exec('BEGIN IMMEDIATE'))
  if (!begun.ok) return requests.map((request) => failed(request, begun.error))
  const done = attempt(() => {
    // While the lock was waited for, the time of some may have run out: what nobody waits for any more is not done.
    const answers = stillWaitedFor(requests).map((request): StateAnswer => {
      const one = attempt(() => perform(request.action, request.now))
      if (!one.ok && !(one.error instanceof SealedError)) throw one.error
      return one.ok ? { id: request.id, ok: true, value: one.value } : failed(request, one.error)
    })
    database.exec('COMMIT')
    return answers
  })
  if (done.ok) return done.value
  // A full disk has rolled back already.
  if (database.isTransaction) database.exec('ROLLBACK')
  return requests.map((request) => failed(request, done.error))
}

const serveFrom = (port: MessagePort, { database, isThere }: OpenFile, perform: Perform): void => {
  const queue: StateRequest[] = []
  const take = (post: StatePost): boolean => {
    queue.push(...(post ?? []))
    return post !== null
  }
  /** False: asked to close. */
  const drain = (): boolean => {
    for (;;) {
      const received = receiveMessageOnPort(port)
      if (received === undefined) return true
      if (!take(received.message as StatePost)) return false
    }
  }
  const serveSome = (): void => {
    const live = stillWaitedFor(queue.splice(0, TOGETHER))
    // Whoever looks for changes wants those of the others, who would be writing another file; and what is written must be found again.
    if (live.some(({ action }) => action.name === 'changes' || !isRead(action.name)) && !isThere()) {
      throw new Error('the file was taken away or replaced')
    }
    // Those who read are asked on a thread of their own.
    const answers = live.every(({ action }) => isRead(action.name))
      ? live.map((request) => answerAlone(perform, request))
      : answerTogether(database, perform, live)
    port.postMessage({ answers } satisfies StateMessage)
  }
  port.on('message', (post: StatePost) => {
    let isOpen = take(post)
    while (queue.length > 0) {
      isOpen = isOpen && drain()
      serveSome()
    }
    if (isOpen) return
    database.close()
    port.close()
  })
}

const start = (port: MessagePort, task: StateTask): void => {
  const keyring = createKeyring(task.keys)
  const file = openStateFile(task, keyring)
  port.postMessage({ opened: file.ok ? { ok: true } : file } satisfies StateMessage)
  if (!file.ok) return
  const { database, secret } = file.opened
  const shelf = createShelf({ database, keyring, secret })
  serveFrom(port, file.opened, createPerform({ shelf, changes: createChangeLog(database, keyring), keyIds: keyring.ids }))
}

if (parentPort !== null) start(parentPort, workerData as StateTask)
