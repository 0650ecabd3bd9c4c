import { Command } from 'commander'
import type { PolicyImage } from '@balustrade/core/kit'
import { environmentValues, type ReadFolder } from '@balustrade/core/policy'
import { compareEnvironments, type Environment, type EnvironmentComparison } from '../assurance/environment-comparison.ts'
import { environmentsText } from '../assurance/environment-text.ts'
import { EXIT } from '../terminal/exit-code.ts'
import { loadPolicy, renderLoaded } from '../terminal/load-policy.ts'
import { examples, jsonOption } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface DiffOptions {
  readonly policy: string
  readonly json?: true
}

/** In place of a name: the values that the policy itself has. */
const OWN = '-'

const nameOf = (environment: string): string => (environment === OWN ? 'the policy itself' : environment)

const read = (environment: string, { policy }: DiffOptions): ReadFolder =>
  loadPolicy(policy, environment === OWN ? undefined : environment)

/** What is wrong with both is wrong once. */
const refuse = (all: readonly ReadFolder[], options: DiffOptions): void => {
  const faulty = all.filter(({ image }) => image === null)
  const diagnostics = [
    ...new Map(faulty.flatMap((each) => each.diagnostics).map((each) => [JSON.stringify(each), each])).values(),
  ]
  if (options.json === true) sayJson({ ok: false, diagnostics })
  else tell([...new Set(faulty.map(renderLoaded))].join('\n'))
  process.exitCode = EXIT.usage
}

const environmentOf = (environment: string, { files }: ReadFolder, image: PolicyImage): Environment => ({
  name: nameOf(environment),
  image,
  values: environmentValues(files, environment === OWN ? undefined : environment),
})

const BOUNDED = 'The search for requests that are decided otherwise reached its bound; there may be more to find.'

const report = (comparison: EnvironmentComparison, [one, other]: readonly [string, string], options: DiffOptions): void => {
  const ok = comparison.differences.length === 0
  process.exitCode = ok ? EXIT.ok : EXIT.failed
  if (options.json === true) return sayJson({ ok, environments: [one, other], ...comparison })
  const style = { ...STYLE, strong: (text: string) => STYLE.strong(plain(text)) }
  say(environmentsText(comparison, { names: [plain(nameOf(one)), plain(nameOf(other))], style }))
  if (!comparison.search.complete) say(BOUNDED)
}

/** Whole seconds, so that the times of witnesses read as people write them. */
const soon = (): number => Math.ceil(Date.now() / 1_000) * 1_000

const diff = (one: string, other: string, options: DiffOptions): void => {
  const [a, b] = [read(one, options), read(other, options)]
  if (a.image === null || b.image === null) return refuse([a, b], options)
  const environments = [environmentOf(one, a, a.image), environmentOf(other, b, b.image)] as const
  report(compareEnvironments(environments, a.files, soon()), [one, other], options)
}

export const diffCommand = (): Command =>
  new Command('diff')
    .description('show what two environments of a policy decide otherwise, each with a request; status 1 where there is anything')
    .argument('<one>', 'name of an environment; - for the values of the policy itself')
    .argument('<other>', 'name of another')
    .option('--policy <folder>', 'folder of the policy', 'policy')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade diff staging production                   the policy in ./policy',
        'balustrade diff - staging --policy examples/console  what an environment changes',
        'balustrade diff staging production --json            the same for programs',
      ),
    )
    .action(diff)
