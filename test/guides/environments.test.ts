// The commands of the guide on environments, run, and what it shows of their output.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../house/tree.ts'
import { balustrade } from '../support/command.ts'
import { readBlocks } from './guide-blocks.ts'

const GUIDE = 'docs/guides/environments.md'
const blocks = readBlocks(readFileSync(join(root, GUIDE), 'utf8'))
const textsOf = (language: string) => blocks.flatMap((block) => (block.language === language ? [block.text] : []))

const lines = textsOf('sh').flatMap((text) => text.trim().split('\n'))
const outputs = await Promise.all(lines.map((line) => balustrade(...line.split(' ').slice(1))))
const outputOf = (words: string) => outputs[lines.findIndex((line) => line.startsWith(`balustrade ${words}`))]

describe(GUIDE, () => {
  test('shows the environment as it stands', () => {
    const [shown = ''] = textsOf('yaml')
    const there = readFileSync(join(root, 'examples/console/environments/staging.yaml'), 'utf8')
    expect(there).toContain(shown.split('\n').slice(1).join('\n'))
  })

  test('shows what the command prints', () => {
    const [shown = ''] = textsOf('text')
    const got = outputOf('diff production staging')
    expect(got?.status).toBe(1)
    expect(got?.stdout).toContain(shown)
    for (const value of ['fresh', 'office', 'working-hours']) expect(got?.stdout).toContain(`from variables.${value}:`)
    expect(got?.stdout).toContain('in staging the request is GET https://console.staging.example.com/')
  })

  test('an environment with another upstream alone decides nothing otherwise', () => {
    const got = outputOf('diff - production')
    expect(got?.stdout).toContain('services.console.upstream: http://127.0.0.1:9100 in the policy itself')
    expect(got?.stdout).toContain('0 differences')
    expect(got?.status).toBe(0)
  })

  test('the same for programs', () => {
    const got = outputOf('diff - staging')
    const parsed = JSON.parse(got?.stdout ?? '') as { readonly ok: boolean; readonly differences: readonly unknown[] }
    expect(parsed).toMatchObject({ ok: false, environments: ['-', 'staging'], search: { complete: true } })
    expect(parsed.differences).toContainEqual(
      expect.objectContaining({
        rule: 'administrators',
        service: 'console',
        values: ['variables.fresh'],
        outcomes: ['allow', 'challenge'],
      }),
    )
    expect(got?.status).toBe(1)
  })
})
