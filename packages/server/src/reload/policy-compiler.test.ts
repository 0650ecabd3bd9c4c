import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CONDITIONS, prepareImage } from '@balustrade/core/kit'
import { readPolicyFolder } from '@balustrade/core/policy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPolicyCompiler, type PolicyCompiler } from './policy-compiler.ts'

const NOW = Date.UTC(2026, 10, 24)

const policyOf = (count: number): string => {
  const rules = Array.from(
    { length: count },
    (_none, n) => `  r${n}:\n    what: { path: /things/${n}/** }\n    how: { network: office }\n`,
  )
  const service = 'service: app\nservices:\n  app: { hosts: [app.example.com], upstream: http://127.0.0.1:1 }\n'
  return `balustrade: 1\n${service}networks: { office: [127.0.0.0/8] }\nguardrails:\n${rules.join('')}`
}

const lay = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-compiler-'))
  writeFileSync(join(folder, 'app.yaml'), text)
  return folder
}

/** More rules than one message holds, and than another policy of the same test. */
const MANY = 1_050
const folders = { many: lay(policyOf(MANY)), few: lay(policyOf(3)), faulty: lay(policyOf(3).replace('network:', 'netwrok:')) }
let compiler: PolicyCompiler
beforeAll(() => {
  compiler = createPolicyCompiler()
})
afterAll(async () => {
  await compiler.close()
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true })
})

const compile = (folder: string) => compiler.compile({ folder, environment: null, now: NOW })
const here = (folder: string) => readPolicyFolder(folder, { conditions: CONDITIONS, now: NOW })

describe('a policy compiled on another thread', () => {
  test.each(['many', 'few'] as const)('of %s rules is the one that is compiled here', async (size) => {
    const { image } = here(folders[size])
    const { prepared } = await compile(folders[size])
    expect(image).not.toBeNull()
    expect(prepared).toEqual(prepareImage(image as NonNullable<typeof image>))
  })

  test('that holds errors is all its diagnostics and no policy', async () => {
    const { prepared, diagnostics, failure } = await compile(folders.faulty)
    expect([prepared, failure]).toEqual([null, null])
    expect(diagnostics).toEqual(here(folders.faulty).diagnostics)
    expect(diagnostics.length).toBeGreaterThan(0)
  })

  test('is not mixed up with others that are asked for meanwhile', async () => {
    const results = await Promise.all([folders.many, folders.few, folders.many].map(compile))
    expect(results.map(({ prepared }) => prepared?.image.rules.length)).toEqual([MANY, 3, MANY])
  })
})
