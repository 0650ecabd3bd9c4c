import { Command } from 'commander'
import { type Diagnostic } from '@balustrade/core/kit'
import { renderDiagnostics } from '@balustrade/core/policy'
import type * as ServerModule from '@balustrade/server'
import type { ConfigFault, Running, ServerSettings } from '@balustrade/server'
import { EXIT } from '../terminal/exit-code.ts'
import { loadPolicy } from '../terminal/load-policy.ts'
import { examples, jsonOption } from '../terminal/options.ts'
import { say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface ServeOptions {
  readonly config: string
  readonly json?: true
}

interface Refusal {
  readonly faults: readonly ConfigFault[]
  readonly diagnostics: readonly Diagnostic[]
}

type Server = typeof ServerModule

const settingsOf = ({ readConfig, resolveConfig }: Server, path: string): ServerSettings | null => {
  const config = readConfig(path)
  const resolved = config.ok ? resolveConfig(config.config) : null
  return resolved?.ok === true ? resolved.settings : null
}

/** With the documents that the diagnostics are about, for frames. */
const diagnosticsText = (diagnostics: readonly Diagnostic[], settings: ServerSettings | null): string => {
  const files = settings === null ? [] : loadPolicy(settings.policyFolder, settings.environment ?? undefined).files
  return renderDiagnostics(diagnostics, files, STYLE)
}

const refuse = ({ faults, diagnostics }: Refusal, server: Server, options: ServeOptions): void => {
  process.exitCode = EXIT.usage
  if (options.json === true) return sayJson({ ok: false, faults, diagnostics })
  if (faults.length > 0) tell(server.renderFaults(faults))
  if (diagnostics.length > 0) tell(diagnosticsText(diagnostics, settingsOf(server, options.config)))
}

const urlOf = (host: string, port: number, secure: boolean): string =>
  `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`

const announce = (running: Running, settings: ServerSettings | null, options: ServeOptions): void => {
  const urls = (settings?.listeners ?? []).map(({ host, tls }, index) => urlOf(host, running.ports[index] ?? 0, tls !== null))
  const observe = urlOf(settings?.observe.host ?? 'localhost', running.observePort, false)
  if (options.json === true) return sayJson({ ok: true, listening: urls, ports: running.ports, observe, pid: process.pid })
  for (const url of urls) say(`serving on ${url}`)
  say(`metrics, health and readiness on ${observe}`)
}

const untilEnded = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })

const serve = async (options: ServeOptions): Promise<void> => {
  // Loaded by who serves, so that the other verbs start sooner.
  const server = await import('@balustrade/server')
  const started = await server.runServer({ configPath: options.config, serviceLog: server.createServiceLog() })
  if (!started.ok) return refuse(started, server, options)
  const { running } = started
  process.on('SIGHUP', () => void running.reload())
  const ended = untilEnded()
  announce(running, settingsOf(server, options.config), options)
  await ended
  await running.close()
}

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the gateway; SIGHUP reads the policy again, SIGTERM and SIGINT drain and end')
    .option('--config <file>', 'configuration', 'balustrade.yaml')
    .addOption(jsonOption('say where it listens as JSON'))
    .addHelpText(
      'after',
      examples(
        'balustrade serve                          with ./balustrade.yaml',
        'balustrade serve --config /etc/balustrade/balustrade.yaml',
        'kill -HUP <pid>                           read the policy again; a faulty one changes nothing',
      ),
    )
    .action(serve)
