import { Command } from 'commander'
import { createServiceLog, renderFaults, runServer } from '@balustrade/server'
import { renderDiagnostics } from '@balustrade/core/policy'
import { EXIT } from './exit-code.ts'
import { say, sayJson, STYLE, tell } from './output.ts'

interface ServeOptions {
  readonly config: string
  readonly json?: true
}

const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })

const serve = async (options: ServeOptions): Promise<void> => {
  const started = await runServer({ configPath: options.config, serviceLog: createServiceLog() })
  if (!started.ok) {
    if (options.json === true) sayJson({ ok: false, faults: started.faults, diagnostics: started.diagnostics })
    else
      tell(
        [renderFaults(started.faults), renderDiagnostics(started.diagnostics, [], STYLE)]
          .filter((text) => text !== '')
          .join('\n\n'),
      )
    process.exitCode = EXIT.usage
    return
  }
  const { running } = started
  const ports = { ports: running.ports, observe: running.observePort }
  if (options.json === true) sayJson({ ok: true, ...ports })
  else say(`serving on ports ${running.ports.join(', ')}; metrics, health and readiness on ${running.observePort}`)
  process.on('SIGHUP', () => void running.reload())
  await untilSignal()
  await running.close()
}

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the gateway; SIGHUP reloads, SIGTERM drains and ends')
    .option('--config <file>', 'configuration file', 'balustrade.yaml')
    .option('--json', 'say where it listens as JSON')
    .addHelpText('after', '\nExample:\n  balustrade serve --config balustrade.yaml')
    .action(serve)
