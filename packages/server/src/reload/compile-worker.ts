// Documents become plain data here, on a thread of their own, so that serving never waits for a parser.
import { type MessagePort, parentPort } from 'node:worker_threads'
import {
  CONDITIONS,
  type Diagnostic,
  type PolicyImage,
  type PreparedImage,
  prepareImage,
  type RuleImage,
} from '@balustrade/core/kit'
import { createDocumentCache, type DocumentCache, readPolicyFolder } from '@balustrade/core/policy'

export interface CompileJob {
  readonly id: number
  readonly folder: string
  readonly environment: string | null
  readonly now: number
}

/** A job to begin, or the wish for what comes next of one. */
export type CompileRequest = { readonly job: CompileJob } | { readonly more: number }

/**
 * An image without its rules; they follow in slices, each when it is asked for, so that receiving a large policy never stalls the
 * serving thread: messages that are waiting are all read in one turn of the event loop.
 */
export type CompileMessage =
  | {
      readonly id: number
      readonly type: 'head'
      readonly image: Omit<PolicyImage, 'rules'>
      readonly digest: PreparedImage['digest']
      readonly canonical: string
    }
  | { readonly id: number; readonly type: 'rules'; readonly rules: readonly RuleImage[] }
  | { readonly id: number; readonly type: 'end'; readonly diagnostics: readonly Diagnostic[]; readonly compiled: boolean }

const SLICE = 200

function* compile({ id, folder, environment, now }: CompileJob, documents: DocumentCache): Generator<CompileMessage, void> {
  const { image, diagnostics } = readPolicyFolder(folder, {
    conditions: CONDITIONS,
    now,
    documents,
    ...(environment === null ? {} : { environment }),
  })
  if (image !== null) {
    const { digest, canonical } = prepareImage(image)
    const { rules, ...head } = image
    yield { id, type: 'head', image: head, digest, canonical }
    for (let at = 0; at < rules.length; at += SLICE) yield { id, type: 'rules', rules: rules.slice(at, at + SLICE) }
  }
  yield { id, type: 'end', diagnostics, compiled: image !== null }
}

const answer = (port: MessagePort): void => {
  const documents = createDocumentCache()
  /** Jobs of which something is still to be sent. */
  const begun = new Map<number, Generator<CompileMessage, void>>()
  const sendNext = (id: number): void => {
    const step = begun.get(id)?.next()
    if (step?.done === false) port.postMessage(step.value)
    else begun.delete(id)
  }
  port.on('message', (request: CompileRequest) => {
    if ('job' in request) begun.set(request.job.id, compile(request.job, documents))
    sendNext('job' in request ? request.job.id : request.more)
  })
}

if (parentPort !== null) answer(parentPort)
