import type { MfaLevel } from './fact.ts'

/**
 * What the caller can do about a refusal. A lattice: `joinRemedies` of `decision/` takes the stronger level, the shorter age,
 * the union of scopes. Told to the caller; holds no name of a rule, group, network or threshold.
 */
export interface Remedy {
  /** Authenticate (anonymous), or authenticate again so that the login is no older than `maxAge` ms. */
  readonly login?: { readonly maxAge: number | null }
  /** Prove one factor of at least this level, no longer ago than `maxAge` ms. */
  readonly stepUp?: { readonly level: MfaLevel; readonly maxAge: number | null }
  /** Authenticate with one of these authentication context classes (RFC 9470 `acr_values`), in order of preference. */
  readonly acr?: readonly string[]
  /** Obtain a credential with these scopes as well, sorted. */
  readonly scopes?: readonly string[]
}
