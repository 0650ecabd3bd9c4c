import { sessionIdOf } from './find-session.ts'
import type { KeptSession } from './kept-session.ts'
import { sidTag, subjectTag } from './session-ledger.ts'
import type { Ending } from './sessions.ts'

/** Which sessions an ending is about, in terms of the store. */
export type EndingTarget =
  | { readonly kind: 'one'; readonly name: string; readonly id: string }
  | {
      readonly kind: 'tag'
      readonly name: string
      readonly tag: string
      readonly covers: (kept: KeptSession) => boolean
    }
  | { readonly kind: 'all'; readonly name: string }

const tagTarget = (tag: string, covers: (kept: KeptSession) => boolean): EndingTarget => ({
  kind: 'tag',
  name: `tag ${tag}`,
  tag,
  covers,
})

const oneTarget = (id: string): EndingTarget => ({ kind: 'one', name: `one ${id}`, id })

/** Two endings of the same sessions have the same name. */
export const targetOf = (which: Ending): EndingTarget => {
  if (which === 'all') return { kind: 'all', name: 'all' }
  if ('secret' in which) return oneTarget(sessionIdOf(which.secret))
  if ('id' in which) return oneTarget(which.id)
  const { provider } = which
  if ('sid' in which) {
    const { sid } = which
    return tagTarget(sidTag(provider, sid), (kept) => kept.session.provider === provider && kept.sids.includes(sid))
  }
  const { subject } = which
  return tagTarget(subjectTag(provider, subject), ({ session }) => session.provider === provider && session.subject === subject)
}
