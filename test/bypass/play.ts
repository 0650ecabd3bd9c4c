// Plays a recorded attack through a gateway: what is sent, by whom, and what has to come of it.
import { expect } from 'vitest'
import type { RawAnswer } from '../support/gateway.ts'
import type { Served } from '../support/upstream.ts'
import { type Sending, send, type Stage, type Subject, tokensFor } from './stage.ts'

export interface Step extends Omit<Sending, 'host' | 'token'> {
  /** Host; `app.example.com` when left out. */
  readonly host?: string
  readonly as?: Subject
  readonly token?: string
  readonly status: number | readonly number[]
  /** What the upstream must have received, once; nothing may arrive where the status is none of 200. */
  readonly served?: (served: Served) => void
  readonly answered?: (answer: RawAnswer) => void
}

/** One attack by its id in the corpus. */
export type Attacks = Readonly<Record<string, readonly Step[]>>

export const step = (status: Step['status'], target: string, rest: Partial<Step> = {}): Step => ({ status, target, ...rest })
export const steps = (status: Step['status'], targets: readonly string[], rest: Partial<Step> = {}): readonly Step[] =>
  targets.map((target) => step(status, target, rest))

const tokens = new WeakMap<Stage, Promise<Readonly<Record<Subject, string | null>>>>()

const tokenOf = async (stage: Stage, subject: Subject): Promise<string | null> => {
  const known = tokens.get(stage) ?? tokensFor(stage.issuer)
  tokens.set(stage, known)
  return (await known)[subject]
}

/** Sends one step and holds the answer and what the upstream served to it. Steps are played one after another. */
export const play = async (stage: Stage, one: Step): Promise<void> => {
  const { as = 'anonymous', host = 'app.example.com', served, answered, status, token, ...sending } = one
  const before = stage.upstream.served.length
  const answer = await send(stage, { ...sending, host, token: token ?? (await tokenOf(stage, as)) })
  const label = `${sending.method ?? 'GET'} ${sending.target} of ${host} as ${as}`
  expect([status].flat(), `${label}: ${answer.status} ${answer.body.slice(0, 200)}`).toContain(answer.status)
  const arrived = stage.upstream.served.slice(before)
  expect(arrived.length, `${label}: requests that arrived`).toBe(answer.status === 200 ? 1 : 0)
  if (served !== undefined) served(arrived[0] as Served)
  answered?.(answer)
}

export const playAll = async (stage: Stage, all: readonly Step[]): Promise<void> => {
  for (const one of all) await play(stage, one)
}
