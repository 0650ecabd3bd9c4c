import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { matrixCell, type PolicyCase, type PolicyMatrix, renderMatrix, replaceTable, sameTable } from '@balustrade/core/policy'
import { EXIT } from '../terminal/exit-code.ts'
import { explanationText } from '../terminal/explanation-text.ts'
import { type CaseJudge, createCaseJudge } from '../terminal/judge-case.ts'
import { loadUsablePolicy } from '../terminal/load-policy.ts'
import { environmentOption, examples, jsonOption } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'
import { junitText, positionText, type TestResult } from '../terminal/test-report.ts'

interface TestOptions {
  readonly environment?: string
  readonly junit?: string
  readonly update?: true
  readonly json?: true
}

const answerText = (outcome: string, codes: readonly string[]): string =>
  codes.length === 0 ? outcome : `${outcome} because ${codes.join(', ')}`

const runCase = ({ judge }: CaseJudge, each: PolicyCase): TestResult => {
  const { decision, explanation } = judge(each)
  const codes = decision.reasons.map(({ code }) => code)
  const missing = each.because.filter((code) => !codes.includes(code))
  const base = { name: each.note, at: each.at }
  if (decision.outcome === each.expect && missing.length === 0) return { ...base, failure: null }
  const got = `expected ${answerText(each.expect, each.because)}, got ${answerText(decision.outcome, codes)}`
  return { ...base, failure: explanation === null ? got : `${got}\n${explanationText(explanation)}` }
}

/** The host a matrix row without one is about: a star stands for any label. */
const hostOf = (hosts: readonly string[]): string => (hosts[0] ?? 'localhost').replace(/^\*/, 'any')

const absolute = ({ plan }: CaseJudge, matrix: PolicyMatrix, request: string): string => {
  const space = request.indexOf(' ')
  const target = request.slice(space + 1)
  if (!target.startsWith('/')) return request
  return `${request.slice(0, space)} https://${hostOf(plan.image.services[matrix.service]?.hosts ?? [])}${target}`
}

const tableOf = (judge: CaseJudge, matrix: PolicyMatrix): string => {
  const when = matrix.when ?? Date.now()
  const callers = new Map(matrix.callers.map(({ name, as }) => [name, as]))
  return renderMatrix(matrix, (request, caller) => {
    const as = callers.get(caller) ?? {}
    const described = { request: absolute(judge, matrix, request), as, from: matrix.from, when, headers: {}, upgrade: null }
    return matrixCell(judge.judge(described).decision)
  })
}

/** Lines of the table that are not as kept, as a diff shows them. */
const differences = (kept: string, got: string): string => {
  const [before, after] = [kept, got].map((table) =>
    table
      .trim()
      .split('\n')
      .map((line) => line.trimEnd()),
  )
  const gone = (before ?? []).filter((line) => !(after ?? []).includes(line)).map((line) => `- ${line}`)
  const come = (after ?? []).filter((line) => !(before ?? []).includes(line)).map((line) => `+ ${line}`)
  return [...gone, ...come].join('\n')
}

const runMatrix = (judge: CaseJudge, matrix: PolicyMatrix): TestResult => {
  const base = { name: `matrix of ${matrix.service}`, at: matrix.at }
  const table = tableOf(judge, matrix)
  if (matrix.expect !== null && sameTable(matrix.expect, table)) return { ...base, failure: null }
  const first = 'the table is not as kept; balustrade test --update writes it'
  return { ...base, failure: `${first}\n${differences(matrix.expect ?? '', table)}` }
}

/** Writes the tables as they come out now, last first, so that the places of the others stay as read. */
const update = (folder: string, judge: CaseJudge, matrices: readonly PolicyMatrix[]): void => {
  for (const matrix of matrices.toReversed()) {
    const file = join(folder, matrix.at.file)
    const kept = readFileSync(file, 'utf8')
    const text = replaceTable(kept, matrix, tableOf(judge, matrix))
    if (text === null) tell(`${positionText(matrix.at)}: the matrix has no expect; write \`expect: none\` and run this again`)
    else if (text !== kept) {
      writeFileSync(file, text)
      tell(`wrote the table at ${positionText(matrix.at)}`)
    }
  }
}

const print = ({ name, at, failure }: TestResult): void => {
  if (failure === null) return say(`${STYLE.faint('pass')} ${plain(name)}`)
  say(`${STYLE.error('FAIL')} ${plain(name)} (${positionText(at)})`)
  say(
    failure
      .split('\n')
      .map((line) => `     ${line}`)
      .join('\n'),
  )
}

const report = (results: readonly TestResult[], options: TestOptions): void => {
  const failed = results.filter(({ failure }) => failure !== null).length
  if (options.junit !== undefined) writeFileSync(options.junit, junitText(results))
  if (options.json === true) sayJson({ ok: failed === 0, passed: results.length - failed, failed, results })
  else {
    results.forEach(print)
    say(`${results.length - failed} passed, ${failed} failed`)
  }
  process.exitCode = failed === 0 ? EXIT.ok : EXIT.failed
}

const test = (folder: string, options: TestOptions): void => {
  const first = loadUsablePolicy(folder, options)
  if (first === null) return
  if (options.update === true) update(folder, createCaseJudge(first.image), first.matrices)
  const loaded = options.update === true ? loadUsablePolicy(folder, options) : first
  if (loaded === null) return
  const judge = createCaseJudge(loaded.image)
  const results = [
    ...loaded.cases.map((each) => runCase(judge, each)),
    ...loaded.matrices.map((matrix) => runMatrix(judge, matrix)),
  ]
  report(results, options)
}

export const testCommand = (): Command =>
  new Command('test')
    .description('run the cases and matrices of a policy')
    .argument('[folder]', 'folder of the policy', 'policy')
    .addOption(environmentOption())
    .option('--junit <file>', 'write a JUnit report as well')
    .option('--update', 'write the tables of matrices as they come out now')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade test                           the policy in ./policy',
        'balustrade test policy --junit report.xml   for a build server',
        'balustrade test policy --update           after a change that was meant; review the difference',
      ),
    )
    .action(test)
