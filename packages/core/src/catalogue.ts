import { group } from './conditions/group.ts'
import { kind } from './conditions/kind.ts'
import { method } from './conditions/method.ts'
import { mfa } from './conditions/mfa.ts'
import { network } from './conditions/network.ts'
import { path } from './conditions/path.ts'
import { role } from './conditions/role.ts'
import { scope } from './conditions/scope.ts'
import { service } from './conditions/service.ts'
import type { Condition } from './model/condition.ts'

/** Every condition of the language, in the order of the reference. A condition that is not listed here does not exist. */
export const CONDITIONS: readonly Condition[] = [kind, group, role, service, method, path, network, mfa, scope]
