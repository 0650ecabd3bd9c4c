import { CONDITIONS, type PolicyImage } from '@balustrade/core/kit'
import { compilePolicy, type EnvironmentValue, type PolicyFile } from '@balustrade/core/policy'

type Values = readonly EnvironmentValue[]

type Block = Readonly<Record<string, unknown>>

/** `services.console.hosts` and its value as a map within a map. */
const put = (into: Block, [key = '', ...rest]: readonly string[], value: unknown): Block => ({
  ...into,
  [key]: rest.length === 0 ? value : put((into[key] ?? {}) as Block, rest, value),
})

/** Values as a document of `environments/`: JSON, which is YAML. */
const overlayText = (values: Values): string =>
  JSON.stringify(
    values.reduce<Block>((all, { path, value }) => put(all, path.split('.'), value), { balustrade: 1 }),
    null,
    1,
  )

const unusedName = (files: readonly PolicyFile[]): string => {
  let name = 'mixed'
  while (files.some(({ path }) => path.startsWith(`environments/${name}.`))) name += '-again'
  return name
}

/** Makes an environment that has all values of the first but one, which is as the second has it. */
export type Mix = (path: string) => PolicyImage | null

/** Gives null where the two values do not go together, such as a network and the bound that only the other has. */
export const createMix = (files: readonly PolicyFile[], [one, other]: readonly [Values, Values], now: number): Mix => {
  const environment = unusedName(files)
  return (path) => {
    const values = [...one.filter((value) => value.path !== path), ...other.filter((value) => value.path === path)]
    const file = { path: `environments/${environment}.yaml`, text: overlayText(values) }
    return compilePolicy([...files, file], { conditions: CONDITIONS, now, environment }).image
  }
}
