import { Command } from 'commander'
import { CONDITIONS } from '@balustrade/core/kit'
import { describeRule } from '@balustrade/core/policy'
import { EXIT } from './exit-code.ts'
import { loadPolicy, renderLoaded } from './load-policy.ts'
import { say, sayJson } from './output.ts'

interface CheckOptions {
  readonly environment?: string
  readonly sentences?: true
  readonly json?: true
}

const check = (folder: string, options: CheckOptions): void => {
  const loaded = loadPolicy(folder, options.environment)
  const { image, diagnostics } = loaded
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const sentences = options.sentences === true && image !== null ? image.rules.map((rule) => describeRule(rule, CONDITIONS)) : []
  if (options.json === true) sayJson({ ok: errors === 0, diagnostics, sentences })
  else {
    if (diagnostics.length > 0) say(renderLoaded(loaded))
    for (const sentence of sentences) say(sentence)
    say(
      errors === 0
        ? `${image?.rules.length ?? 0} rules, ${diagnostics.length} warnings.`
        : `${errors} errors, ${diagnostics.length - errors} warnings.`,
    )
  }
  process.exitCode = errors === 0 ? EXIT.ok : EXIT.failed
}

export const checkCommand = (): Command =>
  new Command('check')
    .description('check every file of a policy and report all that is wrong')
    .argument('[folder]', 'policy folder', 'policy')
    .option('--environment <name>', 'with the values of environments/<name>.yaml')
    .option('--sentences', 'print every rule in plain English')
    .option('--json', 'machine-readable output')
    .addHelpText('after', '\nExample:\n  balustrade check policy --sentences')
    .action(check)
