// Names for the sibling packages alone, pinned exactly to this version. Not for applications: no promise over versions.
export {
  answerMalformed,
  answerUnlessAllowed,
  type Answering,
  isKeepable,
  refuseMalformed,
  type Surroundings,
} from './answer/answer.ts'
export { type Markup, markup, type Page, pageAnswer, PLAIN, seeOther, type Theme } from './answer/document.ts'
export { identityHeaders } from './answer/identity-headers.ts'
export { answerReserved, RESERVED_SEGMENT } from './answer/reserved.ts'
export { returnedHeaders } from './answer/returned-headers.ts'
export { CONDITIONS, CREDENTIALS, REASON_TEXTS } from './catalogue.ts'
export { metadataUrls } from './credentials/jwt/fetch-keys.ts'
export { createIssuedTokens, type IssuedFault, type IssuedTokens } from './credentials/jwt/issued-token.ts'
export { createLogKey, verifierKeyOf } from './decision-log/log-key.ts'
export { openDecisionLog, type OpenedLog } from './decision-log/decision-log.ts'
export { findDecision } from './decision-log/find-decision.ts'
export { followLog } from './decision-log/follow-log.ts'
export type { LogEntry } from './decision-log/log-lines.ts'
export { createNoteVerifier, type NoteVerifier, parseVerifierKey } from './lib/signed-note.ts'
export { createImageStore } from './decision-log/image-store.ts'
export { openOpeningLedger } from './decision-log/opening-ledger.ts'
export { type LogFilter, readLastRecords, readLog } from './decision-log/read-log.ts'
export { type LogVerification, verifyLog } from './decision-log/verify-log.ts'
export { explain, type Explanation, type ConditionExplained, type RuleExplained } from './decision/explain.ts'
export { createDecisionIds } from './engine/decision-id.ts'
export { createEngine } from './engine/engine.ts'
export { createDescribedJudge, type DescribedJudge } from './engine/judge-described.ts'
export { type Replay, replayDecision } from './engine/replay.ts'
export { prepareImage } from './engine/prepare-image.ts'
export { type Assurance, readAssurance } from './identity/assurance.ts'
export { isName } from './identity/claim-text.ts'
export { readNumericDate } from './identity/numeric-date.ts'
export { cookieNameFor, cookieValues, SESSION_SECRET } from './identity/session-cookie.ts'
export { type Address, addressOf, parseAddress } from './lib/address.ts'
export { attempt, attemptAsync } from './lib/attempt.ts'
export { canonicalJson } from './lib/canonical-json.ts'
export { formatInstant } from './lib/civil.ts'
export { CodedError } from './lib/coded-error.ts'
export { isFieldValue, isToken, parseContentLength, trimSpace } from './lib/http-token.ts'
export { createNetworkSet, parseNetwork, type Network } from './lib/network.ts'
export { createSecret, type Secret } from './lib/secret.ts'
export { sha256Base64Url } from './lib/digest.ts'
export { type FetchedJson, fetchJson, readJsonAnswer, sendRequest } from './lib/egress.ts'
export { isObject, type JsonObject, type JsonValue, parseStrictJson } from './lib/strict-json.ts'
export { formatDuration, parseDuration } from './lib/duration.ts'
export { METHODS, READ_METHODS } from './model/access-request.ts'
export { setsOwnCookie } from './model/own-cookies.ts'
export type * from './model/access-request.ts'
export type * from './model/condition.ts'
export type * from './model/credential-ports.ts'
export type * from './model/decision.ts'
export type * from './model/diagnostic.ts'
export type * from './model/endpoint.ts'
export type * from './model/engine.ts'
export {
  ANONYMOUS,
  CLOCK_SKEW,
  CREDENTIAL_KINDS,
  FACTS,
  FACTS_OF_KIND,
  MFA_LEVELS,
  OWN_PROVIDER,
  UNIDENTIFIED,
  UNKNOWN,
} from './model/fact.ts'
export type * from './model/fact.ts'
export type * from './model/identity.ts'
export * from './model/log-record.ts'
export { parsePathPattern, type PathPattern, type PatternSegment } from './model/path-pattern.ts'
export { authorityOf, isFromOrigin, originOf } from './model/origin.ts'
export type * from './model/policy-image.ts'
export type * from './model/ports.ts'
export type * from './model/reason.ts'
export type * from './model/remedy.ts'
export { type Atom, atomsOf, type Node, type Tri } from './plan/node.ts'
export type { Plan } from './plan/plan.ts'
export { isAlive, type PlanRule, trialOf } from './plan/rule.ts'
export { type ProxyTrust, NO_PROXIES, trustFault } from './request/client-address.ts'
export { forwardableHeaders } from './request/forwardable-headers.ts'
export { framingOf } from './request/framing.ts'
export { fromMessage, fromStreamMessage, malformedMessage } from './request/from-message.ts'
export { CONNECTION_FIELDS } from './request/header-list.ts'
export { REQUEST_REASONS } from './request/reasons.ts'
export { createManagedByService } from './request/managed-by-service.ts'
export { parseProxyHeader } from './request/proxy-protocol.ts'
