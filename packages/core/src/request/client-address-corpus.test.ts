import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { parseAddress } from '../lib/address.ts'
import { createNetworkSet, parseNetwork } from '../lib/network.ts'
import { clientAddress, type ProxyTrust } from './client-address.ts'

/** Tables of realclientip-go that say nothing about this walk, and why. */
const inapplicable: Readonly<Record<string, string>> = {
  TestRemoteAddrStrategy: 'the peer comes from the socket, an address without port; lib/address.test.ts runs its spellings',
  TestSingleIPHeaderStrategy: 'no single-address header is ever believed',
  TestLeftmostNonPrivateStrategy: 'the leftmost entry is the client’s own word',
  TestRightmostNonPrivateStrategy: 'trust is configured, never guessed from private ranges',
  TestRightmostTrustedCountStrategy: 'trust is by address, never by counting hops',
  TestAddressesAndRangesToIPNets: 'networks are read by lib/network',
  TestChainStrategy: 'there is one way, never a chain of attempts',
  TestParseIPAddr: 'lib/address.test.ts runs it',
  Test_goodIPAddr: 'lib/address.test.ts runs what it adds',
  Test_isPrivateOrLocal: 'private ranges are not special here',
}

/** Cases where this walk answers otherwise, and why. `null`: cannot be put, because our types do not allow it. */
const otherwise: Readonly<Record<string, readonly [answer: string | null, why: string]>> = {
  'Many kinds of ranges': [null, 'a network with host bits set is refused when configured'],
  'Cloudflare ranges': [null, 'the corpus holds no ranges'],
  'Peer untrusted IPv6 with zone: returns peer with zone': [null, 'a peer with a zone is refused before'],
  'Peer Unix socket: walks header as normal': [null, 'a peer without address is refused before'],
  'Peer empty: walks header as normal': [null, 'a peer without address is refused before'],
  'Peer garbage: walks header as normal': [null, 'a peer without address is refused before'],
  'Peer unspecified IP: walks header as normal': ['0.0.0.0', 'it is not among the trusted'],
  'Fail: no non-trusted IP': ['2.2.2.2', 'all trusted: an inner client, the farthest'],
  'Fail: no values in header': ['10.99.0.1', 'no header: the peer'],
  'Error: empty header nanme': [null, 'the field is one of two'],
  'Error: bad header nanme': [null, 'the field is one of two'],
}

const strict = 'RFC 7239 section 6: quote what holds a colon, bracket IPv6, no zone, no quoted IPv4 in brackets'
const forwardedOtherwise: Readonly<Record<string, string>> = {
  'IPv6 with quotes, no brackets, and no port': strict,
  'IPv6 with brackets, no quotes, and no port': strict,
  'IPv6 with port and no quotes': strict,
  'IPv6 with port, quotes, and zone': strict,
  'IPv6 with zone, no quotes, no port': strict,
  'IPv4 with port': strict,
  'Multiple IPv6 directives': strict,
  'Multiple mixed directives': strict,
  'RFC deviation: Incorrect whitespace': 'section 4 has no space round =',
}

interface Call {
  readonly $call: string
  readonly args: string
}
interface WalkCase {
  readonly name: string
  readonly args: {
    readonly headerName: string
    readonly headers: Readonly<Record<string, readonly string[] | string>>
    readonly remoteAddr?: string
    readonly trustedRanges: readonly string[] | string | null
  }
  readonly want?: string
}
interface ItemCase {
  readonly name: string
  readonly fwd: string
  readonly want: Call | null
}
interface Tables {
  readonly TestRightmostTrustedRangeStrategy: readonly WalkCase[]
  readonly Test_parseForwardedListItem: readonly ItemCase[]
  readonly Test_forwardedHeaderRFCDeviations: readonly {
    readonly name: string
    readonly args: { readonly headers: { readonly Forwarded: readonly string[] } }
  }[]
}

const trusting = (networks: readonly string[], field: ProxyTrust['field']): ProxyTrust => {
  const parsed = networks.map(parseNetwork)
  return { proxies: createNetworkSet(parsed.flatMap((one) => (one.ok ? [one.network] : []))), field }
}
const walk = (peer: string, lines: readonly string[], trust: ProxyTrust): string => {
  const address = parseAddress(peer)
  const fields = new Map([[trust.field ?? '', lines]])
  return (address === null ? null : clientAddress(address, fields, trust))?.text ?? ''
}

/** Cases without a peer of their own stand behind a proxy that is trusted. */
const runWalk = ({ args }: WalkCase): string => {
  const field = args.headerName.toLowerCase() as 'x-forwarded-for' | 'forwarded'
  const peer = args.remoteAddr?.replace(/:\d+$/, '')
  const ranges = (args.trustedRanges ?? []) as readonly string[]
  const trust = trusting(peer === undefined ? [...ranges, '10.99.0.1'] : ranges, field)
  const [, lines] = Object.entries(args.headers).find(([name]) => name.toLowerCase() === field) ?? ['', []]
  return walk(peer ?? '10.99.0.1', typeof lines === 'string' ? [] : lines, trust)
}

describeCorpus('ip', (path) => {
  const tables: Tables = JSON.parse(readFileSync(join(path, 'realclientip-cases.json'), 'utf8'))
  const walks = tables.TestRightmostTrustedRangeStrategy.filter(({ name }) => otherwise[name]?.[0] !== null)
  const proxied = trusting(['10.99.0.1'], 'forwarded')

  test.each(walks)('$name', (one) => {
    expect(runWalk(one)).toBe(otherwise[one.name]?.[0] ?? one.want)
  })

  test.each(tables.Test_parseForwardedListItem)('Forwarded item: $name', ({ name, fwd, want }) => {
    const wanted = want === null ? '' : (parseAddress(want.args.replace(/[("%)]|zone/g, ''))?.text ?? '')
    expect(walk('10.99.0.1', [fwd], proxied)).toBe(forwardedOtherwise[name] === undefined ? wanted : '')
  })

  test.each(tables.Test_forwardedHeaderRFCDeviations)('no deviation from RFC 7239 is read: $name', ({ name, args }) => {
    // A quoted pair is none: RFC 9110 section 5.6.4.
    expect(walk('10.99.0.1', args.headers.Forwarded, proxied)).toBe(name === 'Escaped character' ? '3.3.3.3' : '')
  })

  test('every table is run here or said not to apply', () => {
    const run = ['TestRightmostTrustedRangeStrategy', 'Test_parseForwardedListItem', 'Test_forwardedHeaderRFCDeviations']
    expect(new Set([...Object.keys(inapplicable), ...run])).toEqual(new Set(Object.keys(tables)))
    expect(
      Object.keys(otherwise).filter((name) => !tables.TestRightmostTrustedRangeStrategy.some((one) => one.name === name)),
    ).toEqual([])
  })
})
