import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cancel, intro, isCancel, outro, text } from '@clack/prompts'
import { Command } from 'commander'
import { createLogKey } from '@balustrade/core/kit'
import { EXIT } from './exit-code.ts'
import { say, tell } from './output.ts'

interface InitOptions {
  readonly host?: string
  readonly upstream?: string
  readonly issuer?: string
  readonly yes?: true
}

interface Answers {
  readonly host: string
  readonly upstream: string
  readonly issuer: string
}

const DEFAULTS: Answers = { host: 'app.example.com', upstream: 'http://127.0.0.1:3000', issuer: 'https://login.example.com' }

const policyText = ({ host, upstream, issuer }: Answers): string => `balustrade: 1
service: app

services:
  app:
    hosts: [${host}]
    upstream: ${upstream}
    audience: https://${host}
    providers: corp
    routing: { case: sensitive, trailing-slash: distinct }

providers:
  corp:
    issuer: ${issuer}
    profile: rfc9068
    algorithms: [RS256, ES256]
    lifetime: 1h
    groups-claim: groups
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
  changes-need-a-second-factor:
    who: { kind: human }
    what: { method: write }
    how: { mfa: { level: any, max-age: 12h } }

cases:
  - note: members read
    request: GET https://${host}/
    as: { group: [members] }
    expect: allow
  - note: members prove a second factor before they change anything
    request: POST https://${host}/
    as: { group: [members] }
    expect: challenge
    because: [mfa.missing]
`

const configText = (host: string): string => `balustrade: 1
policy: ./policy
listeners:
  - address: 127.0.0.1:8080
observe: { address: 127.0.0.1:9090 }
log: { folder: ./log, origin: ${host}/decisions, key: { file: ./keys/log.pem } }
assertion: { issuer: https://${host}, key: { file: ./keys/assertion.pem } }
`

interface File {
  readonly path: string
  readonly text: string
  readonly mode: number
}

const filesOf = (answers: Answers): readonly File[] => [
  { path: 'policy/app.yaml', text: policyText(answers), mode: 0o644 },
  { path: 'balustrade.yaml', text: configText(answers.host), mode: 0o644 },
  { path: 'keys/log.pem', text: createLogKey().pem, mode: 0o600 },
  { path: 'keys/assertion.pem', text: createLogKey().pem, mode: 0o600 },
  { path: '.gitignore', text: 'keys/\nlog/\n', mode: 0o644 },
]

const ask = async (options: InitOptions): Promise<Answers | null> => {
  const given = { ...DEFAULTS, ...Object.fromEntries(Object.entries(options).filter(([name]) => name in DEFAULTS)) }
  if (options.yes === true || process.stdin.isTTY !== true) return given
  intro('A policy and a configuration for one service.')
  const host = await text({ message: 'By which host name is the service reached?', initialValue: given.host })
  const upstream = isCancel(host)
    ? host
    : await text({ message: 'Where does the gateway forward to?', initialValue: given.upstream })
  if (isCancel(host) || isCancel(upstream)) {
    cancel('Nothing was written.')
    return null
  }
  outro('Next: balustrade check')
  return { ...given, host, upstream }
}

const init = async (folder: string, options: InitOptions): Promise<void> => {
  const answers = await ask(options)
  if (answers === null) return
  const files = filesOf(answers).filter(({ path }) => path !== '.gitignore' || !existsSync(join(folder, path)))
  const there = files.filter(({ path }) => existsSync(join(folder, path)))
  if (there.length > 0) {
    tell(`${there.map(({ path }) => path).join(', ')} exist already in ${folder}; nothing was written. Choose another folder.`)
    process.exitCode = EXIT.usage
    return
  }
  for (const { path, text: content, mode } of files) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content, { mode, flag: 'wx' })
  }
  say(files.map(({ path }) => `wrote ${path}`).join('\n'))
  say('Next: balustrade check, balustrade test, balustrade serve')
}

export const initCommand = (): Command =>
  new Command('init')
    .description('write a first policy and configuration; never overwrites')
    .argument('[folder]', 'where', '.')
    .option('--host <name>', 'host name of the service')
    .option('--upstream <origin>', 'where the gateway forwards to')
    .option('--issuer <url>', 'issuer of access tokens')
    .option('--yes', 'ask nothing')
    .addHelpText(
      'after',
      '\nExample:\n  balustrade init my-service --host app.example.com --upstream http://127.0.0.1:3000 --yes',
    )
    .action(init)
