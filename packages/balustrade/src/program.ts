import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { attemptAsync, CodedError } from '@balustrade/core/kit'
import { checkCommand } from './cli/check.ts'
import { demoCommand } from './cli/demo.ts'
import { diffCommand } from './cli/diff.ts'
import { explainCommand } from './cli/explain.ts'
import { initCommand } from './cli/init.ts'
import { keysCommand } from './cli/keys.ts'
import { logCommand } from './cli/log.ts'
import { serveCommand } from './cli/serve.ts'
import { sessionsCommand } from './cli/sessions.ts'
import { testCommand } from './cli/test.ts'
import { EXIT, type ExitCode } from './terminal/exit-code.ts'
import { plain, tell } from './terminal/output.ts'

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

const AFTER = `
Begin with:
  balustrade demo                 try everything on this machine
  balustrade init my-service      write a first policy and configuration

Exit codes: 0 done, passed or allowed; 1 failed or refused; 2 wrong usage or unreadable input; 3 the system failed.`

const refuseStrictly = (command: Command): void => {
  command.exitOverride().allowExcessArguments(false).showSuggestionAfterError()
  for (const inner of command.commands) refuseStrictly(inner)
}

/** The command line, whole. Unknown options and excess arguments are refused everywhere. */
export const createProgram = (): Command => {
  const program = new Command('balustrade')
    .description('Authentication policy as code: who can do what, when and how, judged on every request.')
    .version(version(), '--version', 'print the version')
    .addHelpText('after', AFTER)
  const verbs = [
    initCommand,
    checkCommand,
    diffCommand,
    testCommand,
    explainCommand,
    serveCommand,
    logCommand,
    sessionsCommand,
    keysCommand,
    demoCommand,
  ]
  for (const verb of verbs) program.addCommand(verb())
  refuseStrictly(program)
  return program
}

const textOf = (error: unknown): string => {
  if (error instanceof CodedError) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

const codeOf = (error: unknown): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  tell(plain(`balustrade: ${textOf(error)}`))
  return EXIT.system
}

/** Runs one command line to its end and sets the exit code. */
export const runProgram = async (argv: readonly string[]): Promise<void> => {
  // Whoever reads our output may close it early: head, less.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.system))
  const ran = await attemptAsync(() => createProgram().parseAsync([...argv]))
  // What a failed verb left listening must not keep the process alive.
  if (!ran.ok) process.exit(codeOf(ran.error))
}
