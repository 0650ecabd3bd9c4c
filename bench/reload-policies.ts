// Policies for figures of reloading: as documents, the way a person would write them.
import { nouns, publicRule, serviceFile } from '../test/bypass/stage.ts'

const GROUPS = 50
const SCOPES = 20

/** Five lines a rule; of ten rules seven grants, two guardrails and one exception, each on a path of its own. */
const block = (name: string, n: number): readonly [kind: 'grants' | 'guardrails' | 'exceptions', text: string] => {
  const path = `/area-${n % 7}/*/things-${n}/${n % 4 === 3 ? '**' : '*'}`
  if (n % 10 === 1 || n % 10 === 6) {
    return [
      'guardrails',
      `  ${name}:\n    who: { kind: human }\n    what: { path: ${path}, method: write }\n    how: { mfa: { level: any, max-age: 8h } }\n`,
    ]
  }
  const who = `    who: { group: g${n % GROUPS} }\n    what: { path: ${path}, method: [GET, POST] }\n    how: { scope: s${n % SCOPES} }\n`
  if (n % 10 !== 4) return ['grants', `  ${name}:\n${who}`]
  const register = `    waives: ${name.replace(/\d+$/, '1')}\n    owner: a@example.com\n    approved-by: b@example.com\n    reason: measured\n    from: 2026-11-01T00:00:00Z\n    until: 2026-12-01T00:00:00Z\n`
  return ['exceptions', `  ${name}:\n${who}${register}`]
}

const rulesOf = (service: string, count: number, open: boolean): string => {
  const texts = { grants: '', guardrails: '', exceptions: '' }
  for (let n = 0; n < count; n++) {
    const [kind, text] = block(`${service}-r${n}`, n)
    texts[kind] += text
  }
  const blocks = Object.entries(texts).filter(([, text]) => text !== '')
  const own = open ? `public:\n${publicRule(`${service}-open`, '{ path: /open/** }')}` : ''
  return blocks.map(([kind, text]) => `${kind}:\n${text}`).join('') + own
}

const declared = (): string => {
  const groups = Array.from({ length: GROUPS }, (_none, n) => `g${n}`)
  const scopes = Array.from({ length: SCOPES }, (_none, n) => `s${n}`)
  const list = `groups: [users, admins, ${groups.join(', ')}]\nscopes: [${scopes.join(', ')}]`
  return nouns('http://127.0.0.1:1').replace('groups: [users, admins]', list)
}

export interface Sized {
  readonly rules: number
  readonly services: number
  readonly upstream: string
  /** Whether `/open/**` of the first service is for anybody: what tells two policies of one size apart. */
  readonly open: boolean
}

/** Files of a policy folder; the first service is `app`, the others are `s1`, `s2`… */
export const filesOf = ({ rules, services, upstream, open }: Sized): Readonly<Record<string, string>> => {
  const files: Record<string, string> = { 'nouns.yaml': declared() }
  for (let n = 0; n < services; n++) {
    const name = n === 0 ? 'app' : `s${n}`
    files[`${name}.yaml`] = serviceFile({ name, upstream, rules: rulesOf(name, rules / services, open && n === 0) })
  }
  return files
}
