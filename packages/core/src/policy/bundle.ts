import type { FactName } from '../model/fact.ts'
import type { PolicyImage } from '../model/policy-image.ts'
import type { ConditionCatalogue } from './condition-catalogue.ts'
import type { DeclaredNames } from './declared.ts'
import type { PolicyDocument } from './document.ts'
import type { NamedConditions } from './named-conditions.ts'
import type { Reporter } from './reporter.ts'
import type { Zones } from './zones.ts'

/** The nouns of an image: everything but its rules and the zones these need. */
export type Nouns = Omit<PolicyImage, 'balustrade' | 'environment' | 'rules' | 'zones'>

export interface Bounds {
  readonly exception: number
  readonly shadow: number
}

/** What every rule of a policy is read against. */
export interface Bundle {
  readonly documents: readonly PolicyDocument[]
  readonly catalogue: ConditionCatalogue
  readonly to: Reporter
  readonly zones: Zones
  readonly nouns: Nouns
  readonly declared: DeclaredNames
  readonly conditions: NamedConditions
  readonly bounds: Bounds
  readonly now: number
  /** Facts some source here provides; null: all of them. */
  readonly facts: ReadonlySet<FactName> | null
}
