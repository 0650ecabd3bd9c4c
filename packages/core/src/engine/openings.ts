import { type Maybe, type Opening, UNKNOWN } from '../model/fact.ts'
import type { Opened } from '../model/engine.ts'
import type { BreakGlassImage, PolicyImage } from '../model/policy-image.ts'
import type { DecisionLog, KeptOpening, KeptUse, OpeningLedger } from '../model/ports.ts'
import type { Judgement } from './judge.ts'

export type BreakGlasses = ReadonlyMap<string, BreakGlassImage>

/** Break-glass exceptions of an image by name. */
export const breakGlassesOf = ({ rules }: PolicyImage): BreakGlasses =>
  new Map(rules.flatMap(({ name, register }) => (register?.breakGlass == null ? [] : [[name, register.breakGlass] as const])))

const isSame = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** Undefined: armed, and not used since. */
const openingOf = ({ armed }: BreakGlassImage, kept: KeptOpening | undefined, now: number): Opening | undefined => {
  if (now < armed.at) return 'unarmed'
  if (kept === undefined) return undefined
  if (kept.at >= armed.at) return kept.at
  return isSame(armed.by, kept.by) ? 'unarmed' : undefined
}

/** What the break-glass exceptions of a policy have come to. Those that are armed and unused are left out; null: there are no others. */
export const readOpenings = (glasses: BreakGlasses, ledger: OpeningLedger, now: number): Maybe<ReadonlyMap<string, Opening>> => {
  if (glasses.size === 0) return null
  const kept = ledger.read()
  if (kept === null) return UNKNOWN
  const found = [...glasses].flatMap(([name, glass]) => {
    const opening = openingOf(glass, kept.get(name), now)
    return opening === undefined ? [] : [[name, opening] as const]
  })
  return found.length === 0 ? null : new Map(found)
}

export interface OpeningParts {
  readonly openings: OpeningLedger
  readonly log: Pick<DecisionLog, 'append'>
  readonly onOpened: (opened: Opened) => void
}

interface Use {
  readonly glasses: BreakGlasses
  readonly judgement: Judgement
  readonly at: number
  /** Decision id; null: a stream was held open by it. */
  readonly id: string | null
}

const announce = ({ log, onOpened }: OpeningParts, opened: Opened, at: number): void => {
  log.append({ kind: 'administration', at, action: 'breakglass.opened', detail: { ...opened } })
  onOpened(opened)
}

const callerOf = ({ authentication }: Judgement): string => {
  if (authentication.status !== 'verified') return ''
  const { provider, subject } = authentication.identity
  return `${provider}/${subject}`
}

/**
 * Opens the break-glass exceptions that an allowed request rests on, and raises the alarm for each that was not open. The request
 * may go on only when every use is durable: what a crash forgets would open once more.
 */
export const useOpenings = (parts: OpeningParts, { glasses, judgement, at, id }: Use): readonly KeptUse[] => {
  const { decision } = judgement
  if (glasses.size === 0 || decision.outcome !== 'allow' || decision.public) return []
  const by = callerOf(judgement)
  return decision.exceptions.flatMap((name) => {
    const glass = glasses.get(name)
    if (glass === undefined) return []
    const use = parts.openings.open({ name, armed: glass.armed.at, at, by })
    if (use.first) announce(parts, { exception: name, alarm: glass.alarm, by, until: at + glass.opensFor, decision: id }, at)
    return [use]
  })
}

/** Every use is on disk. */
export const areDurable = async (uses: readonly KeptUse[]): Promise<boolean> =>
  (await Promise.all(uses.map(({ durable }) => durable()))).every(Boolean)
