import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { addressOf, parseAddress, type Address } from '../lib/address.ts'
import { createNetworkSet, parseNetwork, type Network } from '../lib/network.ts'
import { clientAddress, NO_PROXIES, trustFault, type ProxyTrust } from './client-address.ts'

const networksOf = (texts: readonly string[]): readonly Network[] =>
  texts.map((text) => {
    const parsed = parseNetwork(text)
    if (!parsed.ok) throw new Error(`${text}: ${parsed.why}`)
    return parsed.network
  })

const trusting = (networks: readonly string[], field: ProxyTrust['field']): ProxyTrust => ({
  proxies: createNetworkSet(networksOf(networks)),
  field,
})

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  if (parsed === null) throw new Error(text)
  return parsed
}

const walk = (peer: string, lines: readonly string[], trust: ProxyTrust): string =>
  clientAddress(address(peer), new Map(lines.length > 0 && trust.field !== null ? [[trust.field, lines]] : []), trust)?.text ??
  'refused'

const inside = ['10.0.0.0/8', '2001:db8:1::/48']
const forwardedFor: readonly (readonly [note: string, lines: readonly string[], client: string])[] = [
  ['no line', [], '10.0.0.1'],
  ['an empty line', [''], '10.0.0.1'],
  ['one hop', ['203.0.113.9'], '203.0.113.9'],
  ['the client’s own word on the left', ['127.0.0.1, 203.0.113.9'], '203.0.113.9'],
  ['garbage on the left is not looked at', ['"!<, 203.0.113.9'], '203.0.113.9'],
  ['a trusted hop between', ['127.0.0.1,203.0.113.9,10.2.2.2'], '203.0.113.9'],
  ['several lines in order', ['127.0.0.1', '203.0.113.9'], '203.0.113.9'],
  ['an empty line last adds nothing', ['203.0.113.9', ''], '203.0.113.9'],
  ['white space', ['203.0.113.9 ,\t 10.2.2.2'], '203.0.113.9'],
  ['more white space', ['203.0.113.9 \t , \t 10.2.2.2  '], '203.0.113.9'],
  ['white space within', ['203.0.113. 9'], 'refused'],
  ['something before a bracket', ['x[2001:db8::1]'], 'refused'],
  ['all trusted: the farthest', ['10.3.3.3, 10.4.4.4'], '10.3.3.3'],
  ['port', ['203.0.113.9:4711'], '203.0.113.9'],
  ['highest port', ['203.0.113.9:65535'], '203.0.113.9'],
  ['IPv6', ['2001:db8::1'], '2001:db8::1'],
  ['IPv6 in brackets', ['[2001:DB8::1]'], '2001:db8::1'],
  ['IPv6 in brackets with port', ['[2001:db8::1]:443'], '2001:db8::1'],
  ['IPv6 that ends like a port', ['2001:db8::1:443'], '2001:db8::1:443'],
  ['mapped', ['::ffff:203.0.113.9'], '203.0.113.9'],
  ['mapped in brackets', ['[::ffff:cb00:7109]:1'], '203.0.113.9'],
  ['mapped trusted hop', ['203.0.113.9, ::ffff:10.2.2.2'], '203.0.113.9'],
  ['trusted IPv6 hop with port', ['203.0.113.9, [2001:db8:1::7]:443'], '203.0.113.9'],
  ['garbage in front of the peer', ['203.0.113.9, garbage'], 'refused'],
  ['unknown', ['203.0.113.9, unknown'], 'refused'],
  ['hidden', ['203.0.113.9, _hidden'], 'refused'],
  ['behind a trusted hop', ['203.0.113.9, garbage, 10.2.2.2'], 'refused'],
  ['an empty element', ['203.0.113.9, , 10.2.2.2'], 'refused'],
  ['an empty element last', ['203.0.113.9,'], 'refused'],
  ['an octet too large', ['1.2.3.256'], 'refused'],
  ['a leading zero', ['127.0.0.01'], 'refused'],
  ['octal', ['0177.0.0.1'], 'refused'],
  ['one number', ['2130706433'], 'refused'],
  ['a zone', ['2001:db8::1%eth0'], 'refused'],
  ['a zone in brackets', ['[2001:db8::1%eth0]:1'], 'refused'],
  ['three colons', ['1234:::5678'], 'refused'],
  ['unspecified', ['0.0.0.0'], 'refused'],
  ['unspecified IPv6', ['::'], 'refused'],
  ['IPv4 in brackets', ['[203.0.113.9]'], 'refused'],
  ['bracket without end', ['[2001:db8::1'], 'refused'],
  ['bracket and garbage', ['[2001:db8::1]x'], 'refused'],
  ['empty brackets', ['[]'], 'refused'],
  ['empty port', ['203.0.113.9:'], 'refused'],
  ['empty port after brackets', ['[2001:db8::1]:'], 'refused'],
  ['port too large', ['203.0.113.9:65536'], 'refused'],
  ['port of six digits', ['203.0.113.9:000080'], 'refused'],
  ['port of letters', ['203.0.113.9:http'], 'refused'],
  ['no-break space', ['\xa0203.0.113.9'], 'refused'],
  ['quotes', ['"203.0.113.9"'], 'refused'],
]

const forwarded: readonly (readonly [note: string, lines: readonly string[], client: string])[] = [
  ['no line', [], '10.0.0.1'],
  ['an empty line', [''], '10.0.0.1'],
  ['one hop', ['for=203.0.113.9;proto=https;by=10.0.0.1'], '203.0.113.9'],
  ['the client’s own word on the left', ['for=127.0.0.1, for=203.0.113.9'], '203.0.113.9'],
  ['several lines in order', ['for=127.0.0.1', 'For="[2001:db8::1]:4711"'], '2001:db8::1'],
  ['a trusted hop between', ['for=203.0.113.9, for="10.2.2.2:80"'], '203.0.113.9'],
  ['hidden on the left', ['for=_secret, for=203.0.113.9'], '203.0.113.9'],
  ['hidden in front', ['for=203.0.113.9, for=_secret'], 'refused'],
  ['unknown in front', ['for=203.0.113.9, for=unknown'], 'refused'],
  ['an element that does not say', ['for=203.0.113.9, proto=https'], 'refused'],
  ['a quote of the client does not swallow the proxy’s word', ['for="1.1.1.1, for=203.0.113.9'], 'refused'],
  ['nor in a parameter nobody knows', ['for=1.1.1.1;x=", for="[2001:db8::1]"'], 'refused'],
  ['nor in a line of its own', ['for="1.1.1.1', 'for=203.0.113.9'], '203.0.113.9'],
  ['nor when a trusted hop leads to it', ['for="1.1.1.1', 'for=10.2.2.2'], 'refused'],
  ['obfuscated port', ['for="203.0.113.9:_port"'], 'refused'],
]

describe('clientAddress', () => {
  test.each(forwardedFor)('X-Forwarded-For: %s', (_note, lines, client) => {
    expect(walk('10.0.0.1', lines, trusting(inside, 'x-forwarded-for'))).toBe(client)
  })

  test.each(forwarded)('Forwarded: %s', (_note, lines, client) => {
    expect(walk('10.0.0.1', lines, trusting(inside, 'forwarded'))).toBe(client)
  })

  test('asks nobody when the peer is not trusted, no field is configured, or the other field is sent', () => {
    const trust = trusting(inside, 'x-forwarded-for')
    expect(walk('203.0.113.7', ['127.0.0.1'], trust)).toBe('203.0.113.7')
    expect(walk('10.0.0.1', ['127.0.0.1'], NO_PROXIES)).toBe('10.0.0.1')
    const fields = new Map([
      ['x-forwarded-for', ['127.0.0.1']],
      ['forwarded', ['for=127.0.0.1']],
    ])
    expect(clientAddress(address('10.0.0.1'), fields, trusting(inside, null))?.text).toBe('10.0.0.1')
    expect(clientAddress(address('10.0.0.1'), new Map([['forwarded', ['for=127.0.0.1']]]), trust)?.text).toBe('10.0.0.1')
  })

  test('is total, and what it gives was the peer or came from an untrusted or the farthest hop', () => {
    const trust = trusting(inside, 'x-forwarded-for')
    const piece = fc.oneof(fc.constantFrom('10.1.1.1', '203.0.113.9', '[2001:db8::1]:1', '::', 'unknown', ','), fc.string())
    fc.assert(
      fc.property(fc.array(fc.array(piece).map((pieces) => pieces.join(','))), (lines) => {
        for (const one of [trust, trusting(inside, 'forwarded')]) expect(typeof walk('10.0.0.1', lines, one)).toBe('string')
      }),
    )
  })

  test('nothing a client writes in front of an untrusted hop changes the answer', () => {
    const trust = trusting(inside, 'x-forwarded-for')
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(), (spoofed, word) => {
        const hop = addressOf([0x2001_0db8, 0xffff_0000, 1, word]).text
        expect(walk('10.0.0.1', [...spoofed, `${spoofed.join(',')},${hop}, 10.9.9.9`], trust)).toBe(hop)
      }),
    )
  })
})

describe('trustFault', () => {
  test.each([
    [['10.0.0.0/8', '0.0.0.0/0'], '0.0.0.0/0 trusts every client to name its own address'],
    [['::/0'], '::/0 trusts every client to name its own address'],
    [['10.0.0.0/8', '::1'], null],
    [[], null],
  ])('%j: %s', (networks, fault) => {
    expect(trustFault(networksOf(networks))).toBe(fault)
  })
})

interface Vectors {
  readonly xff_cases: readonly {
    readonly trusted: readonly string[]
    readonly peer: string
    readonly xff: string
    readonly client: string
  }[]
}

describeCorpus('bypass', (path) => {
  const vectors: Vectors = JSON.parse(readFileSync(join(path, 'header-ip-vectors.json'), 'utf8'))
  test.each(vectors.xff_cases)('$peer trusting $trusted: $xff', ({ trusted, peer, xff, client }) => {
    const lines = xff.startsWith('<two header lines> ') ? xff.slice('<two header lines> '.length).split(' | ') : [xff]
    const expected = client.startsWith('deny') ? 'refused' : (client.split(' ')[0] as string)
    expect(walk(peer, lines, trusting(trusted, 'x-forwarded-for'))).toBe(expected)
  })
})
