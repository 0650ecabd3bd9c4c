import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, addressOf, parseAddress } from './address.ts'
import { contains, coversAll, createNetworkSet, type Network, networkWithin, parseNetwork } from './network.ts'

const network = (text: string): Network => {
  const parsed = parseNetwork(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.why}`)
  return parsed.network
}
const address = (text: string): Address => {
  const parsed = parseAddress(text)
  if (parsed === null) throw new Error(text)
  return parsed
}

test.each([
  { note: 'IPv4', text: '10.0.0.0/8', canonical: '10.0.0.0/8' },
  { note: 'a plain address', text: '10.1.2.3', canonical: '10.1.2.3/32' },
  { note: 'a plain IPv6 address', text: '2001:DB8::1', canonical: '2001:db8::1/128' },
  { note: 'all of IPv4', text: '0.0.0.0/0', canonical: '0.0.0.0/0' },
  { note: 'all of IPv6', text: '::/0', canonical: '::/0' },
  { note: 'a prefix within a word', text: '2001:db8:8000::/33', canonical: '2001:db8:8000::/33' },
  { note: 'a prefix at a word', text: '2001:db8::/64', canonical: '2001:db8::/64' },
  { note: 'one address', text: '192.0.2.1/32', canonical: '192.0.2.1/32' },
  { note: 'mapped', text: '::ffff:192.0.2.0/120', canonical: '192.0.2.0/24' },
  { note: 'mapped in hex', text: '::ffff:0:0/96', canonical: '0.0.0.0/0' },
  { note: 'a mapped address', text: '::ffff:192.0.2.1', canonical: '192.0.2.1/32' },
])('reads $note', ({ text, canonical }) => {
  expect(network(text).text).toBe(canonical)
  expect(network(canonical)).toEqual(network(text))
})

test.each([
  { note: 'nothing', text: '', why: /not an IP address/ },
  { note: 'three octets', text: '1.2.3/24', why: /not an IP address/ },
  { note: 'no address', text: '/24', why: /not an IP address/ },
  { note: 'zone id', text: 'fe80::1%1/64', why: /not an IP address/ },
  { note: 'empty prefix', text: '127.0.0.1/', why: /0 to 32/ },
  { note: 'prefix too long for IPv4', text: '0.0.0.0/33', why: /0 to 32/ },
  { note: 'prefix too long for IPv6', text: '::/129', why: /0 to 128/ },
  { note: 'leading zero', text: '10.0.0.0/08', why: /0 to 32/ },
  { note: 'sign', text: '10.0.0.0/+8', why: /0 to 32/ },
  { note: 'space', text: '10.0.0.0/ 8', why: /0 to 32/ },
  { note: 'newline', text: '10.0.0.0/8\n', why: /0 to 32/ },
  { note: 'netmask', text: '10.0.0.0/255.0.0.0', why: /0 to 32/ },
  { note: 'two prefixes', text: '10.0.0.0/8/8', why: /0 to 32/ },
  { note: 'colon in the prefix', text: '10.0.0.0/8:8', why: /0 to 32/ },
  { note: 'IPv4 host bits', text: '10.0.0.1/8', why: /the network is 10\.0\.0\.0\/8/ },
  { note: 'IPv6 host bits', text: '2001:db8::1/64', why: /the network is 2001:db8::\/64/ },
  { note: 'host bits of a zero prefix', text: '1.0.0.0/0', why: /the network is 0\.0\.0\.0\/0/ },
  { note: 'mapped host bits', text: '::ffff:192.0.2.1/120', why: /the network is 192\.0\.2\.0\/24/ },
  { note: 'a mapped prefix beyond IPv4', text: '::ffff:0:0/95', why: /at least \/96/ },
])('refuses $note', ({ text, why }) => {
  expect(parseNetwork(text)).toEqual({ ok: false, why: expect.stringMatching(why) })
})

test.each([
  { net: '10.0.0.0/8', at: '10.255.255.255', inside: true },
  { net: '10.0.0.0/8', at: '11.0.0.0', inside: false },
  { net: '10.0.0.0/8', at: '9.255.255.255', inside: false },
  { net: '10.0.0.0/8', at: '::ffff:10.1.1.1', inside: true },
  { net: '0.0.0.0/0', at: '255.255.255.255', inside: true },
  { net: '0.0.0.0/0', at: '::1', inside: false },
  { net: '::/0', at: '1.2.3.4', inside: false },
  { net: '::/0', at: 'ffff::', inside: true },
  { net: '2001:db8::/33', at: '2001:db8:7fff:ffff::', inside: true },
  { net: '2001:db8::/33', at: '2001:db8:8000::', inside: false },
  { net: '128.0.0.0/1', at: '127.255.255.255', inside: false },
  { net: '128.0.0.0/1', at: '255.0.0.1', inside: true },
])('$at in $net: $inside', ({ net, at, inside }) => {
  expect(contains(network(net), address(at))).toBe(inside)
  expect(createNetworkSet([network(net)]).has(address(at))).toBe(inside)
})

test.each([
  { inner: '10.1.0.0/16', outer: '10.0.0.0/8', within: true },
  { inner: '10.0.0.0/8', outer: '10.0.0.0/8', within: true },
  { inner: '10.0.0.0/8', outer: '10.1.0.0/16', within: false },
  { inner: '11.0.0.0/16', outer: '10.0.0.0/8', within: false },
  { inner: '9.0.0.0/16', outer: '10.0.0.0/8', within: false },
  { inner: '::ffff:10.0.0.0/104', outer: '10.0.0.0/8', within: true },
  { inner: '10.0.0.0/8', outer: '::/0', within: false },
  { inner: '::/0', outer: '0.0.0.0/0', within: false },
])('$inner within $outer: $within', ({ inner, outer, within }) => {
  expect(networkWithin(network(inner), network(outer))).toBe(within)
})

test('covers all', () => {
  expect(['0.0.0.0/0', '::/0', '::ffff:0:0/96'].map((text) => coversAll(network(text)))).toEqual([true, true, true])
  expect(['0.0.0.0/1', '::/1', '128.0.0.0/1', '0.0.0.0'].map((text) => coversAll(network(text)))).toEqual([
    false,
    false,
    false,
    false,
  ])
})

const word = fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff))
const anyAddress = fc
  .oneof(
    fc.tuple(fc.constant(0), fc.constant(0), fc.constant(0xffff), word),
    fc.tuple(fc.constantFrom(0, 0x20010db8), fc.constantFrom(0, 0x80000000), fc.constantFrom(0, 0xfffe, 0x10000), word),
    fc.tuple(word, word, word, word),
  )
  .map(addressOf)
const anyNetwork = fc.tuple(anyAddress, fc.nat({ max: 128 })).map(([base, bits]) => {
  const refused = parseNetwork(`${base.text}/${base.family === 4 ? bits % 33 : bits}`)
  if (refused.ok) return refused.network
  return network(/the network is (\S+)$/.exec(refused.why)?.[1] as string)
})

describe('properties', () => {
  test('a network reads back from its text', () => {
    fc.assert(
      fc.property(anyNetwork, (net) => {
        expect(network(net.text)).toEqual(net)
      }),
    )
  })

  test('contains agrees with net.BlockList', () => {
    fc.assert(
      fc.property(anyNetwork, anyAddress, (net, at) => {
        const list = new BlockList()
        list.addSubnet(addressOf(net.first).text, net.prefix, net.family === 4 ? 'ipv4' : 'ipv6')
        // BlockList lets a wide IPv6 network hold mapped addresses; here the families never mix.
        if (net.family === at.family) expect(contains(net, at)).toBe(list.check(at.text, at.family === 4 ? 'ipv4' : 'ipv6'))
        else expect(contains(net, at)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a set has what any of its networks contains', () => {
    fc.assert(
      fc.property(
        fc.array(anyNetwork, { maxLength: 40 }),
        fc.array(anyAddress, { minLength: 1, maxLength: 40 }),
        (nets, addresses) => {
          const set = createNetworkSet(nets)
          const ends = nets.flatMap((net) => [addressOf(net.first), addressOf(net.last)])
          for (const at of [...addresses, ...ends]) expect(set.has(at)).toBe(nets.some((net) => contains(net, at)))
        },
      ),
    )
  })

  test('within means both ends are contained', () => {
    fc.assert(
      fc.property(anyNetwork, anyNetwork, (inner, outer) => {
        // An end in the IPv4-mapped place reads as IPv4, which no IPv6 network holds.
        fc.pre(addressOf(inner.first).family === inner.family && addressOf(inner.last).family === inner.family)
        const ends = contains(outer, addressOf(inner.first)) && contains(outer, addressOf(inner.last))
        expect(networkWithin(inner, outer)).toBe(inner.family === outer.family && ends)
      }),
    )
  })

  test('total: any text gives an answer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof parseNetwork(text).ok).toBe('boolean')
      }),
    )
  })
})
