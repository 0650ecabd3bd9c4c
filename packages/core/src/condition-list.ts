// Every condition of the language, one line each, by place and then by key. A condition that is not listed here does not exist.

export { actingFor } from './conditions/acting-for.ts'
export { claim } from './conditions/claim.ts'
export { client } from './conditions/client.ts'
export { group } from './conditions/group.ts'
export { kind } from './conditions/kind.ts'
export { provider } from './conditions/provider.ts'
export { role } from './conditions/role.ts'
export { user } from './conditions/user.ts'
export { workload } from './conditions/workload.ts'

export { header } from './conditions/header.ts'
export { host } from './conditions/host.ts'
export { method } from './conditions/method.ts'
export { operation } from './conditions/operation.ts'
export { path } from './conditions/path.ts'
export { service } from './conditions/service.ts'
export { tag } from './conditions/tag.ts'
export { upgrade } from './conditions/upgrade.ts'

export { days } from './conditions/days.ts'
export { hours } from './conditions/hours.ts'

export { credential } from './conditions/credential.ts'
export { network } from './conditions/network.ts'

export { acr } from './conditions/acr.ts'
export { login } from './conditions/login.ts'
export { mfa } from './conditions/mfa.ts'
export { scope } from './conditions/scope.ts'

export { expression } from './conditions/if/if.ts'
