import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import type { Formula, PolicyImage, RuleImage } from '../packages/core/src/model/policy-image.ts'
import type { Facts } from '../packages/core/src/model/fact.ts'

const MODEL = `
[request_definition]
r = sub, dom, obj, act
[policy_definition]
p = sub, dom, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.dom == p.dom && keyMatch2(r.obj, p.obj) && regexMatch(r.act, p.act)
`

const specOf = ({ what }: RuleImage, id: string): unknown => {
  const parts = what !== null && 'all' in what ? what.all : []
  return parts.find((part): part is Extract<Formula, { is: string }> => 'is' in part && part.is === id)?.spec
}

/** Who may do what where, as a line of casbin; what must hold whatever was granted has no counterpart there and is left out. */
const lineOf = (rule: RuleImage): string => {
  const path = String(specOf(rule, 'what.path')).replace('/**', '/*').replaceAll('/*/', '/:any/')
  const methods = (specOf(rule, 'what.method') as readonly string[]).join('|')
  return `p, ${(rule.who as Extract<Formula, { is: string }>).spec as string}, ${specOf(rule, 'what.service') as string}, ${path}, ^(${methods})$`
}

/** As many lines as the policy has rules: its grants, and the same on other paths for the rest. */
export const createCasbin = async (image: PolicyImage): Promise<(facts: Facts) => Promise<boolean>> => {
  const pathRules = image.rules.filter((rule) => specOf(rule, 'what.path') !== undefined)
  const lines = pathRules.map((rule) =>
    rule.kind === 'guardrail' ? lineOf({ ...rule, who: { is: 'who.group', spec: 'nobody' } }) : lineOf(rule),
  )
  const groups = Array.from({ length: 50 }, (_none, n) => `g, user-g${n}, g${n}`)
  const enforcer = await newEnforcer(newModelFromString(MODEL), new StringAdapter([...lines, ...groups].join('\n')))
  return ({ groups: held, service, path, method }) => {
    const [group] = (held as Exclude<Facts['groups'], null | symbol>).names
    return enforcer.enforce(`user-${group}`, service, `/${path.segments.join('/')}`, method)
  }
}
