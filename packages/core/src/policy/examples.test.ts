import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONDITIONS } from '../catalogue.ts'
import { decide } from '../decision/decide.ts'
import type { Decision } from '../model/decision.ts'
import type { CredentialFacts, Facts } from '../model/fact.ts'
import { buildPlan } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { fromDescription, type RequestDescription } from '../request/from-description.ts'
import {
  type CallerWords,
  factsFromWords,
  matrixCell,
  readPolicyFolder,
  type ReadFolder,
  renderDiagnostics,
  renderMatrix,
  sameTable,
} from './index.ts'

const NOW = Date.UTC(2026, 10, 24, 10)
const EXAMPLES = join(import.meta.dirname, '../../../../examples')
const names = ['quickstart', 'console', 'payments']

const open = (name: string, environment?: string): ReadFolder =>
  readPolicyFolder(join(EXAMPLES, name), {
    conditions: CONDITIONS,
    now: NOW,
    ...(environment === undefined ? {} : { environment }),
  })

const planOf = (folder: ReadFolder): Plan => {
  if (folder.image === null) throw new Error(renderDiagnostics(folder.diagnostics, folder.files))
  return buildPlan(folder.image, { conditions: CONDITIONS, digest: { policy: 'sha256:test', data: 'sha256:test' } })
}

const judge = (plan: Plan, description: RequestDescription, as: CallerWords): Decision => {
  const made = fromDescription(description)
  if (!made.ok) throw new Error(made.code)
  const { request } = made
  const service = plan.serviceFor(request.host, request.path.segments)
  if (service === null) throw new Error('no service')
  const about = {
    now: request.at,
    service: service.name,
    host: request.host,
    method: request.method,
    path: request.path,
    headers: request.fields,
    upgrade: request.upgrade,
    operation: plan.operationFor(service.name, request.method, request.path.segments),
    address: request.transport.client,
    openings: null,
  }
  const { facts, behalf } = factsFromWords(as, { image: plan.image, now: request.at })
  const views: readonly CredentialFacts[] = behalf === null ? [facts] : [facts, behalf]
  return decide(
    plan,
    views.map((view): Facts => ({ ...about, ...view })),
  )
}

describe.each(names)('examples/%s', (name) => {
  const folder = open(name)

  it('has no diagnostic', () => {
    expect(renderDiagnostics(folder.diagnostics, folder.files)).toBe('')
  })

  it.each(folder.cases)('$note', (each) => {
    const from = each.from === null ? {} : { from: each.from }
    const decision = judge(
      planOf(folder),
      { request: each.request, headers: each.headers, at: each.when ?? NOW, ...from },
      each.as,
    )
    expect(decision.outcome).toBe(each.expect)
    expect(decision.reasons.map((reason) => reason.code)).toEqual(expect.arrayContaining([...each.because]))
  })

  it('answers as its matrices say', () => {
    const plan = planOf(folder)
    for (const matrix of folder.matrices) {
      const host = folder.image?.services[matrix.service]?.hosts[0]
      const table = renderMatrix(matrix, (request, caller) => {
        const as = matrix.callers.find((each) => each.name === caller)?.as ?? {}
        const from = matrix.from === null ? {} : { from: matrix.from }
        const absolute = request.replace(' /', ` https://${host}/`)
        return matrixCell(judge(plan, { request: absolute, at: matrix.when ?? NOW, ...from }, as))
      })
      if (matrix.expect === null || !sameTable(matrix.expect, table)) expect(table).toBe(matrix.expect)
    }
  })
})

describe('environments', () => {
  it('change values and nothing else', () => {
    const [base, staging] = [open('console'), open('console', 'staging')]
    expect(staging.diagnostics).toEqual([])
    expect(staging.image?.services['console']?.hosts).toEqual(['console.staging.example.com'])
    expect(staging.image?.networks['office']).toEqual(['203.0.113.64/26'])
    expect(staging.image?.rules.map((rule) => rule.name)).toEqual(base.image?.rules.map((rule) => rule.name))
    expect(base.environments).toEqual(['production', 'staging'])
  })

  it('are refused when nobody declared them', () => {
    expect(open('console', 'stagging').diagnostics.map((each) => each.code)).toEqual(['environment.unknown'])
  })
})

describe('the examples', () => {
  it('are all tested', () => {
    expect(readdirSync(EXAMPLES).toSorted()).toEqual(expect.arrayContaining(names))
  })

  it('name the schema for editors', () => {
    for (const name of names) {
      const documents = readdirSync(join(EXAMPLES, name)).filter((file) => file.endsWith('.yaml'))
      for (const file of documents) {
        const [first] = readFileSync(join(EXAMPLES, name, file), 'utf8').split('\n')
        expect(first).toBe('# yaml-language-server: $schema=../../docs/reference/policy.schema.json')
      }
    }
  })
})
