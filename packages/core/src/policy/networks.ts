import { coversAll, type Network, parseNetwork } from '../lib/network.ts'
import type { Reporter } from './reporter.ts'
import { list, type Located, located, named, text } from './shape.ts'

/** Reads one network; reported when it is none, or when it is every address. */
const readNetwork = (written: Located<string>, to: Reporter): Network | null => {
  const parsed = parseNetwork(written.value)
  if (!parsed.ok) to.report('network.invalid', written.at, { text: written.value, problem: parsed.why })
  else if (coversAll(parsed.network)) to.report('network.everything', written.at, { text: written.value })
  else return parsed.network
  return null
}

const cidrs = list(located(text('a network such as 203.0.113.0/24')))

/** Named lists of networks; canonical text, sorted. */
export const networks = named<readonly string[]>({
  read: (node, to) => {
    const read = cidrs.read(node, to)?.map((each) => readNetwork(each, to))
    if (read === undefined || read.includes(null)) return undefined
    return [...new Set(read.map((network) => (network as Network).text))].sort()
  },
  schema: cidrs.schema,
})
