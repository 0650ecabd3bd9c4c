type Members = Readonly<Record<string, unknown>>

/** What an operation asks for in scopes, as the image holds it: nothing where none is needed. */
export type ScopesOf = (operation: Members, name: string) => { readonly scopes?: readonly (readonly string[])[] }

type Refuse = (problem: string) => void

const isMap = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/
const MOST_ALTERNATIVES = 64
const MOST_SCOPES = 64

/** Security schemes by which a caller shows scopes: of the others the document says nothing that a credential of ours could show. */
const scopedSchemes = (document: Members): ReadonlySet<string> => {
  const components = isMap(document['components']) ? document['components'] : {}
  const schemes = isMap(components['securitySchemes']) ? components['securitySchemes'] : {}
  const scoped = Object.entries(schemes).filter(
    ([, scheme]) => isMap(scheme) && (scheme['type'] === 'oauth2' || scheme['type'] === 'openIdConnect'),
  )
  return new Set(scoped.map(([name]) => name))
}

interface Alternative {
  readonly scopes: readonly string[]
  /** It names schemes, and none of them has scopes. */
  readonly isForeign: boolean
}

const holds = (whole: readonly string[], part: readonly string[]): boolean => part.every((scope) => whole.includes(scope))

/** Sorted, each once, and none that holds another: who carries the larger set carries the smaller. */
const leastOf = (sets: readonly (readonly string[])[]): readonly (readonly string[])[] => {
  const distinct = [...new Map(sets.map((set) => [set.join(' '), set])).entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  const all = distinct.map(([, set]) => set)
  return all.filter((set) => !all.some((other) => other !== set && holds(set, other)))
}

const readAlternative = (written: unknown, schemes: ReadonlySet<string>): Alternative | null => {
  if (!isMap(written)) return null
  const entries = Object.entries(written)
  const named = entries.filter(([scheme]) => schemes.has(scheme)).map(([, scopes]) => scopes)
  const scopes = named.flat() as readonly unknown[]
  if (!entries.every(([, list]) => Array.isArray(list)) || scopes.length > MOST_SCOPES) return null
  if (!scopes.every((scope) => typeof scope === 'string' && SCOPE.test(scope))) return null
  return { scopes: [...new Set(scopes as readonly string[])].sort(), isForeign: entries.length > 0 && named.length === 0 }
}

/**
 * Sets of scopes from a list of security requirements (OpenAPI 3.1 section 4.8.30): one of the list is enough, all of it is needed.
 * One of schemes without scopes alone is left out beside others: by a token nobody meets it. Null: it is not well formed.
 */
const readSecurity = (written: unknown, schemes: ReadonlySet<string>): readonly (readonly string[])[] | null => {
  if (!Array.isArray(written) || written.length > MOST_ALTERNATIVES) return null
  const read = written.map((each: unknown) => readAlternative(each, schemes))
  const alternatives = read.filter((each) => each !== null)
  if (alternatives.length < read.length) return null
  const own = alternatives.filter(({ isForeign }) => !isForeign)
  return leastOf(own.map(({ scopes }) => scopes))
}

/** Of an operation without `security` that of the document counts; an empty list there takes it away (section 4.8.10). */
export const securityOf = (document: Members, refuse: Refuse): ScopesOf => {
  const schemes = scopedSchemes(document)
  return (operation, name) => {
    const whose = 'security' in operation ? operation : document
    const written = 'security' in whose ? whose['security'] : []
    const sets = readSecurity(written, schemes)
    if (sets === null) refuse(`the \`security\` of ${name} is no list of at most ${MOST_ALTERNATIVES} maps of schemes to scopes`)
    return sets === null || sets.length === 0 || sets.some((set) => set.length === 0) ? {} : { scopes: sets }
  }
}
