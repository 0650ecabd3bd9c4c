// Files of the repository that are made from the code, one line each. `npm run generate` writes them, a test verifies them.

import { createProgram } from '../packages/balustrade/src/program.ts'
import { commandReference } from '../packages/balustrade/src/terminal/command-reference.ts'
import { CONDITIONS } from '../packages/core/src/catalogue.ts'
import {
  conditionsReference,
  diagnosticsReference,
  policyJsonSchema,
  reasonsReference,
} from '../packages/core/src/policy/index.ts'
import { GATEWAY_REASONS, LOGIN_REASONS } from '../packages/server/src/index.ts'

export interface Generator {
  /** Path from the root of the repository. */
  readonly file: string
  /** The whole text of the file. Must be the same for the same sources: no clock, no order of a folder. */
  readonly make: () => string | Promise<string>
}

export const generators: readonly Generator[] = [
  { file: 'docs/reference/policy.schema.json', make: () => `${JSON.stringify(policyJsonSchema(CONDITIONS), null, 2)}\n` },
  { file: 'docs/reference/conditions.md', make: () => conditionsReference(CONDITIONS) },
  { file: 'docs/reference/diagnostics.md', make: () => diagnosticsReference(CONDITIONS) },
  { file: 'docs/reference/cli.md', make: () => commandReference(createProgram()) },
  { file: 'docs/reference/reasons.md', make: () => reasonsReference(CONDITIONS, [GATEWAY_REASONS, LOGIN_REASONS]) },
]
