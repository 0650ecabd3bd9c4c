import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, addressOf, parseAddress } from './address.ts'
import { type EgressScope, isLoopback, mayReach } from './egress-address.ts'
import { type Network, parseNetwork } from './network.ts'

const address = (text: string): Address => parseAddress(text) as Address
const network = (text: string): Network => {
  const parsed = parseNetwork(text)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.network
}

const WIDEST: EgressScope = { allowPrivate: true, allowLoopback: true }
const rows = (texts: readonly string[]) => texts.map((text) => ({ text }))

test.each(
  rows([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.169.0.0',
    '2606:4700::1111',
    '2a00::1',
    '::ffff:8.8.8.8',
  ]),
)('$text is public', ({ text }) => {
  expect(mayReach(address(text), {})).toBe(true)
})

test.each(
  rows([
    '10.0.0.0',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '100.127.255.255',
    'fc00::1',
    'fdff::1',
    '::ffff:10.0.0.1',
  ]),
)('$text is private', ({ text }) => {
  expect(mayReach(address(text), {})).toBe(false)
  expect(mayReach(address(text), { allowLoopback: true })).toBe(false)
  expect(mayReach(address(text), { allowPrivate: true })).toBe(true)
})

test.each(rows(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1']))('$text is loopback', ({ text }) => {
  expect(isLoopback(address(text))).toBe(true)
  expect(mayReach(address(text), { allowPrivate: true })).toBe(false)
  expect(mayReach(address(text), { allowLoopback: true })).toBe(true)
})

test.each([
  { note: 'unspecified', text: '0.0.0.0' },
  { note: 'this network', text: '0.1.2.3' },
  { note: 'unspecified IPv6', text: '::' },
  { note: 'link-local', text: '169.254.1.1' },
  { note: 'metadata', text: '169.254.169.254' },
  { note: 'mapped metadata', text: '::ffff:169.254.169.254' },
  { note: 'metadata of AWS over IPv6', text: 'fd00:ec2::254' },
  { note: 'metadata of Google over IPv6', text: 'fd20:ce::254' },
  { note: 'metadata of Alibaba', text: '100.100.100.200' },
  { note: 'platform address of Azure', text: '168.63.129.16' },
  { note: 'IPv6 link-local', text: 'fe80::1' },
  { note: 'site-local', text: 'fec0::1' },
  { note: 'multicast', text: '224.0.0.1' },
  { note: 'IPv6 multicast', text: 'ff02::1' },
  { note: 'reserved', text: '240.0.0.1' },
  { note: 'broadcast', text: '255.255.255.255' },
  { note: 'documentation', text: '192.0.2.1' },
  { note: 'IPv6 documentation', text: '2001:db8::1' },
  { note: 'benchmarking', text: '198.18.0.1' },
  { note: 'compatible', text: '::7f00:1' },
  { note: 'NAT64 of loopback', text: '64:ff9b::7f00:1' },
  { note: 'local NAT64', text: '64:ff9b:1::7f00:1' },
  { note: '6to4 of loopback', text: '2002:7f00:1::' },
  { note: 'Teredo', text: '2001:0:7f00:1::' },
  { note: 'translated', text: '::ffff:0:127.0.0.1' },
  { note: 'discard', text: '100::1' },
])('never: $note', ({ text }) => {
  expect(mayReach(address(text), WIDEST)).toBe(false)
  expect(mayReach(address(text), { allowPrivate: [network('0.0.0.0/0'), network('::/0')], allowLoopback: true })).toBe(false)
})

test('a list of networks allows private addresses within it alone', () => {
  const scope = { allowPrivate: [network('10.1.0.0/16'), network('fd12::/16')] }
  expect(['10.1.2.3', 'fd12::1', '8.8.8.8'].map((text) => mayReach(address(text), scope))).toEqual([true, true, true])
  expect(['10.2.2.3', 'fd13::1', '127.0.0.1'].map((text) => mayReach(address(text), scope))).toEqual([false, false, false])
  expect(mayReach(address('10.1.2.3'), { allowPrivate: [] })).toBe(false)
})

test('property: a narrower scope never reaches more', () => {
  const word = fc.nat({ max: 0xffffffff })
  const any = fc
    .oneof(fc.tuple(word, word, word, word), fc.tuple(fc.constant(0), fc.constant(0), fc.constant(0xffff), word))
    .map(addressOf)
  const scope = fc.record({ allowPrivate: fc.boolean(), allowLoopback: fc.boolean() })
  fc.assert(
    fc.property(any, scope, (at, some) => {
      if (mayReach(at, {})) expect(mayReach(at, some)).toBe(true)
      if (mayReach(at, some)) expect(mayReach(at, WIDEST)).toBe(true)
    }),
  )
})
