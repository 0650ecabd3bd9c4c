import { error, warning } from './diagnostic-entry.ts'

/** Faults of rules, cases and matrices. */
export const RULE_DIAGNOSTICS = {
  'condition.unknown': error(
    "'{key}' is no condition of `{slot}`.",
    'A misspelt condition would be left out, and the rule would say something else.',
    'See the reference of conditions.',
  ),
  'condition.not_offered': error(
    "'{key}' is not offered in this version.",
    'A condition that cannot be judged must not look as if it were.',
    'Write the rule with the conditions of the reference.',
  ),
  'condition.misplaced': error(
    "'{key}' cannot stand in the `{slot}` of a rule of this kind ({kind}).",
    '`who`, `what` and `when` select; `how` demands. A condition in the wrong place would select where it should demand, or the reverse.',
    'It may stand in {places}.',
  ),
  'condition.modifier_alone': error(
    "'{key}' says nothing by itself.",
    'It belongs to another condition of the same map.',
    'Write it beside {owners}.',
  ),
  'spec.invalid': error('{key}: {problem}.', 'The condition has a fixed form.', 'See the reference of the condition {key}.'),
  'formula.shape': error(
    'Conditions are expected in `{slot}`, not {found}.',
    'A bare value names no condition.',
    'Write a map such as `{ group: customers }`.',
  ),
  'formula.list': error(
    'A list in `{slot}` does not say whether one or all of it is meant.',
    'Read the wrong way it would allow what was not meant.',
    'Write `any: [ … ]` or `all: [ … ]`.',
  ),
  'formula.list_needed': error(
    '`{key}` takes a list of conditions, not {found}.',
    'It composes several conditions.',
    'Write `{key}: [ { … }, { … } ]`.',
  ),
  'formula.not_several': error(
    '`not` takes exactly one condition.',
    '"Not both" and "neither" are different rules.',
    'Write `none: [ { … }, { … } ]` for neither, `any: [ { not: … }, { not: … } ]` for not both.',
  ),
  'formula.never_misplaced': error(
    '`never` stands only as the whole `how` of a guardrail or an invariant.',
    'Elsewhere it would make a rule that does nothing.',
    'Remove the rule instead.',
  ),
  'conditions.cycle': error("The condition '{name}' uses itself ({path}).", 'It would have no end.', 'Break the circle.'),
  'conditions.misplaced': error(
    "The condition '{name}' holds '{key}' (line {line}), which cannot stand in `{slot}` here.",
    '`who`, `what` and `when` select; `how` demands.',
    '{key} may stand in {places}.',
  ),
  'conditions.zone': error(
    "The condition '{name}' depends on a zone, and its document declares another than this one.",
    'The same words would mean another time here.',
    'Write `zone:` within the condition.',
  ),
  'not.remedy': error(
    "`not` over '{key}' in a `how`.",
    'What would meet another rule would break this one, and a caller could meet it by proving less.',
    'Say what is demanded instead.',
  ),
  'who.names_nobody': error(
    'An alternative of this `who` names nobody.',
    'With conditions under `not` only, it admits every caller that is not excluded.',
    'Add who is meant: `kind`, `group`, `user`, `workload` or the like.',
  ),
  'what.no_service': error(
    'An alternative of this `what` names no service.',
    'A grant without a service reaches services that do not exist yet.',
    'Add `service: <name>`, here or at the top of the document.',
  ),
  'capture.missing': error(
    '${name} is not captured by every alternative of `what` at one place.',
    'Where nothing is captured the comparison is unknown, and the request is refused.',
    'Write ${name} as a segment of every `path`, or as the first label of `host`.',
  ),
  'capture.twice': error('${name} is captured at two places.', 'The two can hold different values.', 'Use two names.'),
  'life.empty': error(
    'The rule ends before it begins.',
    'It is never in force.',
    'Write `until` after `from`; both days are whole.',
  ),
  'shadow.too_long': error(
    'The shadow lasts longer than {most} from now.',
    'A rule that is only watched is not enforced.',
    'Shorten it, or raise `bounds.shadow`.',
  ),
  'shadow.expired': warning(
    "The shadow of '{name}' is over: {state}.",
    'A trial ends by itself. It never ends in more being allowed: guardrails are enforced from then on, other rules stay off.',
    'Remove `shadow` to put the rule in force for good, or remove the rule.',
  ),
  'register.self_approved': error(
    '{owner} approves what {owner} owns.',
    'Two people stand for an exception.',
    'Name another approver.',
  ),
  'exception.too_long': error(
    'The exception lasts longer than {most}.',
    'An exception that lasts is a rule.',
    'Shorten it, or change the guardrail, or raise `bounds.exception`.',
  ),
  'exception.expired': warning(
    "The exception '{name}' is over and waives nothing any more.",
    'It is kept out of force by its date, and remains readable here.',
    'Remove it, or have it approved again with new dates.',
  ),
  'breakglass.not_standing': error(
    "'{key}' belongs to break-glass exceptions.",
    'On another exception it does nothing.',
    'Add `standing: break-glass`, or remove it.',
  ),
  'breakglass.self_armed': error(
    '{owner} arms what {owner} owns.',
    'Once used, it is closed until somebody else says that it may be used again.',
    'Let another person arm it, and name that person.',
  ),
  'breakglass.drill_past': warning(
    "The drill of '{name}' is due.",
    'What nobody tried may not open when it is needed, and nobody may notice when it does.',
    'Try it, arm it again and set the next date.',
  ),
  'breakglass.until': error(
    'A break-glass exception has no `until`.',
    'It stands, and is open for `opens-for` from its first use.',
    'Remove `until`; `drill-by` says when it is tried next.',
  ),
  'breakglass.weak': error(
    'Break-glass does not ask for strong proof.',
    'The way round a guardrail in an emergency is the way an intruder looks for.',
    'Demand `mfa: phishing-resistant` or `mfa: hardware` in every alternative of its `how`.',
  ),
  'public.review_past': warning(
    "The review of '{name}' is due.",
    'Operations open to everyone are looked at again and again.',
    'Review it and set the next date.',
  ),
  'grant.everything': warning(
    "'{name}' grants all of {service} to every signed-in caller.",
    'What is allowed is then only bounded by what guardrails forbid, and a new operation is open from its first day.',
    'Grant paths or operations to groups.',
  ),
  'fact.no_source': error(
    "'{key}' reads the fact {fact}, which nobody provides here.",
    'It is unknown for every request, so the rule can never be judged.',
    'Remove the condition, or enforce the rule at a point that provides the fact.',
  ),
  'fact.no_document': error(
    "'{key}' needs the OpenAPI document of the service '{service}', which has none.",
    'Which operation a request is would be unknown for every request.',
    'Add `openapi:` to the service, name another service, or write the rule with `path` and `method`.',
  ),
  'policy.too_many_rules': error(
    'There are more than {most} rules.',
    'Reading is bounded.',
    'Split the policy over several gateways.',
  ),
  'case.request': error(
    "'{text}' is not a request.",
    'A case is judged as a request would be.',
    'Write a method and a URL: POST https://pay.example.com/charges',
  ),
  'case.reason': error("No decision gives the reason '{code}'.", 'The case could never hold.', 'See the reference of reasons.'),
  'case.credential': error(
    'No caller with the credential {credential} has {what}.',
    'The case would test what cannot be.',
    'A session is that of a person and has no scopes or client; an API key is that of a workload and has only scopes.',
  ),
  'case.name': error(
    "There is no {noun} '{name}'.",
    'The case would test what cannot be.',
    'Declare it, or correct the spelling.',
  ),
} as const
