import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONDITIONS, CREDENTIALS, REASON_TEXTS } from './catalogue.ts'
import { REASONS } from './model/reason.ts'

/**
 * Codes are in logs, in cases and in what callers read: renaming one, or letting it mean something else, breaks them. `-` unmet,
 * `?` unknown, `^` unknown by the caller's doing, `+` there may be a remedy.
 */
const PINNED: Readonly<Record<string, string>> = {
  'who.kind': 'kind.missing- kind.other- kind.unknown?',
  'who.user': 'user.missing- user.other- user.unbound^ user.unknown?',
  'who.group': 'group.missing- group.other- group.unbound^ group.unknown?',
  'who.role': 'role.missing- role.other- role.unbound^ role.unknown?',
  'who.provider': 'provider.missing- provider.other- provider.unknown?',
  'who.client': 'client.missing- client.other- client.unknown?',
  'who.workload': 'workload.missing- workload.other- workload.unknown?',
  'who.claim': 'claim.missing- claim.other- claim.unbound^ claim.other_form? claim.unknown?',
  'who.acting-for': 'acting_for.missing- acting_for.other- acting_for.unbound^ acting_for.unknown?',
  'what.service': 'service.other-',
  'what.host': 'host.other-',
  'what.method': 'method.other-',
  'what.path': 'path.other- path.near_miss^',
  'what.operation': 'operation.missing- operation.other- operation.undescribed^ operation.unknown?',
  'what.tag': 'tag.missing- tag.other- tag.undescribed^ tag.unknown?',
  'what.header': 'header.missing^ header.repeated^ header.near_miss^ header.unbound^ header.other- header.unknown?',
  'what.upgrade': 'upgrade.missing- upgrade.unknown?',
  'when.days': 'days.outside- days.zone_unknown?',
  'when.hours': 'hours.outside- hours.zone_unknown?',
  'circumstance.network': 'network.missing- network.outside- network.unknown?',
  'circumstance.credential': 'credential.other_kind- credential.missing- credential.unknown?',
  'how.mfa': 'mfa.missing-+ mfa.too_weak-+ mfa.too_old-+ mfa.undated? mfa.unknown?',
  'how.login': 'login.missing-+ login.too_old-+ login.unknown?',
  'how.acr': 'acr.missing-+ acr.other-+ acr.unknown?',
  'how.scope': 'scope.missing-+ scope.unknown? scope.undocumented- scope.undescribed^',
  'any.if': 'if.unmet- if.unknown? if.unsaid^ if.failed^',
}

const sign = (tri: 0 | -1, by: 'caller' | undefined) => {
  if (tri === 0) return '-'
  return by === 'caller' ? '^' : '?'
}

const conditionFiles = readdirSync(join(import.meta.dirname, 'conditions')).filter((file) => !file.endsWith('.test.ts'))
/** A condition is a file, or a folder with a file of its name. */
const lines = readFileSync(join(import.meta.dirname, 'condition-list.ts'), 'utf8').matchAll(
  /'\.\/conditions\/(?:[a-z-]+\/)?(.+)\.ts'/g,
)

describe('the catalogue', () => {
  it('is in the order of its list, which names every file of conditions', () => {
    expect(Array.from(lines, ([, name]) => name)).toEqual(CONDITIONS.map(({ key }) => key))
    expect(CONDITIONS.map(({ key }) => key).sort()).toEqual(conditionFiles.map((file) => file.replace(/\.ts$/, '')).sort())
  })

  it.each(Object.entries(PINNED))('keeps the reasons of %s', (id, pinned) => {
    const condition = CONDITIONS.find(({ place, key }) => `${place}.${key}` === id)
    const codes = Object.entries(condition?.reasons ?? {}).map(
      ([code, { tri, by, remedy }]) => `${code}${sign(tri, by)}${remedy ? '+' : ''}`,
    )
    expect(codes.join(' ')).toBe(pinned)
  })

  it('has words for every reason of the conditions and of the engine', () => {
    const codes = CONDITIONS.flatMap(({ reasons }) => Object.keys(reasons))
    expect(Object.keys(REASON_TEXTS).sort()).toEqual([...codes, ...Object.keys(REASONS)].sort())
  })

  it('knows each kind of credential once', () => {
    const kinds = CREDENTIALS.map(({ kind }) => kind)
    expect(new Set(kinds).size).toBe(kinds.length)
  })
})
