import { Command, Option } from 'commander'
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
import { EXIT } from '../terminal/exit-code.ts'
import { decisionLines, explanationText } from '../terminal/explanation-text.ts'
import { createCaseJudge } from '../terminal/judge-case.ts'
import { loadPolicy } from '../terminal/load-policy.ts'
import { collect, environmentOption, examples, jsonOption, parseInstant } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface ExplainOptions {
  readonly policy: string
  readonly environment?: string
  readonly as?: string
  readonly from?: string
  readonly at?: number
  readonly header: readonly string[]
  readonly upgrade?: string
  readonly opened?: string
  readonly case?: true
  readonly log?: string
  readonly json?: true
}

const refuse = (text: string): void => {
  tell(text)
  process.exitCode = EXIT.usage
}

const headerMap = (lines: readonly string[]): Readonly<Record<string, readonly string[]>> => {
  const byName = new Map<string, readonly string[]>()
  for (const line of lines) {
    const colon = Math.max(line.indexOf(':'), 0)
    const name = line.slice(0, colon).trim()
    byName.set(name, [...(byName.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  return Object.fromEntries(byName)
}

const FILE = 'command line.yaml'

const withoutBraces = (words: string): string => /^\s*\{(.*)\}\s*$/s.exec(words)?.[1] ?? words

/** The command line as a case of the policy, so that its words are checked and mended as those of a case are. */
const asCase = (request: string, options: ExplainOptions): PolicyFile => {
  const members = [
    'note: what to explain',
    `request: ${JSON.stringify(request)}`,
    ...(options.as === undefined ? [] : [`as: { ${withoutBraces(options.as)} }`]),
    ...(options.from === undefined ? [] : [`from: ${JSON.stringify(options.from)}`]),
    ...(options.header.length === 0 ? [] : [`headers: ${JSON.stringify(headerMap(options.header))}`]),
    ...(options.upgrade === undefined ? [] : [`upgrade: ${options.upgrade}`]),
    ...(options.opened === undefined ? [] : [`opened: { ${withoutBraces(options.opened)} }`]),
    'expect: allow',
  ]
  return { path: FILE, text: `balustrade: 1\ncases:\n  - ${members.join('\n    ')}\n` }
}

interface Found {
  readonly image: PolicyImage
  readonly found: PolicyCase
}

/** The case to explain, or what is wrong. */
const findCase = (what: string, options: ExplainOptions): Found | string => {
  const { files } = loadPolicy(options.policy, options.environment)
  const all = options.case === true ? files : [...files, asCase(what, options)]
  const environment = options.environment === undefined ? {} : { environment: options.environment }
  const { image, diagnostics, cases } = compilePolicy(all, { conditions: CONDITIONS, now: Date.now(), ...environment })
  if (image === null) return renderDiagnostics(diagnostics, all, STYLE)
  const found = cases.find(({ note, at }) => (options.case === true ? note === what : at.file === FILE))
  return found === undefined ? `There is no case with the note ${JSON.stringify(what)} in ${options.policy}.` : { image, found }
}

const explainRequest = (what: string, options: ExplainOptions): void => {
  const made = findCase(what, options)
  if (typeof made === 'string') return refuse(made)
  const { found, image } = made
  const { decision, service, explanation } = createCaseJudge(image).judge({ ...found, when: options.at ?? found.when })
  if (options.json === true) sayJson({ request: found.request, service, decision, explanation })
  else {
    say(plain(found.request))
    say(explanation === null ? [...decisionLines(decision), 'No rule was asked.'].join('\n') : explanationText(explanation))
  }
  process.exitCode = decision.outcome === 'allow' ? EXIT.ok : EXIT.failed
}

const isDecision = (record: { readonly kind: string }): record is DecisionRecord => record.kind === 'decision'

/** The policy a decision was made by, as kept beside the log. */
const keptImage = (log: string, record: DecisionRecord): PolicyImage | string => {
  if (record.digest === null) return 'No policy was loaded when this was decided.'
  const text = createImageStore(log).read(record.digest.policy)
  const parsed = attempt(() => JSON.parse(text ?? '') as PolicyImage)
  return parsed.ok ? parsed.value : `The policy ${record.digest.policy} is not kept in ${log}, or is not what its name says.`
}

const replayText = ({ judged, same, decision }: Replay): string => {
  if (!judged) return 'No rule was asked; there is nothing to judge again.'
  if (same) return 'Judged again by the policy of that time: the same.'
  return `Judged again by the policy of that time: ${decision.outcome}. The record, or this version, is not what decided.`
}

const whoText = ({ who }: DecisionRecord): string => (who === null ? 'anonymous' : `${who.provider}/${who.subject}`)

/** Rules as they are, and the decision with what a rejected credential made of it. */
const explanationOf = ({ plan, facts, decision }: Replay): Explanation | null =>
  facts.length === 0 ? null : { ...explainFacts(plan, facts), decision }

const printReplay = (record: DecisionRecord, replay: Replay): void => {
  const { method, host, path, at, client, peer, point, id } = record
  const explanation = explanationOf(replay)
  say(plain(`${method} ${host}${path ?? ''} by ${whoText(record)} from ${client ?? peer}`))
  say(`decided ${new Date(at).toISOString()} at ${plain(point)}, id ${plain(id)}`)
  say(explanation === null ? decisionLines(replay.decision).join('\n') : explanationText(explanation))
  say(replayText(replay))
}

const explainId = async (id: string, log: string, options: ExplainOptions): Promise<void> => {
  const record = (await findDecision(log, id)).map((entry) => entry.record).find(isDecision)
  if (record === undefined) return refuse(`The log ${log} holds no decision ${id}.`)
  const image = keptImage(log, record)
  if (typeof image === 'string') return refuse(image)
  const replay = replayDecision(record, image, CONDITIONS)
  const { judged, same, decision } = replay
  if (options.json === true) sayJson({ record, judged, same, decision, explanation: explanationOf(replay) })
  else printReplay(record, replay)
  process.exitCode = same ? EXIT.ok : EXIT.failed
}

const explain = async (what: string, options: ExplainOptions): Promise<void> => {
  if (options.log === undefined) explainRequest(what, options)
  else await explainId(what, options.log, options)
}

export const explainCommand = (): Command =>
  new Command('explain')
    .description('say why a request, a case or a past decision is decided as it is')
    .argument('<what>', "a request such as 'POST https://console.example.com/users', the note of a case, or a decision id")
    .option('--policy <folder>', 'folder of the policy', 'policy')
    .addOption(environmentOption())
    .option('--as <words>', "who calls, in the rules' own words; left out: anonymous")
    .option('--from <address>', 'address of the client')
    .option('--at <instant>', 'when', parseInstant)
    .option('--header <line>', 'a header field, such as "x-environment: staging"; may be repeated', collect, [])
    .addOption(new Option('--upgrade <protocol>', 'the protocol asked for').choices(['websocket']))
    .option('--opened <words>', 'break-glass exceptions used before, such as "emergency: 2h"')
    .addOption(
      new Option('--case', 'what is given is the note of a case').conflicts(['as', 'from', 'header', 'upgrade', 'opened', 'log']),
    )
    .addOption(
      new Option('--log <folder>', 'what is given is a decision id in this log').conflicts([
        'as',
        'from',
        'at',
        'header',
        'opened',
      ]),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        "balustrade explain 'GET https://app.example.com/' --as 'group: [members]'",
        "balustrade explain 'POST https://app.example.com/' --as 'group: [members], mfa: { level: any, age: 1m }' --from 203.0.113.9",
        "balustrade explain 'members read' --case  a case, by its note",
        'balustrade explain 019a… --log ./log      a past decision, judged again by the policy of that time',
      ),
    )
    .action(explain)
