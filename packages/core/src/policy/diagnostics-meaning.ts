import { warning } from './diagnostic-entry.ts'

/** What only judging requests can show: rules that are well formed and do not mean what their writer means. */
export const MEANING_DIAGNOSTICS = {
  'demand.bypassed': warning(
    "What '{strict}' asks for can be left out: '{lax}' allows the same requests for less.",
    'The `how` of a grant is what this grant asks, not what the resource needs: whoever another rule allows never meets it.',
    'Write what must always hold as a guardrail, or narrow `{lax}` so that the two do not meet.',
  ),
  'public.impossible': warning(
    "'{name}' opens nothing: the guardrail '{guardrail}' refuses an anonymous caller every time.",
    'The register of what is open to everybody says something that is not so.',
    "Remove the entry, or say in `who` of '{guardrail}' that it is about signed-in callers.",
  ),
  'grant.impossible': warning(
    "'{name}' allows nothing: the guardrail '{guardrail}' refuses every request that it grants.",
    'Somebody was meant to get in, and nobody does.',
    "Remove the grant, or narrow '{guardrail}'.",
  ),
  'grant.shadowed': warning(
    "'{name}' adds nothing: everything it allows is allowed by {others} as well.",
    'Taking it away would take nothing from anybody, so it will be taken for a rule that does something.',
    'Remove it, or narrow {others}.',
  ),
  'rule.never_selects': warning(
    "'{name}' selects no request and no caller.",
    'Its conditions contradict one another, so it is there and does nothing.',
    'Look for conditions that cannot be met together: a host of another service, a group named and excluded, hours apart.',
  ),
  'rule.duplicate': warning(
    "'{name}' says the same as '{other}'.",
    'Whoever changes one of them will believe to have changed the policy.',
    'Remove one of the two.',
  ),
  'exception.no_effect': warning(
    "'{name}' never waives '{guardrail}'.",
    'The two never meet, or the guardrail is satisfied whenever they do: the register names a way round that is none.',
    'Remove the exception, or correct its `who`, `what` and `when`.',
  ),
  'exception.removes_guardrail': warning(
    "'{name}' waives '{guardrail}' wherever it applies to a signed-in caller.",
    'While the exception lasts there is no such guardrail.',
    'Name in `who` and `what` whom and what the exception is for, or demand something in its `how`.',
  ),
  'guardrail.partial_methods': warning(
    "'{name}' lists {listed}, and {missing} is allowed in the same place without what it asks.",
    'A request with a method that is not listed passes the guardrail.',
    'Write `method: write` for all of them, or add the others.',
  ),
} as const
