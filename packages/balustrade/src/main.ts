// The command: checks, tests, explains, runs and shows. Reads documents and asks core; never decides on its own.
import { createProgram } from './cli/program.ts'
import { runProgram } from './cli/run-program.ts'

await runProgram(createProgram(), process.argv)
