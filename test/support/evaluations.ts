// Evaluations and requests for tests of what is answered: those of an anonymous caller at the example's `payments`, with what differs.
import type { AccessRequest } from '../../packages/core/src/model/access-request.ts'
import type { Decision } from '../../packages/core/src/model/decision.ts'
import type { Evaluation } from '../../packages/core/src/model/engine.ts'
import { ANONYMOUS, type CredentialFacts, type Facts } from '../../packages/core/src/model/fact.ts'
import type { Identity } from '../../packages/core/src/model/identity.ts'
import type { ProviderImage, ServiceImage } from '../../packages/core/src/model/policy-image.ts'
import { REASONS, type ReasonText } from '../../packages/core/src/model/reason.ts'
import type { Remedy } from '../../packages/core/src/model/remedy.ts'
import { fromDescription, type RequestDescription } from '../../packages/core/src/request/from-description.ts'
import { EXAMPLE_NOW, exampleFacts, exampleImage } from '../../packages/core/src/testing/example-facts.ts'

export const DECISION_ID = '019abcde-0000-7000-8000-000000000001'

export const allowed: Decision = {
  outcome: 'allow',
  class: null,
  reasons: [],
  remedy: null,
  rule: 'use',
  public: false,
  exceptions: [],
  holdsUntil: Number.POSITIVE_INFINITY,
}

export const denied = (cls: NonNullable<Decision['class']>, ...codes: readonly string[]): Decision => ({
  ...allowed,
  outcome: 'deny',
  class: cls,
  reasons: codes.map((code) => ({ code })),
  rule: null,
})

export const challenged = (remedy: Remedy, ...codes: readonly string[]): Decision => ({
  ...denied('forbidden', ...codes),
  outcome: 'challenge',
  class: null,
  remedy,
})

export const payments = exampleImage.services.payments as ServiceImage
export const corp = exampleImage.providers.corp as ProviderImage

/** What facts say of the caller alone. */
export const callerIn = (facts: Facts): CredentialFacts =>
  Object.fromEntries(Object.keys(ANONYMOUS).map((name) => [name, facts[name as keyof Facts]])) as unknown as CredentialFacts

export const ada: Identity = {
  facts: callerIn(exampleFacts),
  behalf: null,
  kind: 'jwt',
  credentialHash: 'hash',
  provider: 'corp',
  subject: 'ada',
  credentialId: null,
  expiresAt: EXAMPLE_NOW + 3_600_000,
  unconfirmed: false,
}

/** Nobody in particular, allowed. */
export const evaluationWith = (differing: Partial<Evaluation> = {}): Evaluation => ({
  id: DECISION_ID,
  decision: allowed,
  digest: null,
  serviceName: 'payments',
  service: payments,
  image: exampleImage,
  identity: null,
  rejected: null,
  preflight: false,
  settled: () => true,
  complete: () => {},
  ...differing,
})

/** `headers`: field values by name. */
export const requestOf = (request: string, headers: RequestDescription['headers'] = {}): AccessRequest => {
  const made = fromDescription({ request, headers, at: EXAMPLE_NOW })
  if (!made.ok) throw new Error(made.code)
  return made.request
}

export const around = {
  reasonText: (code: string): ReasonText => REASONS[code] ?? { text: `Text of ${code}.`, help: `Help for ${code}.` },
  theme: { name: '', style: '' },
  login: null,
}
