import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { foldName } from '../lib/http-token.ts'
import type { AccessRequest } from '../model/access-request.ts'
import { NO_PROXIES } from './client-address.ts'
import { forwardableHeaders } from './forwardable-headers.ts'
import { framingOf } from './framing.ts'
import { fromHttp, type RawRequest, type RequestResult } from './from-http.ts'
import { managedNames } from './managed-fields.ts'

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

const send = (target: string, method = 'GET'): RequestResult => fromHttp({ ...plain, target, method }, NO_PROXIES)
const request = (target: string, method = 'GET'): AccessRequest | null => {
  const result = send(target, method)
  return result.ok ? result.request : null
}
const readJson = <T>(path: string, file: string): T => JSON.parse(readFileSync(join(path, file), 'utf8'))

interface Variant {
  readonly raw: string
  readonly category: string
  readonly strict: string
}

/** Where the corpus leaves a choice, ours; all others must do what `strict` says. */
const refusedByChoice = /^(?:canon:\/admin\/secret \(decode|literal dots inside a name are names.*%2e)/
const tolerated = ['encoded # or ?', 'semicolon / matrix', 'encoded slash', 'suffix / alternate representation']

const expectVariant = ({ raw, category, strict }: Variant): void => {
  const result = send(raw)
  if (strict.startsWith('reject') && !result.ok) return
  if (refusedByChoice.test(strict) && raw.includes('%')) expect(result.ok).toBe(false)
  else if (strict.startsWith('reject')) {
    // "by default": a service may accept it, so it parses, is forwarded opaque, and says what it needs.
    expect(tolerated).toContain(category)
    expect(result.ok && result.request.needs).toHaveLength(1)
  } else {
    expect(result).toMatchObject({ ok: true })
    const path = raw.replace(/^HTTP:\/\/APP\.TEST:80/, '').replace(/%[0-9a-f]{2}/g, (escape) => escape.toUpperCase())
    expect(result.ok && result.request.target).toBe(path)
  }
}

describeCorpus('bypass', (path) => {
  const { variants } = readJson<{ variants: readonly Variant[] }>(path, 'path-variants.json')
  test.each(variants)('$category: $raw', expectVariant)

  test('no variant is taken for another resource without saying so', () => {
    const silent = variants.map(({ raw }) => request(raw)).filter((one) => one !== null && one.needs.length === 0)
    const paths = new Set(silent.map((one) => one?.path.segments.join('/')))
    expect(paths).toEqual(
      new Set([
        'ADMIN/secret',
        'admin/secret',
        'admin/secret.',
        'admin/secret.json',
        'admin/secret.rsc',
        'admin/secre\u0301t',
        'admin/secr\u00e9t',
        'public../admin/secret',
        '\uff41dmin/secret',
      ]),
    )
  })
})

interface Normalised {
  readonly normalizers: readonly string[]
  readonly url: string
  readonly after?: string
  readonly 'after-full'?: string
}

describeCorpus('haproxy', (path) => {
  const cases = readJson<readonly Normalised[]>(path, 'normalize-uri.json')
  const pathPart = (target: string): string => target.split('?')[0] as string
  test.each(cases.filter(({ url }) => url !== '*'))('$normalizers: $url', (one) => {
    const result = request(one.url)
    if (result === null) return
    // Accepted: every normaliser leaves the path alone, but for the case of hex digits, which is ours too.
    for (const after of [one.after, one['after-full']]) {
      if (after !== undefined && !one.normalizers.some((name) => name.startsWith('query-'))) {
        expect(pathPart(result.target)).toBe(pathPart(after).replace(/%[0-9a-f]{2}/g, (escape) => escape.toUpperCase()))
      }
    }
  })
})

interface Routes {
  readonly ops: readonly { readonly m: string; readonly p: string }[]
}

/** Values a caller would send, by parameter; others are names, numbers and hashes. */
const values: Readonly<Record<string, readonly string[]>> = {
  path: ['README.md', 'src/index.ts', 'docs/a%20b.md', 'docs%2Fguide.md', 'caf%C3%A9.txt', 'a%2Bb.c'],
  ref: ['heads/main', 'heads%2Ffeature%2F1', 'tags/v1.0.0-rc.1'],
  basehead: ['main...feature', 'octocat:main...hubot:topic', 'v1.0.0...v1.0.1'],
  branch: ['main', 'feature%2Flogin', 'release-1.x'],
  subject_digest: ['sha256:0af7651916cd43dd8448eb211c80319c'],
  username: ['octocat', 'dependabot%5Bbot%5D', 'a-b_c'],
  name: ['bug', 'good%20first%20issue', 'priority:%20high', 'C%23', 'c++', 'a~1', '100%25'],
  logpath: ['pods/kube-proxy.log', 'syslog'],
  namespace: ['kube-system', 'default'],
  custom_property_name: ['team_name', 'env.tier'],
}
const anything = [
  'octocat',
  'hello-world',
  '1296269',
  'v1.0.0',
  '6dcb09b5b57875f334f61aebed695e2e4193db5e',
  'a.b_c~d',
  '.github',
  'x...y',
  'a@b:c',
  '(1)',
  "o'neil",
  'a,b=c&d',
  '%E2%9C%93',
]

const plausible = (template: string) =>
  fc
    .tuple(...(template.match(/\{[^}]+\}/g) ?? []).map((name) => fc.constantFrom(...(values[name.slice(1, -1)] ?? anything))))
    .map((chosen) => {
      let at = 0
      return template.replace(/\{[^}]+\}/g, () => chosen[at++] as string)
    })

const needed = (target: string): readonly string[] => [
  ...(/%2F/.test(target) ? ['encoded-slash'] : []),
  ...(/%23/.test(target) ? ['encoded-delimiter'] : []),
]

describeCorpus('api-inventories', (path) => {
  test.each([
    ['routes-github.json', 1_223],
    ['routes-kubernetes.json', 845],
  ])('%s: all %i operations pass, with what they need recorded', (file, count) => {
    const { ops } = readJson<Routes>(path, file)
    expect(ops).toHaveLength(count)
    for (const { m, p } of ops) {
      fc.assert(
        fc.property(plausible(p), (target) => {
          const result = send(`${target}?per_page=100&q=a+b%20c`, m)
          expect(result, target).toMatchObject({
            ok: true,
            request: { needs: needed(target), target: `${target}?per_page=100&q=a+b%20c` },
          })
        }),
        { numRuns: 5 },
      )
    }
  })
})

interface UrlCase {
  readonly input: string
}

describeCorpus('url', (path) => {
  const inputs = readJson<readonly (string | UrlCase)[]>(path, 'urltestdata.json').filter((one) => typeof one !== 'string')

  test('every input is refused or stays what it is to WHATWG URL', () => {
    let accepted = 0
    for (const { input } of inputs) {
      for (const target of [input, `/${input}`, input.replace(/^[a-z]+:\/\/[^/]*/i, '')]) {
        const result = request(target)
        if (result === null || result.needs.length > 0) continue
        accepted++
        const url = new URL(`http://app.test${result.target}`)
        expect(url.host).toBe('app.test')
        expect(url.pathname).toBe(result.target.split('?')[0])
      }
    }
    expect(accepted).toBeGreaterThan(100)
  })
})

interface HttpCase {
  readonly kind: string
  readonly type: string
  readonly input: string
  readonly error: unknown
}

/** Splits a head as the most lenient reader would, names and values as they stand. */
const headOf = (input: string): RawRequest | null => {
  const [start = '', ...rest] = (input.split('\r\n\r\n')[0] as string).split('\r\n')
  const words = /^(\S+) (.*) HTTP\/(\S+)$/s.exec(start)
  if (words === null) return null
  const rawHeaders = rest
    .filter((line) => line !== '')
    .flatMap((line) => [line.split(':')[0] as string, line.includes(':') ? line.slice(line.indexOf(':') + 1) : ''])
  return { ...plain, method: words[1] as string, target: words[2] as string, httpVersion: words[3] as string, rawHeaders }
}

describeCorpus('http-parsing', (path) => {
  test('heads that a strict parser refuses are refused here as well, or frame no body', () => {
    const cases = readJson<readonly HttpCase[]>(path, 'llhttp-cases.json').filter(
      ({ kind, type, error }) => kind === 'http' && type === 'request' && error !== null,
    )
    const heads = cases.map(({ input }) => headOf(input)).filter((raw) => raw !== null)
    expect(heads.length).toBeGreaterThan(20)
    for (const raw of heads) {
      const result = fromHttp({ ...raw, rawHeaders: ['Host', 'app.test', ...raw.rawHeaders] }, NO_PROXIES)
      const lengths = result.ok ? result.request.fields.get('content-length')?.length : 0
      const codings = result.ok ? result.request.fields.get('transfer-encoding') : []
      expect(lengths === undefined || codings === undefined || codings.length === 0, JSON.stringify(raw)).toBe(true)
    }
  })

  test('a mutated Transfer-Encoding is refused, or is no framing to anybody', () => {
    const mutants = Object.entries(readJson<Readonly<Record<string, string>>>(path, 'smuggler-default.json'))
    expect(mutants.length).toBeGreaterThan(100)
    const passed: string[] = []
    for (const [name, template] of mutants) {
      const input = template
        .replace('__METHOD__', 'POST')
        .replace('__ENDPOINT__', '/')
        .replace('__RANDOM__', '1')
        .replace('__HOST__', 'app.test')
        .replace('__REPLACE_CL__', '5')
      const raw = headOf(input)
      const result = raw === null ? null : fromHttp(raw, NO_PROXIES)
      if (result === null || !result.ok) continue
      // What is left is an ordinary field to every reader of lines; the length frames the body.
      passed.push(name)
      expect(framingOf(result.request.fields), name).toBe(5)
      const names = forwardableHeaders(result.request, managedNames([])).map(([field]) => foldName(field))
      expect(names.filter((folded) => folded.includes('transfer') || folded.includes('length'))).toEqual([])
    }
    expect(passed).toEqual(['xprespace-09', 'xprespace-20', 'xprespace-a0', 'xprespace-ff'])
  })
})

describe('must pass', () => {
  test.each(['/a%20b', '/%E2%9C%93/caf%C3%A9', "/a+b~c:d@e!f$g&h'i(j)k*l,m=n", `/s?q=${'x'.repeat(2_048)}`, '/a/', '/'])(
    '%s',
    (target) => {
      expect(request(target)).toMatchObject({ target, needs: [] })
    },
  )
})
