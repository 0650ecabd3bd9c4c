import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { checkCommand } from './check.ts'
import { demoCommand } from './demo.ts'
import { explainCommand } from './explain.ts'
import { initCommand } from './init.ts'
import { logCommand } from './log.ts'
import { serveCommand } from './serve.ts'
import { testCommand } from './test.ts'

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

const EXITS = `
Exit codes: 0 done, passed or allowed; 1 failed or refused; 2 wrong usage or unreadable input; 3 the system failed.`

/** The command line, whole. Unknown options and excess arguments are refused. */
export const createProgram = (): Command => {
  const program = new Command('balustrade')
  program
    .description('Authentication policy as code: who can do what, when and how, judged on every request.')
    .version(version(), '--version', 'print the version')
    .addHelpText('after', EXITS)
    .exitOverride()
    .showSuggestionAfterError()
  for (const command of [
    initCommand(),
    checkCommand(),
    testCommand(),
    explainCommand(),
    serveCommand(),
    logCommand(),
    demoCommand(),
  ]) {
    command.exitOverride().allowExcessArguments(false)
    for (const inner of command.commands) inner.exitOverride().allowExcessArguments(false)
    program.addCommand(command)
  }
  return program
}
