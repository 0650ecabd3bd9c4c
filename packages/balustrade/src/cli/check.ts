import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { CONDITIONS, type Diagnostic, type PolicyImage } from '@balustrade/core/kit'
import { describeRule, type ReadFolder } from '@balustrade/core/policy'
import { type Assurance, inspectPolicy } from '../assurance/assurance.ts'
import { EXIT } from '../terminal/exit-code.ts'
import { loadPolicy, renderLoaded } from '../terminal/load-policy.ts'
import { environmentOption, examples, jsonOption } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface CheckOptions {
  readonly environment?: string
  readonly sentences?: true
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

const byPlace = (a: Diagnostic, b: Diagnostic): number => {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

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

const report = (loaded: Inspected, options: CheckOptions, ok: boolean): void => {
  const sentences = sentencesOf(loaded.image, options)
  if (options.json === true) {
    const { diagnostics, search } = loaded
    sayJson({ ok, diagnostics, search, ...(options.sentences === true ? { sentences } : {}) })
    return
  }
  if (loaded.diagnostics.length > 0) say(`${renderLoaded(loaded)}\n`)
  for (const { rule, kind, sentence } of sentences) say(`${STYLE.faint(kind)} ${STYLE.strong(rule)}: ${plain(sentence)}`)
  if (loaded.search?.complete === false) say(BOUNDED)
  say(summary(loaded))
}

const check = (folder: string, options: CheckOptions): void => {
  if (!existsSync(folder)) {
    tell(`There is no folder ${folder}. Give the folder of a policy, or write a first one: balustrade init`)
    process.exitCode = EXIT.usage
    return
  }
  const loaded = inspect(loadPolicy(folder, options.environment))
  const ok = !loaded.diagnostics.some(isError)
  report(loaded, options, ok)
  process.exitCode = ok ? EXIT.ok : EXIT.failed
}

export const checkCommand = (): Command =>
  new Command('check')
    .description('check every file of a policy and report all that is wrong, at once')
    .argument('[folder]', 'folder of the policy', 'policy')
    .addOption(environmentOption())
    .option('--sentences', 'print every rule in plain English')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade check                          the policy in ./policy',
        'balustrade check policy --sentences       what the rules say, in English',
        'balustrade check policy --environment staging',
      ),
    )
    .action(check)
