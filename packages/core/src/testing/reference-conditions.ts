import { BlockList } from 'node:net'
import type { Spec } from '../model/condition.ts'
import { type Facts, type Maybe, type Membership, UNKNOWN } from '../model/fact.ts'
import { isOpen } from './reference-clock.ts'
import { EXPRESSIONS } from './reference-expressions.ts'
import { judgeHost, judgePath } from './reference-path.ts'
import { scope } from './reference-scope.ts'
import { callersOwn, field, type Judge, many, MET, see, type Sight, texts, type View } from './reference-sight.ts'

/** Is one of the written texts had, `$name` standing for what was captured: yes, no, or a name is bound to nothing. */
const oneOf = (written: readonly string[], view: View, has: (text: string) => boolean): 'yes' | 'no' | 'unbound' => {
  const values = written.map((text) =>
    text.replace(/^([^\s/$]+\/)?\$([a-z][a-z0-9_-]*)$/, (_all, prefix = '', name) => {
      const value = view.captured(name)
      return value === undefined ? '\u0000unbound' : prefix + value
    }),
  )
  if (values.some((value) => value !== '\u0000unbound' && has(value))) return 'yes'
  return values.includes('\u0000unbound') ? 'unbound' : 'no'
}

interface Codes {
  readonly name: string
}

const named = ({ name }: Codes, found: 'yes' | 'no' | 'unbound'): Sight => {
  if (found === 'yes') return MET
  return found === 'no' ? see(0, `${name}.other`) : callersOwn(`${name}.unbound`)
}

/** A fact with one value. */
const single =
  (
    name: string,
    read: (facts: Facts) => Maybe<string>,
    matches: (spec: Spec, value: string, view: View) => 'yes' | 'no' | 'unbound',
  ): Judge =>
  (spec, view) => {
    const value = read(view.facts)
    if (value === UNKNOWN) return see(-1, `${name}.unknown`)
    return value === null ? see(0, `${name}.missing`) : named({ name }, matches(spec, value, view))
  }

const written = (spec: Spec, value: string, view: View) => oneOf(texts(spec), view, (text) => text === value)

const membership =
  (name: string, read: (facts: Facts) => Maybe<Membership>): Judge =>
  (spec, view) => {
    const held = read(view.facts)
    if (held === UNKNOWN) return see(-1, `${name}.unknown`)
    if (held === null) return see(0, `${name}.missing`)
    const found = oneOf(texts(spec), view, (text) => held.names.has(text))
    return found !== 'yes' && !held.complete ? see(-1, `${name}.unknown`) : named({ name }, found)
  }

const client: Judge = (spec, { facts, image }) => {
  if (facts.client === UNKNOWN) return see(-1, 'client.unknown')
  if (facts.client === null) return see(0, 'client.missing')
  const ids = texts(spec)
    .map((name) => image.clients[name])
    .filter((each) => each?.id === facts.client)
  if (ids.length > 0 && facts.provider === UNKNOWN) return see(-1, 'client.unknown')
  return ids.some((each) => each?.provider === facts.provider) ? MET : see(0, 'client.other')
}

const isWorkload = (spec: Spec, value: string, { image }: View) =>
  texts(spec).some((name) => `${image.workloads[name]?.provider}/${image.workloads[name]?.subject}` === value) ? 'yes' : 'no'

const claimValue = (value: unknown, spec: Spec, view: View): Sight => {
  const kinds = new Set(many(spec).map((each) => typeof each))
  const ofText = (found: 'yes' | 'no' | 'unbound') => named({ name: 'claim' }, found)
  if (Array.isArray(value) || typeof value === 'string') {
    if (!kinds.has('string')) return see(-1, 'claim.other_form')
    return ofText(oneOf(texts(spec), view, (text) => (Array.isArray(value) ? value.includes(text) : value === text)))
  }
  if (many(spec).includes(value as number | boolean)) return MET
  const names = texts(spec).filter((text) => text.startsWith('$'))
  if (typeof value === 'number' && names.length > 0) {
    return Number.isSafeInteger(value) ? ofText(oneOf(names, view, (text) => text === `${value}`)) : see(-1, 'claim.other_form')
  }
  return kinds.has(typeof value as 'number') ? see(0, 'claim.other') : see(-1, 'claim.other_form')
}

/** Several names in one map: unmet if any is, otherwise what a source did not tell, otherwise what the caller left open. */
const eachOf = (spec: Spec, judge: (name: string, value: Spec) => Sight): Sight => {
  const sights = Object.entries(spec as { readonly [key: string]: Spec })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => judge(name, value))
  const pick = (wanted: (sight: Sight) => boolean) => sights.find(wanted)
  return (
    pick(({ tri }) => tri === 0) ?? pick(({ tri, byCaller }) => tri === -1 && !byCaller) ?? pick(({ tri }) => tri === -1) ?? MET
  )
}

const claim: Judge = (spec, view) =>
  eachOf(spec, (name, values) => {
    const { claims } = view.facts
    if (claims === null) return see(0, 'claim.missing')
    const value = claims === UNKNOWN ? UNKNOWN : (claims.get(name) ?? (claims.has(name) ? null : UNKNOWN))
    if (value === UNKNOWN) return see(-1, 'claim.unknown')
    return value === null ? see(0, 'claim.missing') : claimValue(value, values, view)
  })

const header: Judge = (spec, view) =>
  eachOf(spec, (name, values) => {
    const { headers } = view.facts
    if (headers === UNKNOWN) return see(-1, 'header.unknown')
    const lines = headers?.get(name) ?? []
    if (lines.length === 0) return callersOwn('header.missing')
    const line = lines[0] as string
    if (lines.length > 1) return callersOwn('header.repeated')
    const found = oneOf(texts(values), view, (text) => text === line)
    if (found === 'yes') return MET
    if (/,/.test(line)) return callersOwn('header.repeated')
    if (found === 'unbound') return callersOwn('header.unbound')
    const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    const near = oneOf(texts(values), view, (text) => lower(text) === lower(line)) === 'yes'
    return near ? callersOwn('header.near_miss') : see(0, 'header.other')
  })

const operation =
  (name: 'operation' | 'tag'): Judge =>
  (spec, { facts }) => {
    const found = facts.operation
    if (found === UNKNOWN) return see(-1, `${name}.unknown`)
    if (found === null) return see(0, `${name}.missing`)
    if (found.id === null) return callersOwn(`${name}.undescribed`)
    const had = name === 'tag' ? found.tags : [found.id]
    return had.some((each) => texts(spec).includes(each)) ? MET : see(0, `${name}.other`)
  }

const method: Judge = (spec, { facts }) => {
  const asked = facts.method === 'HEAD' ? 'GET' : facts.method
  const reads = asked === 'GET' || asked === 'OPTIONS'
  const met = spec === 'read' ? reads : spec === 'write' ? !reads : texts(spec).includes(asked)
  return met ? MET : see(0, 'method.other')
}

const network: Judge = (spec, { facts, image }) => {
  if (facts.address === UNKNOWN) return see(-1, 'network.unknown')
  if (facts.address === null) return see(0, 'network.missing')
  const list = new BlockList()
  for (const block of texts(spec).flatMap((name) => image.networks[name] ?? [])) {
    const [net = '', bits] = block.split('/')
    list.addSubnet(net, Number(bits), net.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list.check(facts.address.text, facts.address.family === 4 ? 'ipv4' : 'ipv6') ? MET : see(0, 'network.outside')
}

const DAY_MS = 86_400_000
const SKEW_MS = 30_000
const LENGTHS: Readonly<Record<string, number>> = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }
/** `1h30m` in ms. */
export const durationOf = (text: unknown): number =>
  [...(text as string).matchAll(/(\d+)(ms|[dhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (LENGTHS[unit as string] ?? 0),
    0,
  )

const isFresh = (at: number, maxAge: number, now: number) => at >= now - maxAge && at <= now + SKEW_MS

export const LEVELS = ['any', 'phishing-resistant', 'hardware']

const mfa: Judge = (spec, { facts: { factors, now } }) => {
  if (factors === UNKNOWN) return see(-1, 'mfa.unknown')
  if (factors === null || factors.length === 0) return see(0, 'mfa.missing')
  const level = typeof spec === 'string' ? spec : (field(spec, 'level') as string)
  const strong = factors.filter((factor) => LEVELS.indexOf(factor.level) >= LEVELS.indexOf(level))
  if (strong.length === 0) return see(0, 'mfa.too_weak')
  if (typeof spec === 'string') return MET
  const maxAge = durationOf(field(spec, 'max-age'))
  if (strong.some(({ at }) => at !== UNKNOWN && isFresh(at, maxAge, now))) return MET
  return strong.some(({ at }) => at === UNKNOWN) ? see(-1, 'mfa.undated') : see(0, 'mfa.too_old')
}

const login: Judge = (spec, { facts: { loginAt, now } }) => {
  if (loginAt === UNKNOWN) return see(-1, 'login.unknown')
  if (loginAt === null) return see(0, 'login.missing')
  return isFresh(loginAt, durationOf(field(spec, 'max-age')), now) ? MET : see(0, 'login.too_old')
}

const acr: Judge = (spec, { facts }) => {
  if (facts.acr === UNKNOWN) return see(-1, 'acr.unknown')
  if (facts.acr === null) return see(0, 'acr.missing')
  return texts(spec).includes(facts.acr) ? MET : see(0, 'acr.other')
}

const credential: Judge = (spec, { facts: { credential: presented } }) => {
  if (presented === UNKNOWN) return see(-1, 'credential.unknown')
  if (presented === null) return see(0, 'credential.missing')
  return texts(spec).includes(presented) ? MET : see(0, 'credential.other_kind')
}

const clock =
  (name: 'hours' | 'days'): Judge =>
  (spec, { facts, image, zone }) => {
    const wanted = (field(spec, 'zone') as string | undefined) ?? zone
    if (wanted === null || image.zones[wanted] === undefined) return see(-1, `${name}.zone_unknown`)
    return isOpen(spec as never, wanted, facts.now) ? MET : see(0, `${name}.outside`)
  }

const path: Judge = (spec, { facts, image }) => {
  const found = texts(spec).map((pattern) => judgePath(pattern, facts.path, image.services[facts.service]?.routing))
  if (found.includes('same')) return MET
  return found.includes('unsure') ? callersOwn('path.near_miss') : see(0, 'path.other')
}

const expression: Judge = (spec, view) => {
  const told = EXPRESSIONS[spec as string]?.(view) ?? 'failed'
  if (told === true) return MET
  if (told === false) return see(0, 'if.unmet')
  return told === 'unknown' ? see(-1, 'if.unknown') : callersOwn(`if.${told}`)
}

const yesNo = (met: boolean, code: string): Sight => (met ? MET : see(0, code))

/** What each condition means, told a second time, without the code of `conditions/`. */
export const JUDGES: Readonly<Record<string, Judge>> = {
  'any.if': expression,
  'who.kind': single('kind', ({ kind }) => kind, written),
  'who.group': membership('group', ({ groups }) => groups),
  'who.role': membership('role', ({ roles }) => roles),
  'who.user': single('user', ({ user }) => user, written),
  'who.provider': single('provider', ({ provider }) => provider, written),
  'who.client': client,
  'who.workload': single('workload', ({ workload }) => workload, isWorkload),
  'who.claim': claim,
  'who.acting-for': single(
    'acting_for',
    ({ actingFor }) => actingFor,
    (spec, value, view) => (spec === 'anyone' ? 'yes' : written(spec, value, view)),
  ),
  'what.service': (spec, { facts }) => yesNo(texts(spec).includes(facts.service), 'service.other'),
  'what.host': (spec, { facts }) =>
    yesNo(
      texts(spec).some((pattern) => judgeHost(pattern, facts.host) !== null),
      'host.other',
    ),
  'what.method': method,
  'what.path': path,
  'what.operation': operation('operation'),
  'what.tag': operation('tag'),
  'what.header': header,
  'what.upgrade': single(
    'upgrade',
    ({ upgrade }) => upgrade,
    () => 'yes',
  ),
  'when.hours': clock('hours'),
  'when.days': clock('days'),
  'circumstance.network': network,
  'circumstance.credential': credential,
  'how.mfa': mfa,
  'how.login': login,
  'how.acr': acr,
  'how.scope': scope,
}
