// The command: checks, tests, explains, runs and shows. Reads documents and asks core; never decides on its own.
import { runProgram } from './program.ts'

await runProgram(process.argv)
