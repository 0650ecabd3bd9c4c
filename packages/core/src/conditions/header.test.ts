import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { UNKNOWN } from '../model/fact.ts'
import { header } from './header.ts'

const sent = (...lines: readonly string[]) => ({ headers: new Map([['x-environment', lines]]) })
const spec = { 'x-environment': 'staging' }

const two = (environment: string, tenant: string) => ({
  headers: new Map([
    ['x-environment', [environment]],
    ['x-tenant', [tenant]],
  ]),
})

describeVerdicts(header, [
  { note: 'equal', spec, gives: 'met' },
  { note: 'one of several', spec: { 'x-environment': ['test', 'staging'] }, gives: 'met' },
  { note: 'a list, written as it came', spec: { 'x-environment': 'a, b' }, facts: sent('a, b'), gives: 'met' },
  { note: 'the captured value', spec: { 'x-environment': '$tenant' }, facts: sent('acme'), gives: 'met' },
  { note: 'another', spec, facts: sent('production'), gives: 'other' },
  { note: 'empty', spec, facts: sent(''), gives: 'other' },
  { note: 'not sent', spec, facts: { headers: new Map() }, gives: 'missing' },
  { note: 'a surface without fields', spec, facts: { headers: null }, gives: 'missing' },
  { note: 'sent twice', spec, facts: sent('staging', 'production'), gives: 'repeated' },
  { note: 'sent twice alike', spec, facts: sent('staging', 'staging'), gives: 'repeated' },
  { note: 'a list', spec, facts: sent('staging, production'), gives: 'repeated' },
  { note: 'equal but for letter case', spec, facts: sent('Staging'), gives: 'near_miss' },
  { note: 'captured, equal but for letter case', spec: { 'x-environment': '$tenant' }, facts: sent('ACME'), gives: 'near_miss' },
  {
    note: 'nothing was captured',
    spec: { 'x-environment': '$tenant' },
    scope: { capture: () => () => undefined },
    gives: 'unbound',
  },
  { note: 'not seen here', spec, facts: { headers: UNKNOWN }, gives: 'unknown' },
  { note: 'two fields, both', spec: { ...spec, 'x-tenant': 'acme' }, facts: two('staging', 'acme'), gives: 'met' },
  {
    note: 'two fields: another value outweighs one not sent',
    spec: { ...spec, 'x-a': '1' },
    facts: sent('production'),
    gives: 'other',
  },
  { note: 'two fields: one not sent outweighs a met one', spec: { ...spec, 'x-a': '1' }, gives: 'missing' },
])
