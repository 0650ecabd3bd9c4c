import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { CONDITIONS } from '../catalogue.ts'
import { compilePolicy } from './index.ts'

const compile = (document: unknown, service = '') => {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const policy = `balustrade: 1\nservices: { s: { hosts: s.example.com, openapi: api.json${service} } }\n`
  const files = [
    { path: 'policy.yaml', text: policy },
    { path: 'api.json', text },
  ]
  return compilePolicy(files, { conditions: CONDITIONS, now: Date.UTC(2026, 10, 24) })
}

const templates = (document: object, service = ''): readonly string[] =>
  (compile({ openapi: '3.1.0', ...document }, service).image?.services['s']?.operations ?? []).map(
    (operation) => `${operation.method} /${operation.template.map((segment) => segment ?? '*').join('/')} ${operation.id}`,
  )

const get = (operationId: string) => ({ get: { operationId } })

describe('operations', () => {
  it.each([
    {
      note: 'the most concrete first',
      document: { paths: { '/users/{id}': get('user'), '/users/me': get('me') } },
      expected: ['GET /users/me me', 'GET /users/* user'],
    },
    {
      note: 'one trailing slash is not a segment',
      document: { paths: { '/users/': get('users') } },
      expected: ['GET /users users'],
    },
    { note: 'the root', document: { paths: { '/': get('root') } }, expected: ['GET / root'] },
    { note: 'escaped literals as they are decoded', document: { paths: { '/a%20b': get('x') } }, expected: ['GET /a b x'] },
    {
      note: 'the path of the server before each',
      document: { servers: [{ url: 'https://s.example.com/v1/' }], paths: { '/a': get('a') } },
      expected: ['GET /v1/a a'],
    },
    {
      note: 'methods that are none are left out',
      document: { paths: { '/a': { ...get('a'), trace: {}, parameters: [], summary: 'x' } } },
      expected: ['GET /a a'],
    },
    {
      note: 'without an id the method and path are one',
      document: { paths: { '/a/{b}': { post: {} } } },
      expected: ['POST /a/* POST /a/{b}'],
    },
    { note: 'extensions of `paths` are no paths', document: { paths: { 'x-a': {}, '/a': get('a') } }, expected: ['GET /a a'] },
  ])('$note', ({ document, expected }) => {
    expect(templates(document)).toEqual(expected)
  })

  it('stand below `under` where the document names no server', () => {
    expect(templates({ paths: { '/a': get('a') } }, ', under: /api/v2')).toEqual(['GET /api/v2/a a'])
  })

  it.each([
    { note: 'no JSON', document: '{' },
    { note: 'keys that stand twice', document: '{"openapi":"3.1.0","openapi":"3.1.0","paths":{"/a":{"get":{}}}}' },
    { note: 'a list', document: [] },
    { note: 'no paths', document: { openapi: '3.1.0' } },
    { note: 'no operation', document: { openapi: '3.1.0', paths: {} } },
    { note: 'a path that is elsewhere', document: { openapi: '3.1.0', paths: { '/a': { $ref: 'b.json' } } } },
    { note: 'a path without a slash', document: { openapi: '3.1.0', paths: { a: get('a') } } },
    {
      note: 'servers with different paths',
      document: { openapi: '3.1.0', servers: [{ url: '/v1' }, { url: '/v2' }], paths: { '/a': get('a') } },
    },
    {
      note: 'a server with a variable path',
      document: { openapi: '3.1.0', servers: [{ url: 'https://a/{v}' }], paths: { '/a': get('a') } },
    },
  ])('refuses $note', ({ document }) => {
    const { image, diagnostics } = compile(document)
    expect(image).toBeNull()
    expect(diagnostics.every((each) => each.code === 'openapi.invalid' && each.file === 'policy.yaml')).toBe(true)
  })
})

describeCorpus('api-inventories', (path) => {
  const read = (name: string): string => readFileSync(join(path, `${name}.json`), 'utf8')

  it('the document of Kubernetes is read whole', () => {
    const { image, diagnostics } = compile(read('kubernetes'))
    expect(diagnostics).toEqual([])
    expect(image?.services['s']?.operations).toHaveLength(845)
  })

  it('the document of GitHub has one path under two templates, and 1,222 operations without one of them', () => {
    const text = read('github')
    expect(compile(text).diagnostics.map((each) => each.code)).toEqual([
      'openapi.ambiguous',
      'openapi.crossing',
      'openapi.template',
    ])
    const { image, diagnostics } = compile(text.replaceAll('"/repos/{owner}/{repo}/compare/{base}...{head}"', '"x-compare"'))
    expect(diagnostics.map((each) => each.code)).toEqual(['openapi.crossing'])
    expect(image?.services['s']?.operations).toHaveLength(1_222)
  })
})
