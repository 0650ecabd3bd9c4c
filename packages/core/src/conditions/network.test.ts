import { describeVerdicts } from '../../../../test/support/condition-table.ts'
import { parseAddress } from '../lib/address.ts'
import { UNKNOWN } from '../model/fact.ts'
import { exampleImage } from '../testing/example-facts.ts'
import { network } from './network.ts'

const from = (text: string) => ({ address: parseAddress(text) })
const broken = { image: { ...exampleImage, networks: { home: ['198.51.100.0/24', 'nonsense'] } } }

describeVerdicts(network, [
  { note: 'inside', spec: 'home', gives: 'met' },
  { note: 'inside one of several', spec: ['office', 'home'], gives: 'met' },
  { note: 'inside, version 6', spec: 'office', facts: from('2001:db8::1'), gives: 'met' },
  { note: 'inside, mapped into version 6', spec: 'office', facts: from('::ffff:203.0.113.9'), gives: 'met' },
  { note: 'outside', spec: 'office', gives: 'outside' },
  { note: 'outside, version 6', spec: 'office', facts: from('2001:db9::1'), gives: 'outside' },
  { note: 'no address', spec: 'home', facts: { address: null }, gives: 'missing' },
  { note: 'not known', spec: 'home', facts: { address: UNKNOWN }, gives: 'unknown' },
  { note: 'a network that is not declared has no outside', spec: 'tor', gives: 'unknown' },
  { note: 'nor has one of which a part cannot be read', spec: 'home', facts: from('192.0.2.1'), scope: broken, gives: 'unknown' },
  { note: 'the part that can be read counts', spec: 'home', scope: broken, gives: 'met' },
])
