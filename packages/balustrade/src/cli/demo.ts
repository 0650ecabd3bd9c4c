import { Command, InvalidArgumentError } from 'commander'
import { type DemoRequest, startDemo } from '../demo/start-demo.ts'
import { say, sayJson, STYLE } from './output.ts'

interface DemoOptions {
  readonly port: number
  readonly folder?: string
  readonly json?: true
}

const port = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('a port, 0 for a free one')
  return value
}

const curlOf = ({ family, url, token, websocket }: DemoRequest): string => {
  const fields = token === null ? '' : ` -H "Authorization: Bearer ${token}"`
  const upgrade = websocket
    ? ' -m 2 -H "Connection: Upgrade" -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="'
    : ''
  return `curl -si -${family}${upgrade}${fields} ${url}`
}

const demo = async (options: DemoOptions): Promise<void> => {
  const started = await startDemo({ port: options.port, folder: options.folder ?? null })
  if (options.json === true) sayJson({ requests: started.requests, places: started.places })
  else {
    say(STYLE.strong('Balustrade demo: a gateway, a sample service and an identity provider, all on this machine.\n'))
    for (const request of started.requests) say(`# ${request.note}: expect ${request.expect}\n${curlOf(request)}\n`)
    for (const [name, place] of Object.entries(started.places)) say(`${name.padEnd(10)} ${place}`)
    for (const note of started.notes) say(note)
    say('\nEdit a file of the policy and it is in force a moment later. Ctrl-C ends the demo.')
  }
  await new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await started.close()
}

export const demoCommand = (): Command =>
  new Command('demo')
    .description('run gateway, sample service and identity provider on loopback, and print requests to try')
    .option('--port <port>', 'port of the gateway; the others follow, 0 picks free ones', port, 8080)
    .option('--folder <folder>', 'keep policy, keys and log here instead of a temporary folder')
    .option('--json', 'print the requests as JSON')
    .action(demo)
