// Decision records of the shape and size the engine writes.
import type { CompletionRecord, DecisionRecord } from '../../packages/core/src/model/log-record.ts'

const POLICY = 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const DATA = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
const DIGEST = { policy: POLICY, data: DATA }
const AT = Date.UTC(2026, 10, 24)

const IDENTITY_FACTS = { user: 'corp/u-4711' }

/** An id of the form decision ids have (UUID version 7), of the given time. */
export const sampleId = (at: number, index: number): string => {
  const time = at.toString(16).padStart(12, '0')
  const tail = index.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7abc-8def-${tail}`
}

/** About 750 bytes as a line; keys in the order the engine makes them, not in that of the line. */
export const sampleDecision = (index: number, changes: Partial<DecisionRecord> = {}): DecisionRecord => ({
  kind: 'decision',
  at: AT + index,
  id: sampleId(AT + index, index),
  point: 'gateway',
  service: 'payments',
  method: 'POST',
  host: 'pay.example.com',
  path: `/v1/charges/ch_${index}`,
  peer: '10.0.0.7',
  client: '203.0.113.9',
  who: {
    kind: 'human',
    provider: 'corp',
    subject: 'u-4711',
    actingFor: null,
    credential: 'jwt',
    credentialHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
    credentialId: null,
    factors: [],
  },
  outcome: 'allow',
  class: null,
  reasons: [],
  remedy: null,
  rule: 'payments-team',
  exceptions: [],
  shadow: null,
  digest: DIGEST,
  facts: { ...IDENTITY_FACTS },
  verdicts: {},
  holds: null,
  latency: 12,
  ...changes,
})

export const sampleCompletion = (id: string, changes: Partial<CompletionRecord> = {}): CompletionRecord => ({
  kind: 'completion',
  at: AT,
  id,
  status: 200,
  sent: 512,
  received: 128,
  duration: 7,
  end: 'complete',
  ...changes,
})
