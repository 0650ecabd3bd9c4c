import { describe, expect, test } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { compilePolicy } from './index.ts'

const HEAD = `balustrade: 1
service: pay
services:
  pay: { hosts: [pay.example.com], audience: https://pay.example.com, providers: [corp, other], credentials: [jwt] }
providers:
  corp: &1
`.replace('&1', '')

const provider = (claims: string) => `
    issuer: https://id.example.com
    profile: rfc9068
    algorithms: [ES256]
    lifetime: 1h
    claims: ${claims}
`

const POLICY = `${HEAD.trimEnd()}${provider('{ tenant: string, level: number, beta: boolean, regions: strings, "https://x/cost": number }').trimEnd()}
  other:${provider('{ tenant: string, mixed: string, regions: string }').replace('id.example', 'other.example').trimEnd()}
groups: [admins, customers]
roles: [editor]
`

const compiled = (rules: string): readonly Diagnostic[] =>
  compilePolicy([{ path: 'p.yaml', text: `${POLICY}${rules}` }], { conditions: CONDITIONS, now: 1_795_514_400_000 }).diagnostics

const errorsOf = (rules: string) => compiled(rules).filter(({ severity }) => severity === 'error')

const LINES = POLICY.split('\n').length

/** The expression in one of the ways that YAML has, and the place of its first mark. */
const STYLES = {
  'in single quotes': (text: string) => ({ yaml: `    if: '${text.replaceAll("'", "''")}'`, line: 0, column: 9 }),
  'in double quotes': (text: string) => ({ yaml: `    if: ${JSON.stringify(text)}`, line: 0, column: 9 }),
  'as a block': (text: string) => ({ yaml: `    if: |\n        ${text}`, line: 1, column: 8 }),
  'as a folded block': (text: string) => ({ yaml: `    if: >-  # why\n      true &&\n      ${text}`, line: 2, column: 6 }),
} as const

const writtenColumns: Readonly<Record<string, (before: string) => number>> = {
  'in single quotes': (before) => before.replaceAll("'", "''").length,
  'in double quotes': (before) => JSON.stringify(before).length - 2,
}

/** `«` and `»` stand round what is wrong. */
const REFUSED: readonly { readonly expr: string; readonly code: string; readonly help: RegExp }[] = [
  { expr: 'principal.«clams».tenant == "a"', code: 'if.undeclared', help: /Did you mean 'claims'/ },
  { expr: 'principal.claims.«tenent» == "a"', code: 'if.undeclared', help: /Did you mean 'tenant'/ },
  { expr: 'principal.claims[«"nothing"»] == "a"', code: 'if.undeclared', help: /tenant/ },
  { expr: '«princpal».kind == "human"', code: 'if.undeclared', help: /Did you mean 'principal'/ },
  { expr: '«user» == "corp/ada"', code: 'if.undeclared', help: /There are: now, request, principal/ },
  { expr: '«principal» == "corp/ada"', code: 'if.undeclared', help: /It has: kind/ },
  { expr: '«claims».tenant == "a"', code: 'if.undeclared', help: /There are/ },
  { expr: 'captures.«tenent» == "a"', code: 'if.undeclared', help: /Did you mean 'tenant'/ },
  { expr: 'captures.«other» == "a"', code: 'if.undeclared', help: /There are: tenant/ },
  { expr: 'request.«path» == "/a"', code: 'if.undeclared', help: /Match the path in `what`/ },
  { expr: 'request.«headers»["x-a"] == "b"', code: 'if.undeclared', help: /Write `header:`/ },
  { expr: '"a" in session.«scopes»', code: 'if.undeclared', help: /Write `scope:`/ },
  { expr: 'session.«acr» == "gold"', code: 'if.undeclared', help: /Write `acr:`/ },
  { expr: 'session.«login_at» < now', code: 'if.undeclared', help: /login: \{ max-age/ },
  { expr: 'principal.kind == «"robot"»', code: 'if.value', help: /human, workload, agent/ },
  { expr: 'principal.kind in ["human", «"agents"»]', code: 'if.value', help: /Did you mean 'agent'/ },
  { expr: '«"admin"» in principal.groups', code: 'if.value', help: /Did you mean 'admins'/ },
  { expr: '«"auditor"» in principal.roles', code: 'if.value', help: /Did you mean 'editor'/ },
  { expr: 'request.method == «"GTE"»', code: 'if.value', help: /Did you mean 'GET'/ },
  { expr: '«"HEAD"» == request.method', code: 'if.value', help: /GET/ },
  { expr: 'request.service != «"payment"»', code: 'if.value', help: /pay/ },
  { expr: 'principal.provider == «"corpo"»', code: 'if.value', help: /Did you mean 'corp'/ },
  { expr: 'principal.claims.tenant «==» 3', code: 'if.type', help: /string\(x\)/ },
  { expr: 'principal.claims.level «==» "3"', code: 'if.type', help: /string\(x\), or int\(x\)/ },
  { expr: 'principal.claims.level «+» 1 > 2.0', code: 'if.type', help: /3\.0 is a double/ },
  { expr: 'principal.claims.tenant «in» "acme"', code: 'if.type', help: /a list/ },
  { expr: 'principal.claims.beta «<» 1', code: 'if.type', help: /bool or null and int/ },
  { expr: 'now «>» "2026-12-20"', code: 'if.type', help: /timestamp\("2026/ },
  { expr: 'now «-» "1h" > timestamp(0)', code: 'if.type', help: /timestamp|duration/ },
  { expr: 'now «+» 3600 > timestamp(0)', code: 'if.type', help: /given timestamp and int/ },
  { expr: 'duration("1h") «>» "30m"', code: 'if.type', help: /duration\("15m"\)/ },
  { expr: '«!»principal.kind', code: 'if.type', help: /given/ },
  { expr: '«-»principal.kind == "a"', code: 'if.type', help: /given/ },
  { expr: '«principal.kind» && true', code: 'if.type', help: /Compare it/ },
  { expr: 'principal.claims.beta || «principal.claims.level»', code: 'if.type', help: /Compare it/ },
  { expr: '«principal.kind» ? true : false', code: 'if.type', help: /Compare it/ },
  { expr: 'true ? principal.kind == "human" : «principal.kind»', code: 'if.type', help: /one type/ },
  { expr: 'principal.kind.«length» == 5', code: 'if.type', help: /maps have fields/ },
  { expr: 'now.«year» == 2026', code: 'if.type', help: /maps have fields/ },
  { expr: 'principal.claims.tenant[«0»] == "a"', code: 'if.type', help: /lists and maps/ },
  { expr: 'principal.groups[«"admins"»] == "a"', code: 'if.type', help: /lists and maps/ },
  { expr: '{"a": 1}[«1»] == 1', code: 'if.type', help: /lists and maps/ },
  { expr: '{«1.5»: "a"}.size() == captures.tenant.size()', code: 'if.type', help: /integers or bool/ },
  { expr: '«principal.kind».exists(k, k == "human")', code: 'if.type', help: /contains, startsWith/ },
  { expr: 'principal.groups.exists(g, «g»)', code: 'if.type', help: /Compare it/ },
  { expr: 'principal.groups.exists(g, «q» == "a")', code: 'if.undeclared', help: /There are/ },
  { expr: 'principal.groups.exists(«"g"», true)', code: 'if.syntax', help: /plain name/ },
  { expr: '«startsWith»(principal.user, "corp/")', code: 'if.call', help: /after a dot/ },
  { expr: 'principal.user.«timestamp»() == now', code: 'if.call', help: /Write timestamp\(x\)/ },
  { expr: 'principal.user.«beginsWith»("corp/")', code: 'if.call', help: /functions|Did you mean/ },
  { expr: 'principal.user.«startsWit»("corp/")', code: 'if.call', help: /Did you mean 'startsWith'/ },
  { expr: 'principal.user.«startsWith»() == true', code: 'if.call', help: /docs\/reference/ },
  { expr: 'principal.user.«startsWith»(3)', code: 'if.type', help: /never mix/ },
  { expr: 'math.«gratest»(1, 2) == captures.tenant.size()', code: 'if.call', help: /.*/ },
  { expr: 'principal.user.matches(«"(a"») ', code: 'if.constant', help: /RE2/ },
  { expr: 'principal.user.matches(«principal.claims.tenant»)', code: 'if.constant', help: /in quotes/ },
  { expr: 'now < «timestamp("2026-13-01T00:00:00Z")»', code: 'if.constant', help: /timestamp\("2026-12-20/ },
  { expr: 'now - timestamp(0) > «duration("1 hour")»', code: 'if.constant', help: /duration\("1h30m"\)/ },
  { expr: '«cidr("10.0.0.0/33")».containsIP(request.address)', code: 'if.constant', help: /cidr\("203/ },
  { expr: 'now.getHours(«principal.user») == 1', code: 'if.zone', help: /Europe\/Berlin/ },
  { expr: 'captures.tenant == «Tenant{name: "a"}»', code: 'if.message', help: /Write a map/ },
  { expr: '[«?principal.kind»].size() == 1 && principal.kind == "human"'.replace('«?', '?«'), code: 'if.type', help: /optional/ },
  { expr: 'principal.kind «=» "human"', code: 'if.syntax', help: /Write ==/ },
  { expr: 'captures.tenant == «$»tenant', code: 'if.syntax', help: /captures\.name/ },
  { expr: 'principal.kind == "human" «&» true', code: 'if.syntax', help: /&&/ },
  { expr: 'principal.kind == «"human»', code: 'if.syntax', help: /Close the text/ },
  { expr: 'principal.kind == "\\«\\q»"'.replace('\\«', '«'), code: 'if.syntax', help: /backslash/ },
  { expr: 'captures.tenant.size() > «99999999999999999999»', code: 'if.syntax', help: /64 bits/ },
  { expr: 'captures.tenant == "a" «and» true', code: 'if.syntax', help: /parentheses|operator/ },
  { expr: 'captures.«if» + 1 == "a"', code: 'if.undeclared', help: /tenant/ },
]

const place = (expr: string) => ({ text: expr.replace(/[«»]/g, ''), from: expr.indexOf('«'), to: expr.indexOf('»') - 1 })

describe.each(Object.entries(STYLES))('%s', (style, write) => {
  const rows = REFUSED.filter(({ expr }) => style !== 'as a folded block' || !/^«[!-]»/.test(expr))
  test.each(rows)('$code: $expr', ({ expr, code, help }) => {
    const { text, from, to } = place(expr)
    const { yaml, line, column } = write(text)
    const [first] = errorsOf(
      `grants:\n  g:\n    who: { group: admins }\n    what: { path: /t/$tenant }\n    how:\n  ${yaml.replaceAll('\n', '\n  ')}\n`,
    )
    const columns = writtenColumns[style] ?? ((before: string) => before.length)
    expect(first).toMatchObject({ code, line: LINES + 5 + line, column: 3 + column + columns(text.slice(0, from)) })
    expect(first?.help).toMatch(help)
    if (style === 'as a block') expect(first?.endColumn).toBe(3 + column + columns(text.slice(0, to)))
  })
})

test('there are sixty of them', () => expect(REFUSED.length).toBeGreaterThanOrEqual(60))

describe('what stands where', () => {
  const grant = (rest: string) => `grants: { g: { who: { group: admins }, what: { path: /t/$tenant }, ${rest} } }\n`
  const PUBLIC = 'reason: r, owner: a@example.com, approved-by: b@example.com, review: 2027-01-01'
  const codes = (rules: string) =>
    compiled(rules)
      .filter(({ severity }) => severity === 'error')
      .map(({ code, help }) => `${code} ${help}`)

  test.each([
    {
      note: 'how reads everything',
      rules: grant(`how: { if: 'principal.kind == "human" && captures.tenant == "a" && now > timestamp(0)' }`),
    },
    {
      note: 'who reads the caller and what was captured',
      rules: `grants: { g: { who: { if: 'principal.user == "corp/" + captures.name' }, what: { path: /u/$name } } }`,
    },
    {
      note: 'what reads the request',
      rules: `guardrails: { g: { what: { if: 'request.host.endsWith(".test")' }, how: never } }`,
    },
    { note: 'when reads the time', rules: grant(`when: { if: 'now < timestamp("2027-01-01T00:00:00Z")' }`) },
    {
      note: 'the when of a guardrail reads the request',
      rules: `guardrails: { g: { when: { if: '!cidr("10.0.0.0/8").containsIP(request.address)' }, how: never } }`,
    },
    {
      note: 'a public entry without its caller',
      rules: `public: { p: { what: { path: /a }, how: { if: 'request.method == "GET"' }, ${PUBLIC} } }`,
    },
    { note: 'a claim of several types is anything', rules: grant(`how: { if: 'principal.claims.regions == "eu"' }`) },
    { note: 'a claim with a strange name', rules: grant(`how: { if: 'principal.claims["https://x/cost"] < 10' }`) },
    {
      note: 'within a named condition',
      rules: `conditions: { c: { if: 'principal.kind == "human"' } }\n${grant('how: { use: c }')}`,
    },
    {
      note: 'under not, any and all',
      rules: grant(`how: { any: [{ not: { if: 'principal.kind == "agent"' } }, { if: 'principal.claims.beta' }] }`),
    },
  ])('$note', ({ rules }) => expect(codes(rules)).toEqual([]))

  test.each([
    {
      note: 'who that names nobody',
      rules: `grants: { g: { who: { if: 'now > timestamp(0)' }, what: { path: /a } } }`,
      code: 'if.names_nobody',
    },
    {
      note: 'who that names somebody under not only',
      rules: `grants: { g: { who: { not: { if: 'principal.kind == "human"' } }, what: { path: /a } } }`,
      code: 'who.names_nobody',
    },
    {
      note: 'what about the caller',
      rules: `guardrails: { g: { what: { if: 'principal.kind == "human"' }, how: never } }`,
      code: 'if.undeclared `what` is about the request',
    },
    {
      note: 'the when of a grant about the caller',
      rules: grant(`when: { if: 'session.credential == "jwt"' }`),
      code: 'if.undeclared `when` is about the time',
    },
    {
      note: 'a public entry about the caller',
      rules: `public: { p: { what: { path: /a }, how: { if: 'principal.kind == "human"' }, ${PUBLIC} } }`,
      code: 'if.undeclared A public entry',
    },
    { note: 'about nothing', rules: grant(`how: { if: '1 < 2' }`), code: 'if.constant' },
    { note: 'not a condition', rules: grant(`how: { if: 'captures.tenant' }`), code: 'if.type' },
    { note: 'a zone nobody knows', rules: grant(`how: { if: 'now.getHours("Europe/Berlyn") > 3' }`), code: 'zone.unknown' },
    {
      note: 'without quotes',
      rules: grant('how: { if: principal.claims.beta }'),
      code: "yaml.expression Write: if: 'principal.claims.beta'",
    },
    { note: 'without quotes, with a question mark', rules: grant('how: { if: a ? b : c }'), code: 'yaml.expression' },
    {
      note: 'without quotes, with an exclamation mark',
      rules: grant('how:\n      if: !principal.claims.beta }'),
      code: 'yaml.expression',
    },
    { note: 'no text', rules: grant('how: { if: true }'), code: 'spec.invalid' },
    {
      note: 'within a named condition, where it is used',
      rules: `conditions: { c: { if: 'principal.knd == "human"' } }\n${grant('how: { use: c }')}`,
      code: 'if.undeclared Did you mean',
    },
  ])('refused: $note', ({ rules, code }) => expect(codes(rules).join('\n')).toContain(code))

  test('a zone that an expression reads is part of the image', () => {
    const text = `${POLICY}${grant(`how: { if: 'now.getHours("Asia/Tokyo") > 3' }`)}`
    const { image } = compilePolicy([{ path: 'p.yaml', text }], { conditions: CONDITIONS, now: 0 })
    expect(Object.keys(image?.zones ?? {})).toEqual(['Asia/Tokyo'])
  })
})
