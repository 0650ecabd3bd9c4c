// What careful gateways refuse too much: every operation of a large real API with plausible parameters, and spellings that are
// unusual yet plain. Not one may be refused, and the upstream gets each as it was sent.
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeCorpus } from '../support/corpora.ts'
import { eachOf, nouns, serviceFile, type Stage, startStage, tokensFor } from './stage.ts'

interface Sent {
  readonly method: string
  readonly target: string
}

const HOST = 'app.example.com'

/** Values of parameters by name; every other one takes the next of a list. */
const NAMED: Readonly<Record<string, string>> = {
  path: 'docs/read%20me%20first.md',
  ref: 'heads%2Ffeature%2Flogin',
  branch: 'feature%2Flogin',
  sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
  basehead: 'main...octocat:feature-1',
  ghsa_id: 'GHSA-9f29-v6mm-pw6w',
  username: 'octo-cat_1',
  tag: 'v1.2.3+build.7~rc',
}
const OTHERS = [
  '42',
  'hello-world.js',
  'stra%C3%9Fe',
  'a%20b',
  "it's",
  'user@example.com',
  '2026-11-24T05:51:24Z',
  '%E6%97%A5%E6%9C%AC',
  'x,y',
  '(z)',
]

const fill = (path: string, at: number): string =>
  path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => NAMED[name] ?? (OTHERS[(at + name.length) % OTHERS.length] as string))

const PLAIN: readonly Sent[] = [
  '/files/my%20long%20name.txt',
  '/files/stra%C3%9Fe/%F0%9F%8E%89',
  '/files/a+b~c:d@e',
  "/files/!$&'()*,=",
  '/files/-%2D-_%5F_~%7E~',
  '/files/100%25',
  '/files/...',
  '/files/.hidden/..name/name..',
  '/files/trailing/',
  '/files/a%2Fb%2Fc',
  '/files/[0]',
  '/',
  '/?',
  `/search?q=${'a%20b+c&x[]=1&'.repeat(150).slice(0, 2_000)}`,
  '/search?q=%2e%2e%2f%2e%2e%2fetc&url=https%3A%2F%2Fexample.com%2F%3Fa%3Db&redirect=//x/../y',
  "/search?filter=name eq 'x'".replaceAll(' ', '%20'),
  '/search?q=a;b=c,d|e{f}"g"^`\\',
  '/search?q=%',
].map((target) => ({ method: 'GET', target }))

/** `-`, `_` and `~` arrive without their escapes; nothing else is spelled in another way. */
const asForwarded = (target: string): string => {
  const [path = '', ...query] = target.split('?')
  const canonical = path.replaceAll('%2D', '-').replaceAll('%5F', '_').replaceAll('%7E', '~')
  return [canonical, ...query].join('?')
}

describeCorpus('api-inventories', (path) => {
  const { ops } = JSON.parse(readFileSync(join(path, 'routes-github.json'), 'utf8')) as {
    readonly ops: readonly { readonly m: string; readonly p: string }[]
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  let stage: Stage
  let token = ''

  const ask = ({ method, target }: Sent): Promise<number> =>
    new Promise((resolve, reject) => {
      const body = method === 'GET' || method === 'DELETE' ? '' : '{}'
      const headers = { host: HOST, authorization: `Bearer ${token}`, 'content-length': body.length, accept: 'application/json' }
      const call = request({ port: stage.gateway.port, host: '127.0.0.1', agent, method, path: target, headers }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      })
      call.on('error', reject)
      call.end(body)
    })

  const refusalsOf = async (all: readonly Sent[]): Promise<readonly string[]> => {
    const statuses = await eachOf(all, ask)
    return all.flatMap(({ method, target }, at) => (statuses[at] === 200 ? [] : [`${statuses[at]} ${method} ${target}`]))
  }
  const targetsFrom = (at: number): readonly string[] =>
    stage.upstream.served.slice(at).map(({ method, target }) => `${method} ${target}`)

  beforeAll(async () => {
    stage = await startStage({
      policy: (issuer, upstream) => ({
        'nouns.yaml': nouns(issuer),
        'app.yaml': serviceFile({
          name: 'app',
          upstream,
          routing: 'case: sensitive, trailing-slash: distinct, accepts: [encoded-slash]',
          rules: 'grants:\n  users-use:\n    who: { group: users }\n    what: { path: /** }\n',
        }),
      }),
    })
    token = (await tokensFor(stage.issuer)).bob ?? ''
  })
  afterAll(async () => {
    agent.destroy()
    await stage.close()
  })

  test('every operation of a large API passes as it was sent', async () => {
    const all = ops.map(({ m, p }, at) => ({ method: m, target: fill(p, at) }))
    expect(all.length).toBeGreaterThanOrEqual(1_223)
    const before = stage.upstream.served.length
    expect(await refusalsOf(all)).toEqual([])
    expect([...targetsFrom(before)].sort()).toEqual(all.map(({ method, target }) => `${method} ${target}`).sort())
  })

  test('unusual but plain spellings pass', async () => {
    const before = stage.upstream.served.length
    expect(await refusalsOf(PLAIN)).toEqual([])
    expect([...targetsFrom(before)].sort()).toEqual(PLAIN.map(({ method, target }) => `${method} ${asForwarded(target)}`).sort())
  })
})
