/**
 * Declared scopes in their order: what one of them carries, and what whoever holds some of them holds. Scopes are compared as text,
 * case and all (RFC 6749 section 3.3); a wildcard that is not declared is a name like any other.
 */
export interface ScopeLattice {
  /** Whether who holds `a` holds `b`: they are equal, or `a` is a declared wildcard and `b` begins with what stands before its `*`. */
  readonly covers: (a: string, b: string) => boolean
  /** What is carried, and every declared scope that some of it covers. */
  readonly expand: (carried: Iterable<string>) => ReadonlySet<string>
}

/** `*`, or a prefix that ends where a part of a name ends: `charges.*`, `charges:*`, `charges/*`. */
const WILDCARD = /^(?:[^*]*[.:/])?\*$/

/** What names begin with that a declared scope of this form covers, such as `charges.`; null: it is no wildcard. */
const prefixOf = (scope: string): string | null => (WILDCARD.test(scope) ? scope.slice(0, -1) : null)

/** The order of the scopes a policy declares. */
export const createScopeLattice = (declared: readonly string[]): ScopeLattice => {
  const prefixes = new Map(
    declared.flatMap((scope) => {
      const prefix = prefixOf(scope)
      return prefix === null ? [] : [[scope, prefix] as const]
    }),
  )
  return {
    covers: (a, b) => {
      const prefix = prefixes.get(a)
      return a === b || (prefix !== undefined && b.startsWith(prefix))
    },
    expand: (carried) => {
      const held = new Set(carried)
      const wide = [...held].flatMap((scope) => prefixes.get(scope) ?? [])
      if (wide.length > 0) for (const scope of declared) if (wide.some((prefix) => scope.startsWith(prefix))) held.add(scope)
      return held
    },
  }
}
