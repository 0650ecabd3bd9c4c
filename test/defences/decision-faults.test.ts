// The faults that scripts/find-planted-faults.ts plants: each fits the code as it is, and the report is about just these.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { applyPatch } from '../../scripts/defences.ts'
import { root } from '../house/tree.ts'

const folder = join(root, 'test', 'defences', 'decision-faults')
const names = readdirSync(folder).filter((name) => name.endsWith('.patch'))

interface Report {
  readonly found: number
  readonly planted: number
  readonly findings: readonly { readonly fault: string; readonly about: string }[]
}

const report = JSON.parse(readFileSync(join(root, 'docs', 'reports', 'planted-faults.json'), 'utf8')) as Report

const aboutOf = (name: string) => /^# (.+)\n/.exec(readFileSync(join(folder, name), 'utf8'))?.[1]

describe('the planted faults of decisions', () => {
  test.each(names)('%s applies', (name) => {
    expect(applyPatch(root, { name, path: join(folder, name), tests: [] }, '--check')).toBeUndefined()
  })

  test('are those of the report, which finds them all', () => {
    const told = Object.fromEntries(report.findings.map(({ fault, about }) => [`${fault}.patch`, about]))
    expect(told).toEqual(Object.fromEntries(names.map((name) => [name, aboutOf(name)])))
    expect([report.found, report.planted]).toEqual([names.length, names.length])
  })
})
