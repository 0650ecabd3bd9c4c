import { acr } from './conditions/acr.ts'
import { actingFor } from './conditions/acting-for.ts'
import { claim } from './conditions/claim.ts'
import { client } from './conditions/client.ts'
import { credential } from './conditions/credential.ts'
import { days } from './conditions/days.ts'
import { group } from './conditions/group.ts'
import { header } from './conditions/header.ts'
import { host } from './conditions/host.ts'
import { hours } from './conditions/hours.ts'
import { kind } from './conditions/kind.ts'
import { login } from './conditions/login.ts'
import { method } from './conditions/method.ts'
import { mfa } from './conditions/mfa.ts'
import { network } from './conditions/network.ts'
import { operation } from './conditions/operation.ts'
import { path } from './conditions/path.ts'
import { provider } from './conditions/provider.ts'
import { role } from './conditions/role.ts'
import { scope } from './conditions/scope.ts'
import { service } from './conditions/service.ts'
import { tag } from './conditions/tag.ts'
import { upgrade } from './conditions/upgrade.ts'
import { user } from './conditions/user.ts'
import { workload } from './conditions/workload.ts'
import { jwt } from './credentials/jwt/jwt.ts'
import type { Condition } from './model/condition.ts'
import type { CredentialDefinition } from './model/identity.ts'
import { REASONS, type ReasonText } from './model/reason.ts'

/** Every condition of the language, in the order of the reference. A condition that is not listed here does not exist. */
export const CONDITIONS: readonly Condition[] = [
  kind,
  user,
  group,
  role,
  provider,
  client,
  workload,
  claim,
  actingFor,
  service,
  host,
  method,
  path,
  operation,
  tag,
  header,
  upgrade,
  days,
  hours,
  network,
  credential,
  mfa,
  login,
  acr,
  scope,
]

/** Every kind of credential, in the order in which they are looked for. */
export const CREDENTIALS: readonly CredentialDefinition[] = [jwt]

/** Every reason a decision can give: those of the engine and those of the conditions. */
export const REASON_TEXTS: Readonly<Record<string, ReasonText>> = {
  ...REASONS,
  ...Object.fromEntries(CONDITIONS.flatMap((condition) => Object.entries(condition.reasons))),
}
