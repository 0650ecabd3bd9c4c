import type { Library } from './signature.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What expressions may name and call. */
export interface Language<F> {
  readonly vocabulary: Vocabulary<F>
  readonly library: Library
}
