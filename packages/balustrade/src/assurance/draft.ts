import { type Decision, type Facts, formatInstant, type Outcome, type Witness } from '@balustrade/core/kit'
import { type CallerWords, factsFromWords, writeCaller } from '@balustrade/core/policy'
import type { Place } from './view.ts'
import type { World } from './world.ts'

/** A request that was made up, in the words of a case. */
export interface Draft {
  readonly place: Place
  /** Epoch ms. */
  readonly at: number
  /** Empty: anonymous. */
  readonly words: CallerWords
  readonly from: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly upgrade: 'websocket' | null
}

const requestOf = ({ method, host, path }: Place): string => `${method} https://${host}${path}`

/** The request as it is sent where this policy is in force: the same service, at its own host. */
export const draftIn = ({ hosts }: World, draft: Draft): Draft => {
  const { place } = draft
  return { ...draft, place: { ...place, host: hosts.own(place.host, place.service) } }
}

/** Judges it as a case is judged: by the steps of a point. */
export const judgeDraft = (
  world: World,
  draft: Draft,
): { readonly decision: Decision; readonly facts: readonly Facts[]; readonly serviceName: string | null } => {
  const { place, at, words, from, headers, upgrade } = draftIn(world, draft)
  const description = { request: requestOf(place), headers, at, from, ...(upgrade === null ? {} : { upgrade }) }
  return world.judge(description, () => factsFromWords(words, { image: world.image, now: at }))
}

/** The draft with the answer it gets, as a case that can be pasted. */
export const witnessOf = (draft: Draft, note: string, expect: Outcome): Witness => {
  const { place, at, words, from, headers, upgrade } = draft
  return {
    note,
    request: requestOf(place),
    as: writeCaller(words),
    from,
    at: formatInstant(at),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(upgrade === null ? {} : { upgrade }),
    expect,
  }
}
