import { addressOf, type Network, parseAddress, parseNetwork, type Spec } from '@balustrade/core/kit'
import { type Choice, type Dimension, type Setting, spelledOut } from './dimension.ts'
import { textsFor } from './literals.ts'

/** An address of documentation (RFC 5737), which a case without `from` has as well. */
export const ANYWHERE = '192.0.2.1'
/** Where that lies within a network of the policy, one of these does not. */
const ELSEWHERE = [ANYWHERE, '198.51.100.1', '203.0.113.1', '2001:db8::1', '127.0.0.1', '::1']
const MOST_BLOCKS = 64

type Words = Network['first']

/** The address after this one; the first of all after the last. */
const nextWords = (words: Words): Words => {
  const next: [number, number, number, number] = [...words]
  for (let i = 3; i >= 0; i--) {
    next[i] = ((words[i] as number) + 1) >>> 0
    if (next[i] !== 0) break
  }
  return next
}

const edgesOf = ({ first, last }: Network): readonly string[] =>
  [first, last, nextWords(last)].map((words) => addressOf(words).text)

const addresses = ({ literals, worlds }: Setting): Dimension => {
  const names = textsFor(literals, 'circumstance.network')
  const written = names.flatMap((name) => worlds.flatMap(({ image }) => image.networks[name] ?? []))
  const blocks = [...new Set(written)].map(parseNetwork).flatMap((parsed) => (parsed.ok ? [parsed.network] : []))
  const texts = [...ELSEWHERE.slice(0, names.length === 0 ? 1 : undefined), ...blocks.slice(0, MOST_BLOCKS).flatMap(edgesOf)]
  const choices = [...new Set(texts)].flatMap((from): readonly Choice[] => {
    const address = parseAddress(from)
    return address === null ? [] : [{ request: { from }, settle: () => ({ address }) }]
  })
  return { reads: ['address'], choices, whole: blocks.length <= MOST_BLOCKS, ofCaller: false }
}

const upgrades: Dimension = {
  reads: ['upgrade'],
  choices: [
    { settle: () => ({ upgrade: null }) },
    { request: { upgrade: 'websocket' }, settle: ({ method }) => ({ upgrade: method === 'GET' ? 'websocket' : null }) },
  ],
  whole: true,
  ofCaller: false,
}

type Fields = Readonly<Record<string, readonly string[]>>

const fieldsIn = (spec: Spec): readonly (readonly [name: string, texts: readonly string[]])[] =>
  Object.entries(spec as Readonly<Record<string, string | readonly string[]>>).map(([name, value]) => [name, [value].flat()])

const MOST_HEADERS = 200

/** Every combination of values that rules write, another value, and none. */
const headerSets = ({ literals, captured }: Setting): readonly Fields[] => {
  const byName = Map.groupBy(
    literals.flatMap(({ is, spec }) => (is === 'what.header' ? fieldsIn(spec) : [])),
    ([name]) => name,
  )
  let sets: readonly Fields[] = [{}]
  for (const [name, written] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const texts = [
      ...spelledOut(
        written.flatMap(([, values]) => values),
        captured,
      ),
      'something-else',
    ]
    sets = sets
      .flatMap((fields) => [fields, ...texts.map((text): Fields => ({ ...fields, [name]: [text] }))])
      .slice(0, MOST_HEADERS + 1)
  }
  return sets
}

const headers = (setting: Setting): Dimension => {
  const sets = headerSets(setting)
  const choices = sets.slice(0, MOST_HEADERS).map((fields): Choice => {
    const known = new Map(Object.entries(fields))
    return { request: { headers: fields }, settle: () => ({ headers: known }) }
  })
  return { reads: ['headers'], choices, whole: sets.length <= MOST_HEADERS, ofCaller: false }
}

/** How a request may come, besides where it goes. */
export const requestDimensions = (setting: Setting): readonly Dimension[] => [addresses(setting), upgrades, headers(setting)]
