import type { CompileScope, Condition, Say, Spec } from './condition.ts'
import { UNKNOWN } from './fact.ts'
import type { Remedy } from './remedy.ts'
import type { RemedyFor, Test } from './verdict.ts'

/** Makes the verdict constants of a condition from its reasons; `say('met')` makes the one that holds. */
export const createSay = <S extends Spec, Code extends string>({ place, key, reasons }: Condition<S, Code>): Say<Code> => {
  const condition = `${place}.${key}`
  return (code, remedy) => {
    if (code === 'met') return { tri: 1, code, condition, by: undefined, remedy: undefined }
    const { tri, by } = reasons[code]
    return { tri, code, condition, by: tri === -1 ? (by ?? 'source') : undefined, remedy }
  }
}

/** The test of one written condition. The spec is one that the condition's schema and faults accepted; nothing is checked here. */
export const compileCondition = (condition: Condition, spec: Spec, scope: CompileScope): Test =>
  condition.compile(spec, scope, createSay(condition))

/** A remedy that only a person can perform: software, and so whoever comes with an API key, has no login and no second factor. */
export const remedyForPeople =
  (remedy: Remedy): RemedyFor =>
  ({ kind, credential }) => {
    if (credential === null || credential === 'api-key' || (kind !== 'human' && kind !== UNKNOWN)) return null
    return kind === UNKNOWN || credential === UNKNOWN ? UNKNOWN : remedy
  }
