// Who may import whom, as data (ARCHITECTURE.md has it as prose). A row may name only rows of its package that stand above it, so
// the table itself cannot hold a cycle. `why` is printed when an import is refused.

import type { PackageRow, Row } from './layer-row.ts'
import { balustrade } from './layers-balustrade.ts'
import { core } from './layers-core.ts'
import { server } from './layers-server.ts'

const of = (name: Row['package'], rows: readonly PackageRow[]): readonly Row[] => rows.map((row) => ({ ...row, package: name }))

export const layers: readonly Row[] = [...of('core', core), ...of('server', server), ...of('balustrade', balustrade)]
