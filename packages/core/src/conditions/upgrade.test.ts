import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { upgrade } from './upgrade.ts'

describeVerdicts(upgrade, [
  { note: 'asked for', spec: 'websocket', facts: { upgrade: 'websocket' }, gives: 'met' },
  { note: 'not asked for', spec: 'websocket', gives: 'missing' },
  { note: 'not seen here', spec: 'websocket', facts: { upgrade: UNKNOWN }, gives: 'unknown' },
])
