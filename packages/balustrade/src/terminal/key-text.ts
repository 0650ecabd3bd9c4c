import { formatDuration } from '@balustrade/core/kit'
import type { KeyListed, KeyRefusal } from './open-state.ts'
import { plain, STYLE } from './output.ts'

const TEXTS: Readonly<Record<Exclude<KeyRefusal['refused'], 'rotated' | 'life'>, string>> = {
  none: 'There is no key with this id. `balustrade keys list` prints them.',
  revoked: 'The key was revoked. Create another one.',
  expired: 'The key has expired. Create another one.',
  subject:
    'A subject is 1 to 128 visible characters without spaces, and no slash at its ends, such as reporter or batch/settlements.',
  owner: 'An owner is one line of text: the person or team who answers for the key.',
  scopes: 'A key carries at most 1,000 scopes. Declare a wildcard, such as charges.*, and give that.',
  networks: 'A network is an address or a CIDR, such as 10.20.0.0/16, and a key has at most 1,000.',
  overlap: 'An overlap is not shorter than nothing.',
}

/** What is wrong, and what to do. */
export const refusalText = (refusal: KeyRefusal): string => {
  if (refusal.refused === 'rotated') return `Another key was given out in its place already: ${refusal.to}. Rotate that one.`
  if (refusal.refused !== 'life') return TEXTS[refusal.refused]
  return `A key expires at most ${formatDuration(refusal.longest)} after it was given out (api-keys.longest-life in the configuration).`
}

/** One line about a key; never the key. */
export const keyLine = (key: KeyListed, now: number): string => {
  const { id, subject, owner, scopes, networks, state, expiresAt, usedAt, rotatedTo } = key
  const seconds = (ms: number) => formatDuration(ms - (ms % 1_000))
  const used = usedAt === null ? 'never used' : `used ${seconds(Math.max(0, now - usedAt))} ago`
  const ends = expiresAt > now ? `expires ${new Date(expiresAt).toISOString()}` : `expired ${new Date(expiresAt).toISOString()}`
  const more = [
    `owner ${plain(owner)}`,
    scopes.length === 0 ? 'no scopes' : scopes.join(' '),
    networks.length === 0 ? 'from anywhere' : `from ${networks.join(' ')}`,
    ends,
    used,
    ...(rotatedTo === null ? [] : [`in its place ${rotatedTo}`]),
    ...(key.isUnderOldKey ? ['under an older key of the state'] : []),
  ]
  return `${id} ${STYLE.strong(plain(`balustrade/${subject}`))} ${state === 'live' ? state : STYLE.warning(state)} ${STYLE.faint(more.join(', '))}`
}

/** Where a key was found, and what it is. */
export interface Leak {
  /** File, or `-` for standard input, and line from 1. */
  readonly at: string
  readonly id: string
  /** `unknown`: of the right form, but no key of this state. */
  readonly state: KeyListed['state'] | 'unknown' | 'unanswered'
  readonly key: KeyListed | null
}

/** Keys that may be good now. */
export const isLive = ({ state }: Leak): boolean => state === 'live' || state === 'rotated' || state === 'unanswered'

export const leakLine = ({ at, id, state, key }: Leak): string =>
  plain(`${at} ${id} ${state}${key === null ? '' : ` balustrade/${key.subject}, owner ${key.owner}`}`)
