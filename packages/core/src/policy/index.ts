// Documents to diagnostics and PolicyImage (NIST SP 800-162: policy administration point). YAML and zod end here; it never decides.
export { compilePolicy, type CompiledPolicy, type CompileOptions } from './compile-policy.ts'
export { DIAGNOSTICS, type DiagnosticCode } from './diagnostics.ts'
export type { DiagnosticEntry } from './diagnostic-entry.ts'
export type { PolicyFile } from './source.ts'
export { type CallerFacts, factsFromWords } from './caller-facts.ts'
export type { CallerWords } from './caller-words.ts'
export type { PolicyCase, PolicyMatrix } from './cases.ts'
export { renderMatrix, replaceTable, sameTable } from './matrix-table.ts'
