import { Command, InvalidArgumentError } from 'commander'
import {
  attempt,
  CONDITIONS,
  createImageStore,
  type DecisionRecord,
  type Explanation,
  explain as explainFacts,
  findDecision,
  type PolicyImage,
  type Replay,
  replayDecision,
} from '@balustrade/core/kit'
import { compilePolicy, type PolicyCase, type PolicyFile, renderDiagnostics } from '@balustrade/core/policy'
import { EXIT } from './exit-code.ts'
import { renderExplanation } from './explanation-text.ts'
import { judgeDescription, planOf } from './judge-description.ts'
import { loadPolicy } from './load-policy.ts'
import { say, sayJson, STYLE, tell } from './output.ts'

interface ExplainOptions {
  readonly policy: string
  readonly environment?: string
  readonly as?: string
  readonly from?: string
  readonly at?: number
  readonly header?: readonly string[]
  readonly case?: true
  readonly log?: string
  readonly json?: true
}

const usage = (text: string): void => {
  tell(text)
  process.exitCode = EXIT.usage
}

const headerMap = (lines: readonly string[]): string => {
  const byName = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim()
    byName.set(name, [...(byName.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  return JSON.stringify(Object.fromEntries(byName))
}

const NOTE = 'the request to explain'

/** The command line as a case, so that its words are checked as those of a policy are. */
const asCase = (request: string, options: ExplainOptions): PolicyFile => {
  const headers = (options.header ?? []).length > 0 ? [`    headers: ${headerMap(options.header ?? [])}`] : []
  const lines = [
    'balustrade: 1',
    'cases:',
    `  - note: ${NOTE}`,
    `    request: ${JSON.stringify(request)}`,
    ...(options.as === undefined ? [] : [`    as: { ${options.as} }`]),
    ...(options.from === undefined ? [] : [`    from: ${JSON.stringify(options.from)}`]),
    ...headers,
    '    expect: allow',
  ]
  return { path: 'command-line.yaml', text: `${lines.join('\n')}\n` }
}

const findCase = (
  what: string,
  options: ExplainOptions,
): { readonly image: PolicyImage; readonly found: PolicyCase } | string => {
  const { files } = loadPolicy(options.policy, options.environment)
  const isCase = options.case === true
  const all = isCase ? files : [...files, asCase(what, options)]
  const compiled = compilePolicy(all, {
    conditions: CONDITIONS,
    now: Date.now(),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  })
  if (compiled.image === null) return renderDiagnostics(compiled.diagnostics, all, STYLE)
  const found = compiled.cases.find(({ note }) => note === (isCase ? what : NOTE))
  return found === undefined ? `there is no case with the note ${JSON.stringify(what)}` : { image: compiled.image, found }
}

const explainDescription = (what: string, options: ExplainOptions): void => {
  const made = findCase(what, options)
  if (typeof made === 'string') return usage(made)
  const judged = judgeDescription(planOf(made.image), { ...made.found, when: options.at ?? made.found.when ?? Date.now() })
  if (options.json === true) sayJson(judged)
  else say(judged.ok ? renderExplanation(judged.explanation) : `refused before it was judged: ${judged.code}`)
  process.exitCode = judged.ok && judged.decision.outcome === 'allow' ? EXIT.ok : EXIT.failed
}

const isDecision = (record: { readonly kind: string }): record is DecisionRecord => record.kind === 'decision'

const keptImage = (log: string, record: DecisionRecord): PolicyImage | null => {
  const text = record.digest === null ? null : createImageStore(log).read(record.digest.policy)
  const image = text === null ? null : attempt(() => JSON.parse(text) as PolicyImage)
  return image?.ok === true ? image.value : null
}

const printReplay = (record: DecisionRecord, replay: Replay, explanation: Explanation | null): void => {
  say(`${record.method} ${record.host}${record.path ?? ''} at ${new Date(record.at).toISOString()}: ${record.outcome}`)
  say(explanation === null ? `because: ${record.reasons.map(({ code }) => code).join(', ')}` : renderExplanation(explanation))
  const differs = `Judged again: ${replay.decision.outcome}. The log or this version differs from what decided.`
  say(replay.same ? 'Judged again: the same outcome.' : differs)
}

const explainId = async (id: string, log: string, options: ExplainOptions): Promise<void> => {
  const record = (await findDecision(log, id)).map((entry) => entry.record).find(isDecision)
  if (record === undefined) return usage(`the log ${log} holds no decision ${id}`)
  const image = keptImage(log, record)
  if (image === null) return usage(`the policy of this decision (${record.digest?.policy ?? 'none'}) is not kept in ${log}`)
  const replay = replayDecision(record, image, CONDITIONS)
  const explanation = replay.facts.length === 0 ? null : explainFacts(replay.plan, replay.facts)
  if (options.json === true) sayJson({ record, same: replay.same, decision: replay.decision, explanation })
  else printReplay(record, replay, explanation)
  process.exitCode = replay.same ? EXIT.ok : EXIT.failed
}

const instant = (text: string): number => {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('an instant, such as 2026-11-24T10:00:00Z')
  return at
}

const collect = (line: string, lines: readonly string[]): readonly string[] => [...lines, line]

export const explainCommand = (): Command =>
  new Command('explain')
    .description('say why a request, a case or a past decision is decided as it is')
    .argument('<what>', "a request such as 'POST https://console.example.com/users', the note of a case, or a decision id")
    .option('--policy <folder>', 'policy folder', 'policy')
    .option('--environment <name>', 'with the values of environments/<name>.yaml')
    .option('--as <words>', "who calls, in the rules' own words: 'group: [admins], mfa: { level: any, age: 1m }'")
    .option('--from <address>', 'address of the client')
    .option('--at <instant>', 'when', instant)
    .option('--header <line>', 'a header field, such as "x-environment: staging"; may be repeated', collect, [])
    .option('--case', 'the argument is the note of a case')
    .option('--log <folder>', 'the argument is a decision id in this log')
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      "\nExample:\n  balustrade explain 'GET https://notes.example.com/notes/7' --as 'group: [members]' --policy examples/quickstart",
    )
    .action((what: string, options: ExplainOptions) =>
      options.log === undefined ? explainDescription(what, options) : explainId(what, options.log, options),
    )
