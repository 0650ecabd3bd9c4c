import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Plan } from '@balustrade/core/kit'
import { matrixCell, type PolicyCase, type PolicyMatrix, renderMatrix, replaceTable, sameTable } from '@balustrade/core/policy'
import { renderExplanation } from './explanation-text.ts'
import { EXIT } from './exit-code.ts'
import { judgeDescription, planOf } from './judge-description.ts'
import { junitText } from './junit.ts'
import { loadPolicy, renderLoaded } from './load-policy.ts'
import { say, sayJson, STYLE, tell } from './output.ts'

interface TestOptions {
  readonly environment?: string
  readonly junit?: string
  readonly update?: true
  readonly json?: true
}

/** How one case or matrix came out. */
export interface TestResult {
  readonly name: string
  readonly at: string
  /** null: passed. */
  readonly failure: string | null
}

const at = (position: PolicyCase['at']): string => `${position.file}:${position.line}:${position.column}`

const runCase = (plan: Plan, each: PolicyCase): TestResult => {
  const judged = judgeDescription(plan, { ...each, when: each.when ?? Date.now() })
  const name = each.note
  if (!judged.ok)
    return {
      name,
      at: at(each.at),
      failure:
        each.expect === 'deny' && each.because.includes(judged.code) ? null : `refused before it was judged: ${judged.code}`,
    }
  const { decision } = judged
  const codes = decision.reasons.map(({ code }) => code)
  const missing = each.because.filter((code) => !codes.includes(code))
  if (decision.outcome === each.expect && missing.length === 0) return { name, at: at(each.at), failure: null }
  const got = `expected ${each.expect}${each.because.length > 0 ? ` because ${each.because.join(', ')}` : ''}, got ${decision.outcome} (${codes.join(', ') || 'no reasons'})`
  return { name, at: at(each.at), failure: `${got}\n${renderExplanation(judged.explanation)}` }
}

const absolute = (plan: Plan, matrix: PolicyMatrix, request: string): string => {
  const [method = '', target = ''] = request.split(' ')
  const host = plan.image.services[matrix.service]?.hosts[0] ?? 'localhost'
  return target.startsWith('/') ? `${method} https://${host.replace(/^\*/, 'any')}${target}` : request
}

const tableOf = (plan: Plan, matrix: PolicyMatrix): string =>
  renderMatrix(matrix, (request, caller) => {
    const as = matrix.callers.find(({ name }) => name === caller)?.as ?? {}
    const judged = judgeDescription(plan, {
      request: absolute(plan, matrix, request),
      as,
      from: matrix.from,
      when: matrix.when ?? Date.now(),
      headers: {},
      upgrade: null,
    })
    return judged.ok ? matrixCell(judged.decision) : `refused ${judged.code}`
  })

const runMatrix = (plan: Plan, matrix: PolicyMatrix): TestResult => {
  const name = `matrix of ${matrix.service}`
  const table = tableOf(plan, matrix)
  if (matrix.expect !== null && sameTable(matrix.expect, table)) return { name, at: at(matrix.at), failure: null }
  return { name, at: at(matrix.at), failure: `the table differs; balustrade test --update writes this one:\n${table}` }
}

const update = (folder: string, plan: Plan, matrices: readonly PolicyMatrix[]): number => {
  let written = 0
  for (const matrix of matrices.toReversed()) {
    const file = join(folder, matrix.at.file)
    const text = replaceTable(readFileSync(file, 'utf8'), matrix, tableOf(plan, matrix))
    if (text === null) tell(`${at(matrix.at)} has no expect yet: add \`expect: |\` and run again`)
    else {
      writeFileSync(file, text)
      written++
    }
  }
  return written
}

const report = (results: readonly TestResult[], options: TestOptions): void => {
  const failed = results.filter(({ failure }) => failure !== null)
  if (options.junit !== undefined) writeFileSync(options.junit, junitText(results))
  if (options.json === true) sayJson({ ok: failed.length === 0, results })
  else {
    for (const { name, at: where, failure } of results)
      say(failure === null ? `${STYLE.faint('pass')} ${name}` : `${STYLE.error('FAIL')} ${name} (${where})\n${failure}`)
    say(`${results.length - failed.length} passed, ${failed.length} failed`)
  }
  process.exitCode = failed.length === 0 ? EXIT.ok : EXIT.failed
}

const test = (folder: string, options: TestOptions): void => {
  const loaded = loadPolicy(folder, options.environment)
  if (loaded.image === null) {
    tell(renderLoaded(loaded))
    process.exitCode = EXIT.usage
    return
  }
  const plan = planOf(loaded.image)
  if (options.update === true) tell(`${update(folder, plan, loaded.matrices)} tables written`)
  const { cases, matrices } = options.update === true ? loadPolicy(folder, options.environment) : loaded
  report([...cases.map((each) => runCase(plan, each)), ...matrices.map((matrix) => runMatrix(plan, matrix))], options)
}

export const testCommand = (): Command =>
  new Command('test')
    .description('run the cases and matrices of a policy')
    .argument('[folder]', 'policy folder', 'policy')
    .option('--environment <name>', 'with the values of environments/<name>.yaml')
    .option('--junit <file>', 'write a JUnit report as well')
    .option('--update', 'write the tables of matrices as they come out now')
    .option('--json', 'machine-readable output')
    .addHelpText('after', '\nExample:\n  balustrade test policy --junit report.xml')
    .action(test)
