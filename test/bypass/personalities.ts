// How upstreams of several makes read the target they receive: pure functions from what arrived to the resource they would serve.
// A bypass is a disagreement between one of these and the decision.
import { foldedValues, type Served } from '../support/upstream.ts'

/** What an upstream would serve: its method, and the segments of the path after all its own decoding and resolving. */
export interface Effective {
  readonly method: string
  readonly segments: readonly string[]
}

export interface Personality {
  readonly name: string
  /** Routing a policy has to state for a service behind which this upstream stands. */
  readonly routing: string
  readonly effective: (served: Served) => Effective
  /** The decided path in the words of this upstream. */
  readonly decided: (path: string) => readonly string[]
}

const decodeOnce = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return Buffer.from(
      text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString()
  }
}

const pathOf = (target: string): string => {
  const origin = /^[a-z]+:\/\/[^/]*(\/.*)$/i.exec(target)?.[1] ?? target
  return origin.split(/[?#]/)[0] as string
}

/** Dot segments as RFC 3986 section 5.2.4 resolves them; empty segments are merged where `merge` says so. */
const resolve = (segments: readonly string[], merge: boolean): readonly string[] => {
  const kept: string[] = []
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.' && (segment !== '' || last || !merge)) kept.push(segment)
  })
  return kept
}

const split = (path: string): readonly string[] => path.replace(/^\//, '').split('/')
const withoutEnd = (segments: readonly string[]): readonly string[] => (segments.at(-1) === '' ? segments.slice(0, -1) : segments)
const decodedSegments = (path: string): readonly string[] => split(path).map(decodeOnce)
const sameMethod = (read: (path: string) => readonly string[]) => (served: Served) => ({
  method: served.method,
  segments: read(pathOf(served.target)),
})

const STRICT = 'case: sensitive, trailing-slash: distinct'

/** Express, Go, Spring: decode once, cut at what was an escaped `?` or `#`, merge slashes, resolve dots, ignore the last slash. */
const norm = (path: string): readonly string[] => withoutEnd(resolve(split(decodeOnce(path).split(/[?#]/)[0] as string), true))

/** IIS and Windows: a backslash is a slash, and dots and spaces at the end of a name are dropped. */
const slash = (path: string): readonly string[] =>
  resolve(split(decodeOnce(path).replaceAll('\\', '/')), true).map((segment) => segment.replace(/[ ]+$/, ''))

/** Servlets: parameters are cut per segment before dots are resolved. */
const semi = (path: string): readonly string[] =>
  resolve(
    split(path)
      .map((segment) => segment.split(/;|%3b/i)[0] as string)
      .map(decodeOnce),
    true,
  )

const overridden = (served: Served): string => {
  const named = ['x-http-method-override', 'x-http-method', 'x-method-override'].flatMap((name) => foldedValues(served, name))
  const asked = /[?&]_method=(\w+)/.exec(served.target)?.[1]
  return named[0] ?? asked ?? served.method
}

export const PERSONALITIES: readonly Personality[] = [
  { name: 'raw', routing: STRICT, effective: sameMethod(split), decided: split },
  {
    name: 'norm',
    routing: 'case: sensitive, trailing-slash: same',
    effective: sameMethod(norm),
    decided: (path) => withoutEnd(decodedSegments(path)),
  },
  { name: 'slash', routing: STRICT, effective: sameMethod(slash), decided: decodedSegments },
  { name: 'semi', routing: STRICT, effective: sameMethod(semi), decided: decodedSegments },
  {
    name: 'case',
    routing: 'case: insensitive, trailing-slash: distinct',
    effective: sameMethod((path) => decodedSegments(path).map((segment) => segment.toLowerCase())),
    decided: (path) => decodedSegments(path).map((segment) => segment.toLowerCase()),
  },
  {
    name: 'override',
    routing: STRICT,
    effective: (served) => ({ method: overridden(served), segments: split(pathOf(served.target)) }),
    decided: split,
  },
]
