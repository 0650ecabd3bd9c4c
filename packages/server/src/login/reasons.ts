import type { ReasonText } from '@balustrade/core/kit'

const AGAIN = 'Go back to the page you wanted and sign in again.'
const OPERATOR = 'Tell the operator; the id below helps.'

/** Why a login, a logout or a kept form came to nothing. Status by code. */
export const LOGIN_REASONS: Readonly<Record<string, ReasonText & { readonly status: number }>> = {
  'login.start': { status: 400, text: 'This link to sign in is not good any more.', help: AGAIN },
  'login.not_offered': { status: 403, text: 'Nobody signs in here with a browser.', help: OPERATOR },
  'login.state': { status: 400, text: 'What came back from the sign-in is not an answer to anything asked here.', help: AGAIN },
  'login.expired': { status: 400, text: 'The sign-in took too long, or was completed before.', help: AGAIN },
  'login.browser': { status: 400, text: 'The sign-in was begun in another browser.', help: AGAIN },
  'login.issuer': { status: 400, text: 'The answer came from another provider than the one that was asked.', help: OPERATOR },
  'login.refused': {
    status: 403,
    text: 'The provider did not sign you in.',
    help: 'Try again, or ask whoever runs your account.',
  },
  'login.not_enough': {
    status: 403,
    text: 'You signed in, but the provider did not vouch for the proof that was asked for.',
    help: 'Sign in with a stronger or fresher factor, or ask whoever runs your account to set one up.',
  },
  'login.provider_unavailable': { status: 503, text: 'The provider cannot be reached.', help: 'Try again in a moment.' },
  'login.provider_fault': { status: 502, text: 'The provider did not answer properly.', help: OPERATOR },
  'login.code': { status: 400, text: 'The provider did not accept what the browser brought back.', help: AGAIN },
  'login.token_malformed': { status: 502, text: 'The provider gave no well-formed ID token.', help: OPERATOR },
  'login.token_algorithm': { status: 502, text: 'The ID token is signed by an algorithm that is not declared.', help: OPERATOR },
  'login.token_signature': { status: 502, text: 'The ID token is not signed by the provider.', help: OPERATOR },
  'login.token_issuer': { status: 502, text: 'The ID token is that of another issuer.', help: OPERATOR },
  'login.token_audience': { status: 502, text: 'The ID token was issued for somebody else.', help: OPERATOR },
  'login.token_time': { status: 502, text: 'The ID token is not good at this time.', help: OPERATOR },
  'login.token_nonce': { status: 502, text: 'The ID token does not answer this sign-in.', help: OPERATOR },
  'login.token_hash': { status: 502, text: 'The ID token belongs to another access token.', help: OPERATOR },
  'login.token_subject': { status: 502, text: 'The ID token does not say who signed in.', help: OPERATOR },
  'login.userinfo': { status: 502, text: 'The provider told nothing usable about who signed in.', help: OPERATOR },
  'login.unavailable': { status: 503, text: 'The sign-in could not be kept.', help: 'Try again in a moment.' },
  'login.too_many': { status: 429, text: 'Too many sign-ins are under way.', help: 'Try again in some minutes.' },
  'login.form_gone': { status: 410, text: 'The form is not kept any more.', help: 'Fill it in and send it again.' },
  'logout.cross_origin': {
    status: 403,
    text: 'A page of another site asked to sign you out.',
    help: 'Sign out on a page of this site.',
  },
  'logout.state': { status: 400, text: 'This is not the end of a sign-out that was begun here.', help: 'Sign out again.' },
  'logout.unavailable': {
    status: 503,
    text: 'The sign-out could not be kept everywhere.',
    help: 'Try again in a moment, and close the browser.',
  },
  'logout.token_malformed': { status: 400, text: 'There is no well-formed logout token.', help: OPERATOR },
  'logout.token_type': { status: 400, text: 'The token is no logout token.', help: OPERATOR },
  'logout.token_algorithm': {
    status: 400,
    text: 'The logout token is signed by an algorithm that is not declared.',
    help: OPERATOR,
  },
  'logout.token_signature': { status: 400, text: 'The logout token is not signed by the provider.', help: OPERATOR },
  'logout.token_issuer': { status: 400, text: 'The logout token comes from nobody at whom people log in here.', help: OPERATOR },
  'logout.token_audience': { status: 400, text: 'The logout token was issued for somebody else.', help: OPERATOR },
  'logout.token_time': { status: 400, text: 'The logout token is not good at this time.', help: OPERATOR },
  'logout.token_event': { status: 400, text: 'The logout token tells of no logout.', help: OPERATOR },
  'logout.token_subject': { status: 400, text: 'The logout token does not say which session is over.', help: OPERATOR },
  'logout.token_used': { status: 400, text: 'The logout token was sent before.', help: OPERATOR },
  'logout.front_channel': { status: 400, text: 'The provider and the session are not both named.', help: OPERATOR },
}
