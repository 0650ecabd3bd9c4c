import { type Atom, atomsOf, type Facts, parseAddress, type PlanRule, type Tri } from '@balustrade/core/kit'
import { type CallerWords, factsFromWords } from '@balustrade/core/policy'
import type { Budget } from './budget.ts'
import { callerDimensions, joinWords } from './caller-dimensions.ts'
import type { Choice, Dimension, Setting } from './dimension.ts'
import type { Draft } from './draft.ts'
import { type Callers, principalDimension } from './principals.ts'
import { ANYWHERE, requestDimensions } from './request-dimensions.ts'
import type { Place, View } from './view.ts'

/** One view a policy; null where it has no service for the place. Facts come in the same order. */
export type Views = readonly (View | null)[]
export type FactsOf = readonly (Facts | null)[]

export interface Question {
  readonly place: Place
  readonly now: number
  readonly views: Views
  readonly setting: Setting
  readonly callers: Callers
  /** Rules by which requests are told apart. */
  readonly rules: readonly PlanRule[]
  /** 0: no completion of these facts will do. `final`: nothing is open any more. */
  readonly ask: (facts: FactsOf, final: boolean) => Tri
  /** Judged by the plan itself: whether the draft shows what it is meant to show. */
  readonly accept: (draft: Draft) => boolean
}

export interface Search {
  readonly found: Draft | null
  /** Nothing was found, and nothing is to be found in this place at this time. */
  readonly complete: boolean
}

interface State {
  readonly facts: FactsOf
  readonly chosen: readonly Choice[]
}

const choose = ({ views }: Question, { facts, chosen }: State, choice: Choice): State => ({
  facts: facts.map((each, i) => {
    const view = views[i]
    return each === null || view === undefined || view === null ? null : { ...each, ...choice.settle(each, view.world) }
  }),
  chosen: [...chosen, choice],
})

const requestOf = (chosen: readonly Choice[]): Pick<Draft, 'from' | 'headers' | 'upgrade'> => ({
  from: ANYWHERE,
  headers: {},
  upgrade: null,
  ...Object.assign({}, ...chosen.map(({ request }) => request ?? {})),
})

const wordsOf = (chosen: readonly Choice[]): CallerWords => joinWords(chosen.map(({ words }) => words ?? {}))

const draftOf = ({ place, now }: Question, { chosen }: State): Draft => ({
  place,
  at: now,
  words: wordsOf(chosen),
  ...requestOf(chosen),
})

/** Every fact as the case will have it. */
export const factsOf = (view: View, { words, at, headers, upgrade, from }: Draft): Facts => {
  const known = factsFromWords(words, { image: view.world.image, now: at }).facts
  return { ...view.open, ...known, now: at, headers: new Map(Object.entries(headers)), upgrade, address: parseAddress(from) }
}

const finalFacts = ({ views }: Question, draft: Draft): FactsOf =>
  views.map((view) => (view === null ? null : factsOf(view, draft)))

const isAnonymous = ({ facts }: State): boolean => facts.some((each) => each?.credential === null)

/** Walks over the choices of one question, leaving a branch as soon as no completion of it will do. */
const createWalk = (question: Question, budget: Budget) => {
  const atoms = [...new Set(question.rules.flatMap(({ parts, how }) => atomsOf(parts.who, parts.what, parts.when, how)))]
  let complete = true
  const readersOf = ({ reads }: Dimension): readonly Atom[] =>
    atoms.filter((atom) => atom.reads.some((name) => (reads as readonly string[]).includes(name)))
  const ask = (state: State): boolean => {
    if (budget.take()) return question.ask(state.facts, false) !== 0
    complete = false
    return false
  }
  /** Of choices that no rule at hand tells apart, the first. */
  const distinct = (dimension: Dimension, state: State): readonly State[] => {
    const readers = readersOf(dimension)
    const seen = new Map<string, State>()
    for (const choice of dimension.choices) {
      const next = choose(question, state, choice)
      const key = next.facts
        .map((facts) =>
          facts === null
            ? ''
            : `${String(facts.provider)} ${String(facts.credential)} ${readers.map((atom) => atom.tri(facts)).join()}`,
        )
        .join('|')
      if (!seen.has(key)) seen.set(key, next)
    }
    return [...seen.values()]
  }
  const leaf = (state: State): Draft | null => {
    const draft = draftOf(question, state)
    if (question.ask(finalFacts(question, draft), true) !== 1) return null
    if (question.accept(draft)) return draft
    complete = false
    return null
  }
  return { readersOf, ask, distinct, leaf, isComplete: () => complete && !budget.exhausted() }
}

type Walk = ReturnType<typeof createWalk>

const lastChoice = ({ chosen }: State): Choice => chosen.at(-1) as Choice

const descend = (question: Question, walk: Walk, at: { state: State; options: readonly (readonly Choice[])[] }): Draft | null => {
  const [first, ...rest] = at.options
  if (first === undefined) return walk.leaf(at.state)
  for (const choice of first) {
    const state = choose(question, at.state, choice)
    const found = walk.ask(state) ? descend(question, walk, { state, options: rest }) : null
    if (found !== null) return found
  }
  return null
}

/** The choices of every dimension that are open for this caller; null when some dimension has none. */
const optionsFor = (walk: Walk, dimensions: readonly Dimension[], state: State): readonly (readonly Choice[])[] | null => {
  const anonymous = isAnonymous(state)
  const options: (readonly Choice[])[] = []
  for (const dimension of dimensions) {
    if (anonymous && dimension.ofCaller) continue
    const open = walk.distinct(dimension, state).filter(walk.ask).map(lastChoice)
    if (open.length === 0) return null
    options.push(open)
  }
  return options
}

/** Looks for a caller and circumstances that answer the question, at one place and time. */
export const solve = (question: Question, budget: Budget): Search => {
  const { views, now, setting } = question
  const walk = createWalk(question, budget)
  const start: State = { facts: views.map((view) => (view === null ? null : { ...view.open, now })), chosen: [] }
  if (!walk.ask(start)) return { found: null, complete: walk.isComplete() }
  const dimensions = [...callerDimensions(setting), ...requestDimensions(setting)].filter(
    (dimension) => walk.readersOf(dimension).length > 0,
  )
  for (const state of walk.distinct(principalDimension(setting, question.callers), start)) {
    const options = walk.ask(state) ? optionsFor(walk, dimensions, state) : null
    const found = options === null ? null : descend(question, walk, { state, options })
    if (found !== null) return { found, complete: true }
  }
  return { found: null, complete: walk.isComplete() && dimensions.every(({ whole }) => whole) }
}
