import { type Facts } from '../packages/core/src/model/fact.ts'
import type { Formula, PolicyImage, RuleImage, RuleKind, ServiceImage } from '../packages/core/src/model/policy-image.ts'
import { exampleFacts, exampleImage } from '../packages/core/src/testing/example-facts.ts'
import { is, ruleOf } from '../test/support/small-policy.ts'

const SERVICES = 100
/** Of every ten rules on paths of a service seven are grants, two guardrails and one an exception. */
const KINDS: readonly RuleKind[] = [
  'grant',
  'guardrail',
  'grant',
  'grant',
  'exception',
  'grant',
  'guardrail',
  'grant',
  'grant',
  'grant',
]

const serviceName = (service: number): string => `s${service}`
const groupName = (n: number): string => `g${n % 50}`

const target = (service: number, path: string, method: readonly string[]): Formula => ({
  all: [is('what.service', serviceName(service)), is('what.method', method), is('what.path', path)],
})

/** A path of its own for each rule, every fourth a subtree. */
const pathOf = (n: number): string => `/area-${n % 7}/*/things-${n}${n % 4 === 3 ? '/**' : '/*'}`

const demandOf = (n: number): Formula =>
  n % 3 === 0 ? is('how.scope', `scope-${n % 20}`) : is('how.mfa', { level: 'any', 'max-age': '8h' })

const pathRule = (service: number, n: number): RuleImage => {
  const kind = KINDS[n % KINDS.length] as RuleKind
  const what = target(service, pathOf(n), kind === 'grant' ? ['GET', 'POST'] : ['POST', 'PUT', 'DELETE'])
  const name = `${serviceName(service)}-${n}-${kind}`
  if (kind === 'guardrail') return ruleOf(kind)(name, { what, who: is('who.kind', 'human'), how: demandOf(n) })
  const names = kind === 'exception' ? [`${serviceName(service)}-every-guardrail`] : []
  return ruleOf(kind)(name, {
    what,
    who: is('who.group', groupName(n)),
    how: demandOf(n),
    names,
    until: kind === 'exception' ? 4e12 : null,
  })
}

/** `count` rules over a hundred services. A request about one thing meets its grant and two guardrails: the service's, and everybody's. */
export const policyOf = (count: number): PolicyImage => {
  const each = Math.floor((count - 1) / SERVICES) - 1
  const rules: RuleImage[] = [
    ruleOf('guardrail')('all-writes', {
      what: is('what.method', 'write'),
      who: is('who.kind', 'human'),
      how: is('how.mfa', 'any'),
    }),
  ]
  const services: Record<string, ServiceImage> = {}
  for (let service = 0; service < SERVICES; service++) {
    services[serviceName(service)] = {
      ...(exampleImage.services['payments'] as ServiceImage),
      hosts: [`${serviceName(service)}.example.com`],
    }
    const what = is('what.service', serviceName(service))
    rules.push(ruleOf('guardrail')(`${serviceName(service)}-every-guardrail`, { what, how: is('who.provider', 'corp') }))
    for (let n = 0; n < each; n++) rules.push(pathRule(service, n))
  }
  while (rules.length < count) rules.push(pathRule(0, rules.length + each))
  return { ...exampleImage, services, rules: rules.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
}

const scopes = new Set(Array.from({ length: 20 }, (_none, n) => `scope-${n}`))

/** Requests spread over services and rules, each allowed by one grant under two guardrails. */
export const requestsOf = (image: PolicyImage, count: number): readonly Facts[] => {
  const grants = image.rules.filter(({ kind }) => kind === 'grant')
  return Array.from({ length: count }, (_none, i) => {
    const { name } = grants[(i * 7919) % grants.length] as RuleImage
    const [service = '', n = '0'] = name.split('-')
    const segments = pathOf(Number(n)).replace('/**', '/1/2').replaceAll('*', '42').slice(1).split('/')
    return {
      ...exampleFacts,
      service,
      host: `${service}.example.com`,
      method: 'POST' as const,
      path: { segments, trailingSlash: false },
      groups: { names: new Set([groupName(Number(n)), 'staff']), complete: true },
      scopes,
    }
  })
}
