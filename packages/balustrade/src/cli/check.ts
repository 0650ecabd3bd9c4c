import { existsSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { CONDITIONS, type Diagnostic, type PolicyImage } from '@balustrade/core/kit'
import { byPlace, describeRule, type ReadFolder } from '@balustrade/core/policy'
import { type Assurance, inspectPolicy } from '../assurance/assurance.ts'
import { comparisonText, weakeningsOf } from '../assurance/change-text.ts'
import { comparePolicies, type Comparison } from '../assurance/comparison.ts'
import { readBase } from '../assurance/read-base.ts'
import { EXIT } from '../terminal/exit-code.ts'
import { loadPolicy, renderLoaded } from '../terminal/load-policy.ts'
import { environmentOption, examples, jsonOption } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface CheckOptions {
  readonly environment?: string
  readonly sentences?: true
  readonly against?: string
  readonly allowWeakening?: string
  readonly json?: true
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const isError = ({ severity }: Diagnostic): boolean => severity === 'error'

const sentencesOf = (image: PolicyImage | null, options: CheckOptions) =>
  options.sentences === true && image !== null
    ? image.rules.map((rule) => ({ rule: rule.name, kind: rule.kind, sentence: describeRule(rule, CONDITIONS) }))
    : []

/** Whole seconds, so that the times of witnesses read as people write them. */
const soon = (): number => Math.ceil(Date.now() / 1_000) * 1_000

/** A policy with what judging requests showed of it. */
interface Inspected extends ReadFolder {
  readonly search: Assurance['search'] | null
}

const inspect = (loaded: ReadFolder): Inspected => {
  if (loaded.image === null) return { ...loaded, search: null }
  const { diagnostics, search } = inspectPolicy(loaded.image, soon())
  return { ...loaded, diagnostics: [...loaded.diagnostics, ...diagnostics].toSorted(byPlace), search }
}

const BOUNDED = 'The search for what the rules mean reached its bound; there may be more to find.'

const summary = ({ image, diagnostics }: ReadFolder): string => {
  const errors = diagnostics.filter(isError).length
  const warnings = plural(diagnostics.length - errors, 'warning')
  return errors > 0 || image === null
    ? `${plural(errors, 'error')}, ${warnings}`
    : `${plural(image.rules.length, 'rule')} of ${plural(Object.keys(image.services).length, 'service')}, ${warnings}`
}

interface Results {
  readonly loaded: Inspected
  /** null: nothing was to be compared, or there is nothing to compare. */
  readonly comparison: Comparison | null
  readonly ok: boolean
}

const reportJson = ({ loaded, comparison, ok }: Results, options: CheckOptions): void => {
  const { diagnostics, search } = loaded
  const { against, allowWeakening = null } = options
  sayJson({
    ok,
    diagnostics,
    search,
    ...(options.sentences === true ? { sentences: sentencesOf(loaded.image, options) } : {}),
    ...(comparison === null ? {} : { against: { base: against, ...comparison, allowedBy: allowWeakening } }),
  })
}

const report = (results: Results, options: CheckOptions): void => {
  const { loaded, comparison } = results
  if (options.json === true) return reportJson(results, options)
  if (loaded.diagnostics.length > 0) say(`${renderLoaded(loaded)}\n`)
  for (const { rule, kind, sentence } of sentencesOf(loaded.image, options)) {
    say(`${STYLE.faint(kind)} ${STYLE.strong(rule)}: ${plain(sentence)}`)
  }
  const bounded = loaded.search?.complete === false || comparison?.search.complete === false
  say(summary(loaded))
  if (comparison !== null) {
    say(`\nAgainst ${plain(options.against ?? '')}:\n`)
    say(comparisonText(comparison, { ...STYLE, strong: (text) => STYLE.strong(plain(text)) }, options.allowWeakening))
  }
  if (bounded) say(BOUNDED)
}

/** Wrong usage: says what, and decides the exit code. */
const refuse = (text: string): null => {
  tell(text)
  process.exitCode = EXIT.usage
  return null
}

/** The policy to compare with; null when it cannot be had. */
const baseImage = (base: string, folder: string, options: CheckOptions): PolicyImage | null => {
  const made = readBase(base, { policy: folder, environment: options.environment, now: Date.now() })
  if (!made.ok) return refuse(plain(made.why))
  const { image } = made.read
  return image ?? refuse(`The policy to compare with is not valid:\n${renderLoaded(made.read)}`)
}

const usageFault = (folder: string, { against, allowWeakening }: CheckOptions): string | null => {
  if (!existsSync(folder))
    return `There is no folder ${folder}. Give the folder of a policy, or write a first one: balustrade init`
  if (allowWeakening !== undefined && against === undefined) return 'Weaker than what? Give the earlier policy: --against <base>'
  return null
}

const isRefused = (comparison: Comparison | null, { allowWeakening }: CheckOptions): boolean =>
  comparison !== null && weakeningsOf(comparison) > 0 && allowWeakening === undefined

/** `base` null: nothing is to be compared. */
const checkAgainst = (folder: string, base: PolicyImage | null, options: CheckOptions): void => {
  const loaded = inspect(loadPolicy(folder, options.environment))
  const comparison = base === null || loaded.image === null ? null : comparePolicies(base, loaded.image, soon())
  const ok = !loaded.diagnostics.some(isError) && !isRefused(comparison, options)
  report({ loaded, comparison, ok }, options)
  process.exitCode = ok ? EXIT.ok : EXIT.failed
}

const check = (folder: string, options: CheckOptions): void => {
  const fault = usageFault(folder, options)
  if (fault !== null) return void refuse(fault)
  const { against } = options
  if (against === undefined) return checkAgainst(folder, null, options)
  const base = baseImage(against, folder, options)
  if (base !== null) checkAgainst(folder, base, options)
}

const parseTicket = (text: string): string => {
  if (!/^[!-~]{1,128}$/.test(text)) throw new InvalidArgumentError('Write the ticket in which it was agreed, such as SEC-812.')
  return text
}

export const checkCommand = (): Command =>
  new Command('check')
    .description('check every file of a policy and report all that is wrong, at once; compare it with an earlier one')
    .argument('[folder]', 'folder of the policy', 'policy')
    .addOption(environmentOption())
    .option('--sentences', 'print every rule in plain English')
    .option('--against <base>', 'fail on what is weaker than in a folder, in git:<revision>, or in <revision>:<path>')
    .option('--allow-weakening <ticket>', 'do not fail on it, and print where it was agreed', parseTicket)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade check                          the policy in ./policy',
        'balustrade check policy --sentences       what the rules say, in English',
        'balustrade check policy --environment staging',
        'balustrade check policy --against git:origin/main   what a change comes to',
      ),
    )
    .action(check)
