// What a credential carries, as the reference evaluator sees it.
import { UNKNOWN } from '../model/fact.ts'
import { callersOwn, field, type Judge, MET, see, texts } from './reference-sight.ts'

const scopeOfOperation: Judge = (_spec, { facts: { scopes, operation: found } }) => {
  if (found === UNKNOWN || found === null) return found === null ? see(0, 'scope.undocumented') : see(-1, 'scope.unknown')
  if (found.id === null) return callersOwn('scope.undescribed')
  if (scopes === UNKNOWN) return found.scopes === undefined ? MET : see(-1, 'scope.unknown')
  return (found.scopes ?? [[]]).some((set) => set.every((name) => scopes?.has(name) === true)) ? MET : see(0, 'scope.missing')
}

export const scope: Judge = (spec, view) => {
  const { scopes } = view.facts
  if (field(spec, 'of') !== undefined) return scopeOfOperation(spec, view)
  if (scopes === UNKNOWN) return see(-1, 'scope.unknown')
  const has = (name: string) => scopes !== null && scopes.has(name)
  const [all, any = []] = [field(spec, 'all'), field(spec, 'any')]
  const met = typeof spec === 'string' ? has(spec) : all === undefined ? texts(any).some(has) : texts(all).every(has)
  return met ? MET : see(0, 'scope.missing')
}
