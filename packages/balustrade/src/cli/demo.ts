// The verbs, one file each: read arguments, call, print. What is decided is decided by core.
import { Command } from 'commander'
import type { ServiceLog } from '@balustrade/server'
import type { ShownPerson, StartedDemo } from '../demo/start-demo.ts'
import { examples, jsonOption, parsePort } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

/** The others follow: service 8081, provider 8082; metrics are on 9090. */
const PORT = 8_080

interface DemoOptions {
  readonly port: number
  readonly folder?: string
  readonly tls?: true
  readonly json?: true
}

const SENTENCES: Readonly<Record<string, (detail: Readonly<Record<string, unknown>>) => string>> = {
  'policy.loaded': ({ rules }) => `The policy is in force: ${String(rules)} rules.`,
  'policy.refused': ({ first }) => `The policy has a fault, and the last good one stays in force: ${String(first)}`,
}

/** What the gateway reports, in sentences on standard error. */
const createDemoLog = (): ServiceLog => {
  const line = (event: string, detail: Readonly<Record<string, unknown>> = {}) =>
    tell(plain(SENTENCES[event]?.(detail) ?? `${event} ${JSON.stringify(detail)}`))
  return { info: line, warn: line, error: line }
}

const COLUMNS: readonly (readonly [title: string, width: number, of: (person: ShownPerson) => string])[] = [
  ['name', 5, ({ name }) => name],
  ['groups', 23, ({ groups }) => groups.join(', ') || 'none'],
  ['password', 15, ({ password }) => password],
  ['code', 7, ({ code }) => code],
  ['secret for an authenticator app', 0, ({ totpSecret }) => totpSecret],
]

const printPeople = (people: readonly ShownPerson[]): void => {
  say(COLUMNS.map(([title, width]) => title.padEnd(width)).join(' '))
  for (const person of people) say(COLUMNS.map(([, width, of]) => of(person).padEnd(width)).join(' '))
}

const printBrowserSteps = ({ people, urls, folder }: StartedDemo): void => {
  say(STYLE.strong(`\nOr open ${urls.gateway} in a browser, and log in as\n`))
  printPeople(people())
  const again = process.stdin.isTTY ? ' Press Enter here for those of the moment.' : ''
  say(`\nA code is good for 30 to 60 seconds, once.${again} Administrators make a passkey when they are first asked for one.`)
  if (urls.elsewhere !== null) say(`From ${urls.elsewhere} the same browser is not in the office.`)
  if (folder.ca !== null) say(`Browsers warn unless they trust ${folder.ca}.`)
}

const print = (started: StartedDemo): void => {
  const { requests, urls, folder } = started
  say(STYLE.strong('\nA gateway, a sample service and an identity provider run on this machine. Try, in another terminal:\n'))
  requests.forEach(({ note, expect, command }, index) => {
    say(`${STYLE.strong(`${index + 1}. ${note}`)}\n   expect ${expect}\n${command}\n`)
  })
  if (urls.elsewhere === null) say('This machine has no IPv6 loopback, so there is no request from elsewhere.\n')
  const verify = `npx balustrade log verify ${folder.log} --key '${folder.logKey}'`
  const places = {
    gateway: urls.gateway,
    provider: urls.provider,
    metrics: urls.metrics,
    policy: `${folder.policy}   (edit a file: it is in force as soon as it is saved)`,
    log: `${folder.log}`,
    show: `npx balustrade log show ${folder.log} -n 5`,
    verify,
    sessions: `npx balustrade sessions list --config ${folder.config}`,
    why: `npx balustrade explain <balustrade-decision of an answer> --log ${folder.log}`,
  }
  for (const [name, place] of Object.entries(places)) say(`${name.padEnd(9)} ${place}`)
  // Last, where it is still to be seen on a terminal.
  printBrowserSteps(started)
  say('\nCtrl-C ends the demo.')
}

/** Prints the codes of the moment whenever somebody presses Enter; gives what ends that. */
const offerCodes = ({ people }: StartedDemo): (() => void) => {
  if (!process.stdin.isTTY) return () => {}
  const again = () => printPeople(people())
  process.stdin.on('data', again)
  return () => {
    process.stdin.off('data', again)
    process.stdin.pause()
  }
}

const untilEnded = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })

const demo = async (options: DemoOptions): Promise<void> => {
  const ended = untilEnded()
  // An identity provider and a server are loaded by who runs them, so that the other verbs start sooner.
  const { startDemo } = await import('../demo/start-demo.ts')
  const { port, folder = null, tls = false } = options
  const started = await startDemo({ port, folder, tls, serviceLog: createDemoLog() })
  if (options.json === true) sayJson({ ...started, people: started.people(), pid: process.pid })
  else print(started)
  const endCodes = offerCodes(started)
  await ended
  endCodes()
  await started.close()
}

export const demoCommand = (): Command =>
  new Command('demo')
    .description('run gateway, sample service and identity provider on loopback, and print who can log in and requests to try')
    .option('--port <port>', 'port of the gateway; the others follow it, 0 picks free ones', parsePort, PORT)
    .option(
      '--folder <folder>',
      'keep policy, keys, people and log here; otherwise in a temporary folder that is removed at the end',
    )
    .option('--tls', 'gateway over TLS, with certificates made at start; the authority to trust is named')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade demo                           gateway on 8080, service 8081, provider 8082, metrics 9090',
        'balustrade demo --port 0                  free ports',
        'balustrade demo --folder my-demo          keep the policy, the log, people and passkeys',
        'balustrade demo --tls                     https on 8080',
      ),
    )
    .action(demo)
