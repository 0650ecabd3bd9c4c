// Documents become plain data here, on a thread of their own, so that serving never waits for a parser.
import { parentPort } from 'node:worker_threads'
import {
  CONDITIONS,
  type Diagnostic,
  type PolicyImage,
  type PreparedImage,
  prepareImage,
  type RuleImage,
} from '@balustrade/core/kit'
import { readPolicyFolder } from '@balustrade/core/policy'

export interface CompileJob {
  readonly id: number
  readonly folder: string
  readonly environment: string | null
  readonly now: number
}

/** An image without its rules; they follow in slices, so that receiving a large policy never stalls the serving thread. */
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

const send = (message: CompileMessage): void => parentPort?.postMessage(message)

const compile = (job: CompileJob): void => {
  const { image, diagnostics } = readPolicyFolder(job.folder, {
    conditions: CONDITIONS,
    now: job.now,
    ...(job.environment === null ? {} : { environment: job.environment }),
  })
  if (image !== null) {
    const { digest, canonical } = prepareImage(image)
    const { rules, ...head } = image
    send({ id: job.id, type: 'head', image: head, digest, canonical })
    for (let at = 0; at < rules.length; at += SLICE) send({ id: job.id, type: 'rules', rules: rules.slice(at, at + SLICE) })
  }
  send({ id: job.id, type: 'end', diagnostics, compiled: image !== null })
}

parentPort?.on('message', compile)
