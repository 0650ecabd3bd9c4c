import { readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { addressOf, parseAddress } from './address.ts'

test.each([
  { note: 'IPv4', text: '192.0.2.1', canonical: '192.0.2.1' },
  { note: 'lowest IPv4', text: '0.0.0.0', canonical: '0.0.0.0' },
  { note: 'highest IPv4', text: '255.255.255.255', canonical: '255.255.255.255' },
  { note: 'unspecified', text: '::', canonical: '::' },
  { note: 'written out', text: '0:0:0:0:0:0:0:0', canonical: '::' },
  { note: 'loopback', text: '::1', canonical: '::1' },
  { note: 'gap at the end', text: '1::', canonical: '1::' },
  { note: 'upper case', text: '2001:DB8::A', canonical: '2001:db8::a' },
  { note: 'leading zeros in a group', text: '2001:0db8::0001', canonical: '2001:db8::1' },
  { note: 'longest run is shortened', text: '2001:0:0:1:0:0:0:1', canonical: '2001:0:0:1::1' },
  { note: 'first of equal runs is shortened', text: '2001:db8:0:0:1:0:0:1', canonical: '2001:db8::1:0:0:1' },
  { note: 'a single zero group is not shortened', text: '2001:db8::1:1:1:1:1', canonical: '2001:db8:0:1:1:1:1:1' },
  { note: 'a gap of one group', text: '1:2:3:4:5:6:7::', canonical: '1:2:3:4:5:6:7:0' },
  { note: 'dotted tail', text: '64:ff9b::192.0.2.1', canonical: '64:ff9b::c000:201' },
  { note: 'dotted tail after six groups', text: '1:2:3:4:5:6:1.2.3.4', canonical: '1:2:3:4:5:6:102:304' },
  { note: 'compatible form stays IPv6', text: '::1.2.3.4', canonical: '::102:304' },
  { note: 'mapped is IPv4', text: '::ffff:192.0.2.1', canonical: '192.0.2.1' },
  { note: 'mapped in hex is IPv4', text: '::ffff:7f00:1', canonical: '127.0.0.1' },
  { note: 'mapped written out is IPv4', text: '0:0:0:0:0:FFFF:7f00:0001', canonical: '127.0.0.1' },
  { note: 'longest text', text: '0000:0000:0000:0000:0000:ffff:255.255.255.255', canonical: '255.255.255.255' },
])('reads $note', ({ text, canonical }) => {
  const address = parseAddress(text)
  expect(address?.text).toBe(canonical)
  expect(address?.family).toBe(canonical.includes(':') ? 6 : 4)
})

test.each(
  [
    ['nothing', ''],
    ['three octets', '1.2.3'],
    ['two octets, inet_aton', '127.1'],
    ['a plain number', '2130706433'],
    ['a hex number', '0x7f000001'],
    ['octal', '0177.0.0.1'],
    ['leading zero', '10.0.0.01'],
    ['two zeros', '1.2.3.00'],
    ['octet too large', '1.2.3.256'],
    ['octet of four digits', '1.2.3.1000'],
    ['five octets', '1.2.3.4.5'],
    ['dot at the end', '1.2.3.4.'],
    ['dot at the start', '.1.2.3.4'],
    ['empty octet', '1..3.4'],
    ['sign', '+1.2.3.4'],
    ['minus', '1.2.3.-4'],
    ['hex octet', '1.2.3.a'],
    ['space before', ' 1.2.3.4'],
    ['space after', '1.2.3.4 '],
    ['newline after', '1.2.3.4\n'],
    ['NUL after', '1.2.3.4\0'],
    ['port', '1.2.3.4:80'],
    ['prefix', '1.2.3.4/32'],
    ['full-width digits', '１.2.3.4'],
    ['full-width dot', '1。2.3.4'],
    ['name', 'localhost'],
    ['zone id', 'fe80::1%eth0'],
    ['empty zone id', 'fe80::1%'],
    ['brackets', '[::1]'],
    ['brackets and port', '[::1]:80'],
    ['one colon', ':'],
    ['three colons', ':::'],
    ['colon before', ':1:2:3:4:5:6:7'],
    ['colon before a gap of eight', ':1::2'],
    ['colon after', '1:2:3:4:5:6:7:'],
    ['gap and colon after', '1::2:'],
    ['two gaps', '1::2::3'],
    ['seven groups', '1:2:3:4:5:6:7'],
    ['nine groups', '1:2:3:4:5:6:7:8:9'],
    ['a gap of no group', '1:2:3:4::5:6:7:8'],
    ['five digits', '1:2:3:4:5:6:7:00008'],
    ['not hex', '1:2:3:4:5:6:7:g'],
    ['character above the letters', '::{'],
    ['mapped with leading zero', '::ffff:127.0.0.01'],
    ['mapped with three octets', '::ffff:127.0.1'],
    ['dotted within', '::1.2.3.4:5'],
    ['dotted before a gap', '1.2.3.4::'],
    ['dotted after seven groups', '1:2:3:4:5:6:7:1.2.3.4'],
    ['long', '1'.repeat(10_000)],
    ['long with colons', ':'.repeat(10_000)],
  ].map(([note, text]) => ({ note, text: text as string })),
)('refuses $note', ({ text }) => {
  expect(parseAddress(text)).toBeNull()
  expect(isIP(text) === 0 || text.includes('%')).toBe(true)
})

const word = fc.nat({ max: 0xffffffff })
const octets = fc.array(fc.nat({ max: 260 }), { minLength: 3, maxLength: 5 }).map((list) => list.join('.'))
const groups = fc
  .array(
    fc.oneof(
      fc.constantFrom('', '0', '0', 'ffff', '::'),
      fc.nat({ max: 0x1ffff }).map((n) => n.toString(16)),
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((list) => list.join(':'))
const nearly = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  octets,
  groups,
  fc.tuple(groups, octets).map((parts) => parts.join(':')),
  fc.string({ unit: fc.constantFrom(...'0123456789abcf:.:.%[]/ '.split('')), maxLength: 46 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

test('property: accepts exactly what net.isIP accepts, but no zones', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      expect(parseAddress(text) !== null).toBe(isIP(text) !== 0 && !text.includes('%'))
    }),
    { numRuns: 5_000 },
  )
})

test('property: text reads back as the same address', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.tuple(word, word, word, word), fc.tuple(fc.constant(0), fc.constant(0), fc.constantFrom(0, 1, 0xffff), word)),
      (words) => {
        const address = addressOf(words)
        expect(parseAddress(address.text)).toEqual(address)
        expect(isIP(address.text)).toBe(address.family)
      },
    ),
  )
})

test('property: the text of IPv6 is what the URL standard serialises (RFC 5952 but for mapped addresses)', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = parseAddress(text)
      if (address?.family === 6) expect(`[${address.text}]`).toBe(new URL(`http://[${text}]/`).hostname)
    }),
    { numRuns: 1_000 },
  )
})

test('property: two spellings are one address where net.BlockList says so', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), fc.boolean(), (one, another, again) => {
      const [a, b] = [parseAddress(one), parseAddress(again ? one.toUpperCase() : another)]
      const list = new BlockList()
      list.addAddress(one, 'ipv6')
      if (a !== null && b !== null) expect(a.text === b.text).toBe(list.check(b.text, b.family === 4 ? 'ipv4' : 'ipv6'))
    }),
  )
})

describeCorpus('ip', (path) => {
  interface Case {
    readonly name: string
    readonly args: Readonly<Record<string, unknown>>
    readonly want?: unknown
  }
  const tables = JSON.parse(readFileSync(join(path, 'realclientip-cases.json'), 'utf8')) as Record<string, readonly Case[]>
  const bare = (tables['TestRemoteAddrStrategy'] ?? []).flatMap(({ name, args, want }) => {
    const text = String(args['remoteAddr'])
    // That an unspecified address is no client is for the caller to say; it is an address.
    return typeof want === 'string' && want !== '' && !/[[\]%]|^[^:]*:[^:]*$/.test(text) ? [{ note: name, text, want }] : []
  })
  test('has cases', () => expect(bare.length).toBe(5))
  test.each(bare)('realclientip: $note', ({ text, want }) => expect(parseAddress(text)?.text ?? '').toBe(want))
})
