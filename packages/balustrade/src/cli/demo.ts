// The verbs, one file each: read arguments, call, print. What is decided is decided by core.
import { Command } from 'commander'
import type { ServiceLog } from '@balustrade/server'
import type { StartedDemo } from '../demo/start-demo.ts'
import { examples, jsonOption, parsePort } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

/** The others follow: service 8081, provider 8082; metrics are on 9090. */
const PORT = 8_080

interface DemoOptions {
  readonly port: number
  readonly folder?: string
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

const print = ({ requests, urls, folder }: StartedDemo): void => {
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
    why: `npx balustrade explain <balustrade-decision of an answer> --log ${folder.log}`,
  }
  for (const [name, place] of Object.entries(places)) say(`${name.padEnd(9)} ${place}`)
  say('\nCtrl-C ends the demo.')
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
  const started = await startDemo({ port: options.port, folder: options.folder ?? null, serviceLog: createDemoLog() })
  const { requests, people, urls, folder } = started
  if (options.json === true) sayJson({ requests, people, urls, folder, pid: process.pid })
  else print(started)
  await ended
  await started.close()
}

export const demoCommand = (): Command =>
  new Command('demo')
    .description('run gateway, sample service and identity provider on loopback, and print requests to try')
    .option('--port <port>', 'port of the gateway; the others follow it, 0 picks free ones', parsePort, PORT)
    .option('--folder <folder>', 'keep policy, keys and log here; otherwise in a temporary folder that is removed at the end')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade demo                           gateway on 8080, service 8081, provider 8082, metrics 9090',
        'balustrade demo --port 0                  free ports',
        'balustrade demo --folder my-demo          keep the policy and the log',
      ),
    )
    .action(demo)
