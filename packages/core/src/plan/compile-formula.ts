import type { Formula } from '../model/policy-image.ts'
import type { Verdict } from '../model/verdict.ts'
import type { AtomTable, RuleScope } from './atoms.ts'
import type { Interner } from './intern.ts'
import type { Atom, Node } from './node.ts'

/** Parts from which nodes are made; `always` and `never` are nodes as well. */
export interface FormulaCompiler {
  readonly compile: (formula: Formula | null, scope: RuleScope) => Node
  readonly all: (...parts: readonly Node[]) => Node
  readonly any: (...parts: readonly Node[]) => Node
  readonly always: Node
}

const NEVER: Verdict = { tri: 0, code: 'guardrail.never', condition: 'how.never', by: undefined, remedy: undefined }

const createNever = (id: number): Atom => ({
  type: 'atom',
  id,
  test: () => NEVER,
  tri: () => 0,
  condition: NEVER.condition,
  negated: false,
  reads: [],
  ofCaller: false,
  ofAcr: false,
  lapses: [],
})

/** Formulas of an image → nodes in negation normal form, shared between rules. Nothing written is always met. */
export const createFormulaCompiler = (atoms: AtomTable, interner: Interner): FormulaCompiler => {
  const always = interner.group('all', [])
  const never = createNever(interner.nextId())
  const compile = (formula: Formula, negated: boolean, scope: RuleScope): Node => {
    if ('is' in formula) return atoms.atom({ is: formula.is, spec: formula.spec, negated }, scope)
    if ('not' in formula) return compile(formula.not, !negated, scope)
    if ('never' in formula) return negated ? always : never
    const parts = 'all' in formula ? formula.all : formula.any
    // De Morgan: a negated `all` is an `any` of negated parts, which Kleene's tables agree with.
    const type = 'all' in formula === negated ? 'any' : 'all'
    return interner.group(
      type,
      parts.map((part) => compile(part, negated, scope)),
    )
  }
  return {
    compile: (formula, scope) => (formula === null ? always : compile(formula, false, scope)),
    all: (...parts) => interner.group('all', parts),
    any: (...parts) => interner.group('any', parts),
    always,
  }
}
