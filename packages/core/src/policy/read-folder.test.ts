import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import { readPolicyFolder } from './index.ts'

const options = { conditions: CONDITIONS, now: Date.UTC(2026, 10, 24) }
const GOOD = 'balustrade: 1\nguardrails: { a: { how: never } }\n'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (path: string, text: string | Uint8Array): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const codes = (path = folder): readonly string[] => readPolicyFolder(path, options).diagnostics.map((each) => each.code)

interface Row {
  readonly note: string
  readonly make: () => void
  readonly codes: readonly string[]
}

const refused: readonly Row[] = [
  { note: 'an empty folder', make: () => {}, codes: ['folder.empty'] },
  { note: 'a folder without documents', make: () => write('notes.txt', GOOD), codes: ['folder.empty'] },
  { note: 'a text that is not UTF-8', make: () => write('a.yaml', new Uint8Array([0x62, 0xff])), codes: ['file.unreadable'] },
  {
    note: 'a document that is too large',
    make: () => write('a.yaml', `${GOOD}#${'x'.repeat(3_200_000)}`),
    codes: ['file.unreadable'],
  },
  { note: 'a folder in place of a document', make: () => write('b.yaml/c.txt', ''), codes: ['folder.empty'] },
  {
    note: 'a policy further down',
    make: () => {
      write('a.yaml', GOOD)
      write('more/b.yaml', GOOD.replace('a:', 'b:'))
    },
    codes: ['file.stray'],
  },
  {
    note: 'a document that is a link to outside',
    make: () => {
      write('in/a.yaml', GOOD)
      write('out/b.yaml', GOOD.replace('a:', 'b:'))
      symlinkSync(join(folder, 'out/b.yaml'), join(folder, 'in/b.yaml'))
    },
    codes: ['folder.link'],
  },
  {
    note: 'a link that leads nowhere',
    make: () => {
      write('a.yaml', GOOD)
      symlinkSync(join(folder, 'gone.yaml'), join(folder, 'b.yaml'))
    },
    codes: ['file.unreadable'],
  },
  {
    note: 'an OpenAPI document outside of the folder',
    make: () => {
      write('in/a.yaml', 'balustrade: 1\nservices: { s: { hosts: s.example.com, openapi: ../api.json } }\n')
      write('api.json', '{}')
    },
    codes: ['openapi.missing'],
  },
]

describe('refused', () => {
  it.each(refused)('$note', ({ note, make, codes: expected }) => {
    make()
    expect(codes(/outside/.test(note) ? join(folder, 'in') : folder)).toEqual(expected)
  })

  it('a folder that does not exist', () => {
    const { image, diagnostics } = readPolicyFolder(join(folder, 'gone'), options)
    expect(image).toBeNull()
    expect(diagnostics.map((each) => [each.code, each.message])).toEqual([
      ['folder.unreadable', 'The policy folder cannot be read: ENOENT.'],
    ])
  })

  it('a policy of which one document cannot be read, though the others can', () => {
    write('a.yaml', GOOD)
    write('b.yaml', new Uint8Array([0xff]))
    expect(readPolicyFolder(folder, options).image).toBeNull()
  })

  it('a folder with very many files', () => {
    for (let i = 0; i <= 2_000; i++) writeFileSync(join(folder, `f${i}.yaml`), GOOD)
    expect(codes()).toContain('folder.too_many')
  })
})

describe('read', () => {
  it('documents of both endings, overlays, and the OpenAPI documents that services name', () => {
    write('a.yaml', GOOD)
    write('b.yml', 'balustrade: 1\nservices: { s: { hosts: s.example.com, openapi: api/s.yaml } }\n')
    write('api/s.yaml', "openapi: 3.1.0\npaths: { '/x/{y}': { get: { operationId: readX } } }\n")
    write('api/unused.yaml', 'openapi: 3.1.0\n')
    write('environments/staging.yaml', 'balustrade: 1\nservices: { s: { hosts: s.staging.example.com } }\n')
    const { image, diagnostics, environments, files } = readPolicyFolder(folder, options)
    expect(diagnostics).toEqual([])
    expect(environments).toEqual(['staging'])
    expect(image?.services['s']?.operations).toEqual([{ id: 'readX', method: 'GET', template: ['x', null], tags: [] }])
    expect(files.map((file) => file.path)).toContain('api/s.yaml')
  })

  it('an OpenAPI document beside the policy, which is no policy', () => {
    write('a.yaml', 'balustrade: 1\nservices: { s: { hosts: s.example.com, under: /v1, openapi: s.yaml } }\n')
    write('s.yaml', 'openapi: 3.0.3\npaths: { /x: { get: {} } }\n')
    const { image, diagnostics } = readPolicyFolder(folder, options)
    expect(diagnostics).toEqual([])
    expect(image?.services['s']?.operations[0]).toEqual({ id: 'GET /x', method: 'GET', template: ['v1', 'x'], tags: [] })
  })

  it('a link that stays within the folder', () => {
    write('shared/a.txt', GOOD)
    symlinkSync(join(folder, 'shared/a.txt'), join(folder, 'a.yaml'))
    expect(codes()).toEqual([])
  })
})
