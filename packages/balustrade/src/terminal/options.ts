import { InvalidArgumentError, Option } from 'commander'

/** An instant, in epoch ms. */
export const parseInstant = (text: string): number => {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('Write an instant, such as 2026-11-24T10:00:00Z.')
  return at
}

export const parseCount = (text: string): number => {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number, 1 or more.')
  return Number(text)
}

/** Room for the ports of the neighbours. */
const LAST_PORT = 65_532

export const parsePort = (text: string): number => {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > LAST_PORT) {
    throw new InvalidArgumentError(`Write a port of at most ${LAST_PORT}, or 0 for free ones.`)
  }
  return Number(text)
}

/** Collects an option that may be given several times. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export const jsonOption = (about = 'print JSON for programs'): Option => new Option('--json', about)

export const environmentOption = (): Option =>
  new Option('--environment <name>', 'put the values of environments/<name>.yaml in force')

/** Examples at the end of a verb's help. */
export const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`
