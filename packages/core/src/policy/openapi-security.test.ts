import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { CONDITIONS } from '../catalogue.ts'
import { compilePolicy } from './index.ts'

const compile = (text: string) => {
  const policy = 'balustrade: 1\nservices: { s: { hosts: s.example.com, openapi: api.json } }\n'
  const files = [
    { path: 'policy.yaml', text: policy },
    { path: 'api.json', text },
  ]
  return compilePolicy(files, { conditions: CONDITIONS, now: Date.UTC(2026, 10, 24) })
}

const securitySchemes = {
  oauth: { type: 'oauth2', flows: {} },
  oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://login.example.com' },
  key: { type: 'apiKey', in: 'header', name: 'x-key' },
  basic: { type: 'http', scheme: 'basic' },
}

interface Written {
  readonly operation?: unknown
  readonly document?: unknown
}

const documentOf = ({ operation, document }: Written): string =>
  JSON.stringify({
    openapi: '3.1.0',
    paths: { '/a': { get: { operationId: 'a', ...(operation === undefined ? {} : { security: operation }) } } },
    components: { securitySchemes },
    ...(document === undefined ? {} : { security: document }),
  })

describe('what an operation asks for in scopes', () => {
  test.each<{ note: string; written: Written; gives: readonly (readonly string[])[] | undefined }>([
    { note: 'none, where nobody says anything', written: {}, gives: undefined },
    { note: 'those of its scheme', written: { operation: [{ oauth: ['b', 'a', 'b'] }] }, gives: [['a', 'b']] },
    { note: 'those of all schemes together', written: { operation: [{ oauth: ['a'], oidc: ['b'] }] }, gives: [['a', 'b']] },
    { note: 'one set or another', written: { operation: [{ oauth: ['b'] }, { oidc: ['a'] }] }, gives: [['a'], ['b']] },
    { note: 'no set that holds another', written: { operation: [{ oauth: ['a', 'b'] }, { oauth: ['a'] }] }, gives: [['a']] },
    { note: 'those of the document', written: { document: [{ oauth: ['a'] }] }, gives: [['a']] },
    {
      note: 'its own in place of those',
      written: { operation: [{ oauth: ['b'] }], document: [{ oauth: ['a'] }] },
      gives: [['b']],
    },
    { note: 'none, by an empty list', written: { operation: [], document: [{ oauth: ['a'] }] }, gives: undefined },
    { note: 'none, by an empty map', written: { operation: [{}], document: [{ oauth: ['a'] }] }, gives: undefined },
    { note: 'none, where none is enough', written: { operation: [{ oauth: ['a'] }, {}] }, gives: undefined },
    { note: 'none, by a scheme without any', written: { operation: [{ oauth: [] }] }, gives: undefined },
    { note: 'none, by other schemes alone', written: { operation: [{ key: [] }, { basic: [] }] }, gives: undefined },
    { note: 'those beside another scheme', written: { operation: [{ oauth: ['a'], key: [] }] }, gives: [['a']] },
    { note: 'roles of another scheme are none', written: { operation: [{ oauth: ['a'], basic: ['admin'] }] }, gives: [['a']] },
    {
      note: 'those of a token, where another scheme would do for others',
      written: { operation: [{ oauth: ['a'] }, { basic: [] }, { unheard: [] }] },
      gives: [['a']],
    },
  ])('$note', ({ written, gives }) => {
    const { image, diagnostics } = compile(documentOf(written))
    expect(diagnostics).toEqual([])
    expect(image?.services['s']?.operations[0]?.scopes).toEqual(gives)
  })

  test.each<{ note: string; written: Written }>([
    { note: 'a map', written: { operation: { oauth: ['a'] } } },
    { note: 'a list of texts', written: { operation: ['oauth'] } },
    { note: 'a scheme with no list', written: { operation: [{ oauth: 'a' }] } },
    { note: 'a scope that is no text', written: { operation: [{ oauth: [1] }] } },
    { note: 'a scope with a space', written: { operation: [{ oauth: ['a b'] }] } },
    { note: 'too many alternatives', written: { operation: Array.from({ length: 65 }, () => ({ oauth: ['a'] })) } },
    { note: 'too many scopes', written: { operation: [{ oauth: Array.from({ length: 65 }, (_, n) => `s${n}`) }] } },
    { note: 'that of the document', written: { document: null } },
  ])('is refused where it cannot be told: $note', ({ written }) => {
    const { image, diagnostics } = compile(documentOf(written))
    expect(image).toBeNull()
    expect(diagnostics.map(({ code }) => code)).toEqual(['openapi.invalid'])
  })
})

describeCorpus('api-inventories', (path) => {
  test('the document of Kubernetes asks for no scopes: it knows a field, no OAuth', () => {
    const { image } = compile(readFileSync(join(path, 'kubernetes.json'), 'utf8'))
    const operations = image?.services['s']?.operations ?? []
    expect(operations.length).toBeGreaterThan(500)
    expect(operations.filter(({ scopes }) => scopes !== undefined)).toEqual([])
  })
})
