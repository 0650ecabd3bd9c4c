/** Why a decision is what it is. `rule` and `condition` are for the log and for `explain`, never for the caller. */
export interface Reason {
  readonly code: ReasonCode
  readonly rule?: string
  /** Place and key of the condition, such as `how.mfa`. */
  readonly condition?: string
}

/** `<subject>.<what>` in lower case. */
export type ReasonCode = string

export interface ReasonText {
  /** For the person refused: what happened. Names nothing of the policy. */
  readonly text: string
  /** What would mend it, or who can. */
  readonly help: string
}

/** Reasons that are not those of a condition. Conditions add theirs; the reference lists both. */
export const REASONS: Readonly<Record<string, ReasonText>> = {
  'grant.none': { text: 'Nothing in the policy allows this request.', help: 'Ask the owner of the service for access.' },
  'login.required': { text: 'This needs a signed-in caller.', help: 'Sign in, or send a credential this service accepts.' },
  'guardrail.never': {
    text: 'The policy refuses this request for everyone.',
    help: 'The owner of the service can say what to do instead.',
  },
  'identity.unknown': { text: 'Who calls could not be found out.', help: 'Try again.' },
  'acting_for.unsaid': {
    text: 'An agent that acts for somebody is allowed only what says so.',
    help: 'Ask the owner of the service for access.',
  },
  'upgrade.unsaid': { text: 'A WebSocket is opened only where the policy says so.', help: 'Send an ordinary request.' },
  'breakglass.closed': {
    text: 'What is open in an emergency was opened and has closed again.',
    help: 'Ask the owner of the service to have it armed again.',
  },
  'breakglass.unarmed': {
    text: 'What is open in an emergency is not armed.',
    help: 'Ask the owner of the service to have it armed by somebody else.',
  },
  'breakglass.unknown': { text: 'Whether an emergency was declared could not be found out.', help: 'Tell the operator.' },
  'condition.excluded': { text: 'This is of a kind that is left out here.', help: 'Ask the owner of the service.' },
  'service.none': { text: 'No service here answers to this host and path.', help: 'Check the address.' },
  'path.reserved': { text: 'This path belongs to the enforcement point and holds nothing.', help: 'Check the address.' },
  'request.encoded_slash': {
    text: 'The path holds an encoded slash, which this service does not accept.',
    help: 'Send the path without %2F.',
  },
  'request.encoded_delimiter': {
    text: 'The path holds an encoded ? or #, which this service does not accept.',
    help: 'Send the path without %3F and %23.',
  },
  'request.semicolon': {
    text: 'The path holds a semicolon, which this service does not accept.',
    help: 'Send the path without ; and %3B.',
  },
  'request.double_encoding': { text: 'The path is percent-encoded twice.', help: 'Encode the path once.' },
  'cors.origin': {
    text: 'This service is not open to pages of that origin.',
    help: 'The owner of the service lists the origins it accepts.',
  },
  'engine.failed_closed': {
    text: 'The request could not be judged and was refused.',
    help: 'Try again; the decision id helps the operator.',
  },
  'engine.not_ready': { text: 'No policy is loaded yet.', help: 'Try again in a moment.' },
  'log.unavailable': {
    text: 'The decision could not be recorded, and this service requires a record.',
    help: 'Try again; tell the operator.',
  },
  'credential.malformed': {
    text: 'The credential is not well formed.',
    help: 'Send exactly one credential in its standard form.',
  },
  'credential.several': { text: 'More than one credential was sent.', help: 'Send exactly one.' },
  'credential.not_accepted': {
    text: 'This service does not accept this kind of credential.',
    help: 'Use a credential of a kind the service accepts.',
  },
  'credential.invalid': { text: 'The credential is not valid here.', help: 'Obtain a new one.' },
  'credential.expired': { text: 'The credential has expired.', help: 'Obtain a new one.' },
  'credential.not_yet_valid': { text: 'The credential is not valid yet.', help: 'Check the clock, or wait.' },
  'credential.issuer_unknown': {
    text: 'The credential comes from an issuer this service does not accept.',
    help: 'Obtain one from an accepted issuer.',
  },
  'credential.audience': { text: 'The credential was issued for another service.', help: 'Obtain one for this service.' },
  'credential.too_long_lived': {
    text: 'The credential lives longer than this service accepts.',
    help: 'Obtain one with a shorter life.',
  },
  'credential.keys_unavailable': { text: 'The keys of the issuer could not be fetched.', help: 'Try again.' },
  'session.none': { text: 'There is no such session here.', help: 'Sign in.' },
  'session.expired': { text: 'The session has expired.', help: 'Sign in again.' },
  'session.several': {
    text: 'More than one session was sent.',
    help: 'Delete the cookies of this host in the browser and sign in again.',
  },
  'session.cross_origin': {
    text: 'A page of another site made the browser send this, which a session may not be used for.',
    help: 'Do it from a page of this site.',
  },
  'session.provider': {
    text: 'The session comes from a provider this service does not accept.',
    help: 'Sign in with an accepted provider.',
  },
  'session.unavailable': { text: 'Whether the session is still good could not be found out.', help: 'Try again.' },
  'key.malformed': { text: 'This is no API key of this kind.', help: 'Send the whole key, exactly as it was given out.' },
  'key.unknown': { text: 'There is no such API key here.', help: 'Ask the owner of the service for a key.' },
  'key.expired': { text: 'The API key has expired.', help: 'Ask whoever gave it out for a new one.' },
  'key.revoked': { text: 'The API key was revoked.', help: 'Ask whoever gave it out for a new one.' },
  'key.network': {
    text: 'The API key may not be used from this address.',
    help: 'Use it from a network it was given out for.',
  },
  'key.unavailable': { text: 'Whether the API key is still good could not be found out.', help: 'Try again.' },
  'challenge.no_progress': {
    text: 'What was asked for was done just now, and it was not enough.',
    help: 'Ask the owner of the service; the decision id tells what is missing.',
  },
}
