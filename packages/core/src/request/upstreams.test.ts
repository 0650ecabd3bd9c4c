import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessRequest } from '../model/access-request.ts'
import { NO_PROXIES } from './client-address.ts'
import { fromHttp, type RawRequest } from './from-http.ts'

/** What a kind of upstream takes a target for: its segments, without empty ones, and whether it resolved anything on the way. */
interface Effective {
  readonly segments: readonly string[]
  readonly moved: boolean
}
type Upstream = (target: string) => Effective

const pathOf = (target: string): string => target.split(/[?#]/)[0] as string
const octets = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
const decodeAll = (text: string): string => octets(text, /%([0-9A-Fa-f]{2})/g)
/** From octets to text, as lenient as the most lenient. */
const textOf = (path: string): string => new TextDecoder().decode(Uint8Array.from(path, (c) => c.charCodeAt(0)))

const resolve = (path: string): Effective => {
  const segments: string[] = []
  let moved = false
  for (const segment of path.split('/').slice(1)) {
    if (segment === '.' || segment === '..') {
      moved = true
      if (segment === '..') segments.pop()
    } else if (segment !== '') segments.push(textOf(segment))
  }
  return { segments, moved: moved || /\/\//.test(path) }
}

const stripParameters = (path: string): string => path.replace(/;[^/]*/g, '')
const lower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase())

const upstreams: Readonly<Record<string, Upstream>> = {
  'U-norm: decodes, then resolves and merges': (target) => resolve(decodeAll(pathOf(target))),
  'U-norm: resolves, then decodes': (target) => {
    const { segments, moved } = resolve(pathOf(target))
    return { segments: segments.map((segment) => textOf(decodeAll(segment))), moved }
  },
  'U-slash: every slash is a slash': (target) => resolve(decodeAll(pathOf(target)).replaceAll('\\', '/')),
  'U-semi: strips parameters, then decodes and resolves': (target) => resolve(decodeAll(stripParameters(pathOf(target)))),
  'U-semi: decodes, then strips parameters and resolves': (target) => resolve(stripParameters(decodeAll(pathOf(target)))),
  'U-case: lower case': (target) => resolve(lower(decodeAll(lower(pathOf(target))))),
  'decodes twice': (target) => resolve(decodeAll(decodeAll(pathOf(target)))),
  'cuts after decoding': (target) => resolve(pathOf(decodeAll(target.split('?')[0] as string))),
  'WHATWG URL': (target) => {
    const url = new URL(`http://app.test${target}`)
    const { segments, moved } = resolve(decodeAll(url.pathname))
    return { segments, moved: moved || url.host !== 'app.test' }
  },
}

const plain: RawRequest = {
  method: 'GET',
  target: '/',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'app.test'],
  peer: '192.0.2.1',
  scheme: 'http',
  at: 0,
  servername: null,
  proxied: null,
}

const read = (target: string): AccessRequest | null => {
  const result = fromHttp({ ...plain, target }, NO_PROXIES)
  return result.ok ? result.request : null
}

const marks = [
  '/',
  '/',
  '/',
  '//',
  '\\',
  '.',
  '..',
  '...',
  '/../',
  '/./',
  ';',
  ';a=1',
  '?',
  '#',
  '%',
  '|',
  '[1]',
  '~',
  "'",
  ' ',
  '\t',
]
const escapes = `%2e %2E %2f %2F %5c %5C %3b %3F %23 %25 %252e %252F %255c %2525 %61 %00 %0d %20 %C2%A0 %C3%A9 %c0%af %ed%a0%80
  %EF%BC%8E %ef%bc%8f %7e %2d`.split(/\s+/)
const pieces = [...marks, ...escapes, '2e', '2F', 'a', 'admin', 'ADMIN', 'secret', '0', 'f']
const targets = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => `/${parts.join('')}`),
  fc
    .array(fc.constantFrom('/a', '/b%20c', '/..', '/.', '/%C3%A9', '/a;b', '/x%2Fy', '/%252F', '/'))
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary-ascii' }).map((text) => `/${text}`),
)
const runs = { numRuns: 20_000 }

describe('what is decided is what upstreams serve', () => {
  test.each(Object.entries(upstreams))('%s', (name, upstream) => {
    const fold = name.startsWith('U-case') ? lower : (text: string) => text
    let seen = 0
    fc.assert(
      fc.property(targets, (target) => {
        const request = read(target)
        if (request === null || request.needs.length > 0) return
        seen++
        expect(upstream(request.target)).toEqual({ segments: request.path.segments.map(fold), moved: false })
      }),
      runs,
    )
    expect(seen).toBeGreaterThan(1_000)
  })

  test.each(Object.entries(upstreams))('with tolerances nothing climbs: %s', (_name, upstream) => {
    let seen = 0
    fc.assert(
      fc.property(targets, (target) => {
        const request = read(target)
        if (request === null || request.needs.length === 0) return
        seen++
        const dots = upstream(request.target.replaceAll(/\/\/+/g, '/')).segments.filter((segment) => /^\.{1,2}$/.test(segment))
        expect(dots).toEqual([])
        // No dot segment either where slashes that were encoded or doubled are taken for one.
        expect(decodeAll(decodeAll(decodeAll(request.target.split('?')[0] as string)))).not.toMatch(
          /(?:^|[/\\;?#])\.{1,2}(?:$|[/\\;?#])/,
        )
      }),
      runs,
    )
    expect(seen).toBeGreaterThan(200)
  })
})

describe('one spelling', () => {
  test('reading what is forwarded gives the same request again', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const request = read(target)
        if (request !== null) expect(read(request.target)).toEqual(request)
      }),
      runs,
    )
  })

  test('the case of hex digits, of the host and of field names changes nothing', () => {
    const flipped = fc.infiniteStream(fc.boolean())
    fc.assert(
      fc.property(targets, flipped, (target, flips) => {
        const flip = (text: string): string =>
          text.replace(/[a-z]/gi, (c) => (flips.next().value ? c.toUpperCase() : c.toLowerCase()))
        const raw = { ...plain, target, rawHeaders: ['Host', 'app.test', 'X-Tag', 'a', 'Content-Length', '5'] }
        const other = {
          ...raw,
          target: target.replace(/%[0-9a-f]{2}/gi, flip),
          rawHeaders: [flip('Host'), flip('app.test'), flip('X-Tag'), 'a', flip('Content-Length'), '5'],
        }
        const [one, two] = [fromHttp(raw, NO_PROXIES), fromHttp(other, NO_PROXIES)]
        const view = ({ request }: { request: AccessRequest }) => ({
          ...request,
          headers: [],
          fields: [...request.fields.keys()],
          query: '',
          target: request.path,
        })
        if (one.ok && two.ok) expect(view(two)).toEqual(view(one))
        else expect(two).toEqual(one)
      }),
    )
  })
})

describe('totality', () => {
  test('any bytes anywhere give a request or a refusal', () => {
    const bytes = fc.string({ unit: 'binary-ascii' })
    const raw = fc.record({
      method: fc.oneof(fc.constantFrom('GET', 'POST'), bytes),
      target: fc.oneof(targets, bytes, fc.string({ unit: 'binary' })),
      httpVersion: fc.oneof(fc.constant('1.1'), bytes),
      rawHeaders: fc.array(fc.oneof(fc.constantFrom('Host', 'a.test', 'Connection', 'Upgrade', 'close', 'Forwarded'), bytes)),
      peer: fc.oneof(fc.ipV4(), fc.ipV6(), bytes),
      scheme: fc.constantFrom('http' as const, 'https' as const),
      at: fc.integer(),
      servername: fc.option(fc.oneof(fc.constant('a.test'), bytes)),
      proxied: fc.constant(null),
    })
    fc.assert(
      fc.property(raw, (one) => {
        const result = fromHttp(one, NO_PROXIES)
        expect(result.ok || (result.status >= 400 && result.code.startsWith('request.'))).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })
})
