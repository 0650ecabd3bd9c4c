import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cancel, intro, isCancel, outro, text } from '@clack/prompts'
import { Command } from 'commander'
import { attempt, CONDITIONS, createLogKey } from '@balustrade/core/kit'
import { compilePolicy, renderDiagnostics } from '@balustrade/core/policy'
import { EXIT } from '../terminal/exit-code.ts'
import { examples, jsonOption } from '../terminal/options.ts'
import { say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface InitOptions {
  readonly host?: string
  readonly upstream?: string
  readonly issuer?: string
  readonly yes?: true
  readonly json?: true
}

interface Answers {
  readonly host: string
  readonly upstream: string
  readonly issuer: string
}

const DEFAULTS: Answers = { host: 'app.example.com', upstream: 'http://127.0.0.1:3000', issuer: 'https://login.example.com' }

/** A word of YAML that stands for itself, whatever is in it. */
const quoted = (value: string): string => JSON.stringify(value)

/** The service is called as its host begins. */
const serviceName = (host: string): string => /^[a-z][a-z0-9-]{0,62}(?=\.|$)/.exec(host)?.[0] ?? 'app'

const isLoopback = (url: string): boolean => {
  const parsed = attempt(() => new URL(url))
  return parsed.ok && /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(parsed.value.hostname)
}

const policyText = ({ host, upstream, issuer }: Answers): string => `balustrade: 1
service: ${serviceName(host)}

services:
  ${serviceName(host)}:
    hosts: [${quoted(host)}]
    upstream: ${quoted(upstream)}
    audience: ${quoted(`https://${host}`)}
    providers: corp
    # How the upstream reads paths. What is not stated here makes a path that is equal but for case or slash unknown, and refused.
    routing: { case: sensitive, trailing-slash: distinct }

providers:
  corp:
    issuer: ${quoted(issuer)}
${isLoopback(issuer) ? '    loopback: true\n' : ''}    profile: rfc9068
    algorithms: [RS256, ES256]
    lifetime: 1h
    groups-claim: groups
    # What the provider promises to tell in full. Take out what it does not: then a group it leaves out is unknown, and not absent.
    complete: [groups, mfa]
    mfa:
      amr: { otp: any, hwk: phishing-resistant }
      proved-at: auth_time

groups: [members]

grants:
  members-use-the-service:
    who: { group: members }
    what: { path: /** }

guardrails:
  people-change-with-a-second-factor:
    who: { kind: human }
    what: { method: write }
    how: { mfa: { level: any, max-age: 12h } }

cases:
  - note: members read
    request: ${quoted(`GET https://${host}/`)}
    as: { group: [members] }
    expect: allow
  - note: members prove a second factor before they change anything
    request: ${quoted(`POST https://${host}/`)}
    as: { group: [members] }
    expect: challenge
    because: [mfa.missing]
`

const configText = (host: string): string => `balustrade: 1
policy: ./policy
listeners:
  - address: 127.0.0.1:8080
observe: { address: 127.0.0.1:9090 }
log: { folder: ./log, origin: ${quoted(`${host}/decisions`)}, key: { file: ./keys/log.pem } }
assertion: { issuer: ${quoted(`https://${host}`)}, key: { file: ./keys/assertion.pem } }
`

interface NewFile {
  readonly path: string
  readonly text: string
  readonly mode: number
}

const filesOf = (answers: Answers): readonly NewFile[] => [
  { path: `policy/${serviceName(answers.host)}.yaml`, text: policyText(answers), mode: 0o644 },
  { path: 'balustrade.yaml', text: configText(answers.host), mode: 0o644 },
  { path: 'keys/log.pem', text: createLogKey().pem, mode: 0o600 },
  { path: 'keys/assertion.pem', text: createLogKey().pem, mode: 0o600 },
]

/** Keys and log are not for a repository. What a .gitignore says already stays. */
const ignoreSecrets = (folder: string): void => {
  const path = join(folder, '.gitignore')
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const missing = ['keys/', 'log/'].filter((line) => !before.split(/\r?\n/).includes(line))
  const gap = before === '' || before.endsWith('\n') ? '' : '\n'
  if (missing.length > 0) appendFileSync(path, `${gap}${missing.join('\n')}\n`)
}

const writeAll = (folder: string, files: readonly NewFile[]): void => {
  for (const { path, text: content, mode } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: path.startsWith('keys/') ? 0o700 : 0o755 })
    writeFileSync(join(folder, path), content, { mode, flag: 'wx' })
  }
  ignoreSecrets(folder)
}

/** What is wrong with the policy that these answers make; null when nothing is. */
const faultOf = (answers: Answers): string | null => {
  const files = [{ path: `policy/${serviceName(answers.host)}.yaml`, text: policyText(answers) }]
  const named = files.map(({ path, text: content }) => ({ path: path.slice('policy/'.length), text: content }))
  const { image, diagnostics } = compilePolicy(named, { conditions: CONDITIONS, now: Date.now() })
  return image === null ? renderDiagnostics(diagnostics, named, STYLE) : null
}

const askPerson = async (given: Answers): Promise<Answers | null> => {
  intro('A policy and a configuration for one service.')
  const host = await text({ message: 'By which host name is the service reached?', initialValue: given.host })
  const upstream = isCancel(host) ? host : await text({ message: 'Where is it forwarded to?', initialValue: given.upstream })
  if (isCancel(host) || isCancel(upstream)) {
    cancel('Nothing was written.')
    return null
  }
  outro(`${host} is forwarded to ${upstream}`)
  return { ...given, host, upstream }
}

const refuse = (reason: string): void => {
  tell(reason)
  process.exitCode = EXIT.usage
}

const answersOf = async ({ host, upstream, issuer, yes }: InitOptions): Promise<Answers | null> => {
  const given = { host: host ?? DEFAULTS.host, upstream: upstream ?? DEFAULTS.upstream, issuer: issuer ?? DEFAULTS.issuer }
  if (yes === true || (host !== undefined && upstream !== undefined)) return given
  if (process.stdin.isTTY && process.stdout.isTTY) return askPerson(given)
  refuse('There is nobody to ask: give --host and --upstream, or --yes for what is left out.')
  return null
}

const init = async (folder: string, options: InitOptions): Promise<void> => {
  const answers = await answersOf(options)
  if (answers === null) return
  const fault = faultOf(answers)
  if (fault !== null) return refuse(`${fault}\n\nNothing was written.`)
  const files = filesOf(answers)
  const there = files.map(({ path }) => path).filter((path) => existsSync(join(folder, path)))
  if (there.length > 0)
    return refuse(`${there.join(', ')} in ${folder}: there already. Nothing was written; give another folder.`)
  writeAll(folder, files)
  if (options.json === true) return sayJson({ folder, files: files.map(({ path }) => path) })
  for (const { path } of files) say(`wrote ${join(folder, path)}`)
  say(`Next: balustrade check ${join(folder, 'policy')}, balustrade serve --config ${join(folder, 'balustrade.yaml')}`)
}

export const initCommand = (): Command =>
  new Command('init')
    .description('write a first policy, a configuration and keys; never overwrites')
    .argument('[folder]', 'where', '.')
    .option('--host <name>', `host name of the service (default: asked, or ${DEFAULTS.host})`)
    .option('--upstream <origin>', `where it is forwarded to (default: asked, or ${DEFAULTS.upstream})`)
    .option('--issuer <url>', `issuer of access tokens (default: ${DEFAULTS.issuer})`)
    .option('--yes', 'ask nothing')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade init my-service                asks two questions',
        'balustrade init my-service --host app.example.com --upstream http://127.0.0.1:3000 --issuer https://login.example.com',
      ),
    )
    .action(init)
