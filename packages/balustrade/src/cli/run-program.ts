import { type Command, CommanderError } from 'commander'
import { CodedError } from '@balustrade/core/kit'
import { EXIT } from './exit-code.ts'

const ownCode = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const text =
    error instanceof CodedError ? `${error.code}: ${error.message}` : error instanceof Error ? error.message : String(error)
  process.stderr.write(`balustrade: ${text}\n`)
  return EXIT.system
}

/** Runs one command line; the outermost guard of the command. */
export const runProgram = async (program: Command, argv: readonly string[]): Promise<void> => {
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    // What a failed verb left listening must not keep the process alive.
    process.exit(ownCode(error))
  }
}
