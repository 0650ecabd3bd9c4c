import { error, warning } from './diagnostic-entry.ts'

/** Faults of names and of what names stand for. */
export const NOUN_DIAGNOSTICS = {
  'name.form': error(
    "'{name}' is not a name.",
    'Names stand in logs and answers; they are plain.',
    'Use lower-case letters, digits and hyphens, beginning with a letter.',
  ),
  'name.reserved': error(
    "'{name}' cannot be a name.",
    'The name means something by itself, or would be ignored as a note (`x-…`).',
    'Choose another name.',
  ),
  'name.duplicate': error(
    "The {what} '{name}' is declared again; first in {file} line {line}.",
    'Names are unique over the whole policy, or what one file says could undo another.',
    'Rename or remove one of them.',
  ),
  'name.unknown': error(
    "There is no {noun} '{name}'.",
    'A name that is not declared matches nobody: a misspelt one would switch the rule off without a word.',
    'Declare it, or correct the spelling.',
  ),
  'name.wrong_kind': error("'{name}' is a {found}, not a {kind}.", 'Only a {kind} can be named here.', 'Name a {kind}.'),
  'claim.unknown': error(
    "No provider that is accepted here declares the claim '{name}'.",
    'A claim that nobody declares is unknown for every caller, so the rule could never be judged.',
    'Declare it with its type under `claims` of a provider of the service.',
  ),
  'operation.unknown': error(
    "No OpenAPI document of the rule's services knows the {noun} '{name}'.",
    'The rule would match no request.',
    'Correct the spelling, or name the service.',
  ),
  'network.invalid': error(
    "'{text}' is not a network: {problem}.",
    'Address lists are read exactly.',
    'Write a network such as 203.0.113.0/24.',
  ),
  'network.everything': error(
    '{text} is every address.',
    'A network that holds everyone is no condition.',
    'List the networks that are meant, or leave the condition out.',
  ),
  'provider.url': error(
    '{url} cannot be trusted as the address of a provider: {problem}.',
    'Whoever can answer for this address can sign in as anybody.',
    'Use https; for development on this machine set `loopback: true`.',
  ),
  'provider.reserved': error(
    "The provider '{name}' cannot be declared.",
    'It vouches for the principals of API keys; another of that name could give itself out as any of them.',
    'Choose another name.',
  ),
  'provider.own': error(
    "The provider '{name}' cannot be named here.",
    'It vouches for the principals of API keys, which have no groups, roles or clients and log in nowhere.',
    'Accept API keys with `credentials: api-key`, and name their principals under `workloads`.',
  ),
  'provider.incomplete': warning(
    "The provider '{name}' does not promise complete {what}, and rules ask for them.",
    'A {noun} that a credential does not list is then unknown, not absent: such requests are refused with 503.',
    'Add `complete: [{what}]` if the provider tells all {what} in every credential.',
  ),
  'service.host': error(
    "'{host}' is not a host name.",
    'Hosts are compared exactly.',
    'Write lower-case labels without port, or one leading `*.` in quotes.',
  ),
  'service.upstream': error(
    '{url} is not an origin.',
    'The path that was judged is the path that is forwarded; an upstream adds none.',
    'Write scheme, host and port only, such as http://127.0.0.1:9000.',
  ),
  'service.origin': error(
    "'{origin}' is not an origin.",
    'Origins are compared exactly with what browsers send.',
    'Write it as a browser does: https://app.example.com, without slash or default port.',
  ),
  'service.header_taken': error(
    'The field {header} cannot carry an identity.',
    'It already means something to servers on the way.',
    'Choose a name of your own, such as X-User.',
  ),
  'service.header_twice': error(
    'The field {header} carries {other} already.',
    'One field holds one thing.',
    'Choose another name.',
  ),
  'service.audience_missing': error(
    'The service accepts tokens but names no audience.',
    'A token issued for any other service would be accepted here.',
    'Add `audience:` with the value your provider writes into `aud` for this service.',
  ),
  'service.providers_missing': error(
    'The service says which credentials it accepts, but names no provider.',
    'No credential could be verified.',
    'Add `providers:`.',
  ),
  'service.login_missing': error(
    'The service accepts sessions but says nowhere where to log in.',
    'Nobody could begin a session.',
    'Add `login:` with the providers to log in at, or leave `session` out.',
  ),
  'service.login_unused': error(
    'The service says where to log in but does not accept sessions.',
    'Whoever logs in is given a session, which would then be refused.',
    'Add `session` to `credentials`, or leave `login` out.',
  ),
  'service.login_provider': error(
    "The service does not accept the provider '{name}' at which people are to log in.",
    'Whoever logs in there would be refused.',
    'Add it to `providers` of the service, or leave it out of `login`.',
  ),
  'service.sessions_unused': error(
    'The service says what holds while sessions and keys cannot be looked up, but accepts neither.',
    'Nothing would follow it.',
    'Add `login:` with the providers to log in at, accept `api-key`, or leave `sessions` out.',
  ),
  'service.overlap': error(
    "{host} with this `under` is already claimed by the service '{other}' ({file} line {line}).",
    'A request must belong to one service.',
    'Give one of them another host or another `under`.',
  ),
  'openapi.missing': error(
    "There is no file '{path}' in the policy folder.",
    'Rules about operations could not be judged.',
    'Name a file relative to the policy folder.',
  ),
  'openapi.invalid': error(
    "'{path}' cannot be used: {problem}.",
    'Which operation a request is must not be guessed.',
    'Give an OpenAPI 3 document in JSON or YAML.',
  ),
  'openapi.template': warning(
    "The path {template} of '{path}' has a parameter within a segment, and is read as if the whole segment were one.",
    'Paths are compared by whole segments: requests the upstream does not take for this operation count as it.',
    'Write rules about it with `path`, or leave it out of the document given here.',
  ),
  'openapi.ambiguous': error(
    "The operations {one} and {other} of '{path}' have one template and one method.",
    'No request could be told to be one of them.',
    'Keep one of them.',
  ),
  'openapi.crossing': warning(
    "Some paths fit two templates of '{path}', neither the more concrete ({count} pairs, such as {one} and {other}).",
    'Such a path counts as the one with the first literal segment; an upstream that chooses otherwise serves what was not judged.',
    'Make the templates differ in a literal segment, or write rules that grant both operations alike.',
  ),
  'openapi.duplicate_id': error(
    "Two operations of '{path}' have the id {id}.",
    'A rule about the id would be about both.',
    'Give each operation its own operationId.',
  ),
  'bounds.twice': error(
    '`bounds` is stated again; first in {file} line {line}.',
    'Two bounds would leave open which one holds.',
    'Keep one.',
  ),
  'zone.unknown': error(
    "'{zone}' is not a zone: {problem}.",
    'Times of day need the clock of a place.',
    'Write an IANA name such as Europe/Berlin.',
  ),
  'zone.missing': error(
    '{text} is a date, and the document declares no zone.',
    'A day begins and ends at another instant in every zone.',
    'Add `zone: Europe/Berlin` at the top of the document, or write an instant such as 2026-12-04T10:00:00Z.',
  ),
  'time.invalid': error(
    "'{text}' is neither a date nor an instant.",
    'Lives of rules are exact.',
    'Write 2026-12-04, or 2026-12-04T10:00:00Z.',
  ),
  'variable.unknown': error("There is no variable '{name}'.", 'A value is needed here.', 'Declare it under `variables`.'),
  'variable.beyond': error(
    "{text} is beyond what the variable '{name}' may be ({limit}).",
    'An environment may be stricter than the policy, never wider.',
    'Stay within the limit, or raise the limit where the variable is declared.',
  ),
  'variable.limit': error(
    "The limit of the variable '{name}' does not fit its value.",
    '`max` bounds a duration or a number, `widest` bounds networks.',
    'Write `max: 30m` beside a duration, `widest: [10.0.0.0/8]` beside networks.',
  ),
  'environment.unknown': error(
    "There is no environment '{name}'.",
    'The values of another environment would be enforced.',
    'Add environments/{name}.yaml, or name one that exists.',
  ),
  'environment.not_allowed': error(
    "'{key}' cannot stand in an environment.",
    'Environments hold other values for the same rules: no rule, no trust anchor, no further network.',
    'Only `variables`, `services` (hosts, upstream) and `providers` (issuer, jwks-uri) may stand here.',
  ),
} as const
