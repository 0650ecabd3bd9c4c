import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'
import { parseProxyHeader, PROXY_HEADER_LONGEST } from './proxy-protocol.ts'

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
const V4 = [203, 0, 113, 9, 10, 0, 0, 1, 0xdc, 0x04, 0x01, 0xbb]
const V6 = [0x20, 1, 0x0d, 0xb8, ...Array<number>(11).fill(0), 7, ...Array<number>(16).fill(1), 0xdc, 4, 1, 0xbb]
const MAPPED = [...Array<number>(10).fill(0), 255, 255, 203, 0, 113, 9, ...V6.slice(16)]
const LOCAL = 0x20
const PROXY = 0x21

interface Binary {
  readonly command?: number
  readonly family: number
  readonly body: readonly number[]
  readonly length?: number
}

const binary = ({ command = PROXY, family, body, length = body.length }: Binary): Uint8Array =>
  Uint8Array.from([...SIGNATURE, command, family, length >> 8, length & 255, ...body])

const tlv = (type: number, value: readonly number[]): number[] => [type, value.length >> 8, value.length & 255, ...value]

/** A header whose last extension is its checksum, `off` added to it. */
const summed = (body: readonly number[], off = 0): Uint8Array => {
  const header = binary({ family: 0x11, body: [...V4, ...body, ...tlv(3, [0, 0, 0, 0])] })
  new DataView(header.buffer).setUint32(header.length - 4, (crc32c(header, -1) + off) >>> 0)
  return header
}

const accepted: readonly (readonly [note: string, header: Uint8Array, source: string | null])[] = [
  ['TCP4', ascii('PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n'), '192.168.0.1'],
  ['TCP4, longest', ascii('PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n'), '255.255.255.255'],
  ['TCP4, port 0', ascii('PROXY TCP4 192.0.2.1 192.0.2.2 0 0\r\n'), '192.0.2.1'],
  ['TCP6', ascii('PROXY TCP6 2001:DB8::7 ::1 56324 443\r\n'), '2001:db8::7'],
  ['TCP6, mapped', ascii('PROXY TCP6 ::ffff:cb00:7109 ::1 1 2\r\n'), '203.0.113.9'],
  ['UNKNOWN, short', ascii('PROXY UNKNOWN\r\n'), null],
  ['UNKNOWN, the rest is ignored', ascii('PROXY UNKNOWN 1.2.3.4 garbage \x00\xff\r\n'), null],
  ['UNKNOWN, 107 bytes', ascii(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`), null],
  ['LOCAL', binary({ command: LOCAL, family: 0, body: [] }), null],
  ['LOCAL skips what it announces', binary({ command: LOCAL, family: 0x11, body: [1, 2, 3] }), null],
  ['LOCAL of any family', binary({ command: LOCAL, family: 0xff, body: [] }), null],
  ['UNSPEC', binary({ family: 0, body: [] }), null],
  ['UNSPEC skips what it announces', binary({ family: 0, body: [9, 9] }), null],
  ['TCP over IPv4', binary({ family: 0x11, body: V4 }), '203.0.113.9'],
  ['TCP over IPv6', binary({ family: 0x21, body: V6 }), '2001:db8::7'],
  ['TCP over IPv6, mapped', binary({ family: 0x21, body: MAPPED }), '203.0.113.9'],
  ['local socket', binary({ family: 0x31, body: Array<number>(216).fill(65) }), null],
  [
    'extensions',
    binary({ family: 0x11, body: [...V4, ...tlv(1, [104, 50]), ...tlv(4, []), ...tlv(0x20, [7, 0])] }),
    '203.0.113.9',
  ],
  [
    'extension of more than 255 bytes',
    binary({ family: 0x11, body: [...V4, ...tlv(4, Array<number>(300).fill(0))] }),
    '203.0.113.9',
  ],
  ['checksum', summed([]), '203.0.113.9'],
  ['checksum after another extension', summed(tlv(2, [97, 46, 98])), '203.0.113.9'],
]

const v1 = (line: string): Uint8Array => ascii(`PROXY ${line}\r\n`)

const invalid: readonly (readonly [why: string, note: string, header: Uint8Array])[] = [
  ['no signature of the PROXY protocol', 'an HTTP request', ascii('GET / HTTP/1.1\r\n')],
  ['no signature of the PROXY protocol', 'lower case', ascii('proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n')],
  ['no signature of the PROXY protocol', 'one wrong byte', ascii('PROXX')],
  ['no signature of the PROXY protocol', 'two spaces expected as one', ascii('PROXY\tTCP4')],
  ['no signature of the PROXY protocol', 'white space first', ascii(' PROXY TCP4')],
  ['no signature of the PROXY protocol', 'version 2, one wrong byte', Uint8Array.from([13, 10, 13, 10, 0, 13, 11])],
  ['not the words of a version 1 header', 'two spaces', v1(' TCP4 1.2.3.4 1.2.3.4 1 1')],
  ['not the words of a version 1 header', 'space last', v1('TCP4 1.2.3.4 1.2.3.4 1 1 ')],
  ['not the words of a version 1 header', 'a word missing', v1('TCP4 1.2.3.4 1.2.3.4 1')],
  ['not the words of a version 1 header', 'another protocol', v1('UDP4 1.2.3.4 1.2.3.4 1 1')],
  ['not the words of a version 1 header', 'lower case', v1('tcp4 1.2.3.4 1.2.3.4 1 1')],
  ['not the words of a version 1 header', 'UNKNOWN and more', v1('UNKNOWNX')],
  ['not the words of a version 1 header', 'nothing', v1('')],
  ['an address is not in canonical form', 'leading zero', v1('TCP4 192.168.0.01 1.2.3.4 1 1')],
  ['an address is not in canonical form', 'octet too large', v1('TCP4 1.2.3.256 1.2.3.4 1 1')],
  ['an address is not in canonical form', 'three octets', v1('TCP4 1.2.3 1.2.3.4 1 1')],
  ['an address is not in canonical form', 'IPv6 in TCP4', v1('TCP4 ::1 1.2.3.4 1 1')],
  ['an address is not in canonical form', 'IPv4 in TCP6', v1('TCP6 1.2.3.4 ::1 1 1')],
  ['an address is not in canonical form', 'dotted tail in TCP6', v1('TCP6 ::ffff:1.2.3.4 ::1 1 1')],
  ['an address is not in canonical form', 'zone', v1('TCP6 fe80::1%eth0 ::1 1 1')],
  ['an address is not in canonical form', 'destination', v1('TCP4 1.2.3.4 x 1 1')],
  ['an address is not in canonical form', 'destination of the other family', v1('TCP4 1.2.3.4 ::1 1 1')],
  ['a port is not a number from 0 to 65535', 'too large', v1('TCP4 1.2.3.4 1.2.3.4 65536 1')],
  ['a port is not a number from 0 to 65535', 'leading zero', v1('TCP4 1.2.3.4 1.2.3.4 1 01')],
  ['a port is not a number from 0 to 65535', 'sign', v1('TCP4 1.2.3.4 1.2.3.4 +1 1')],
  ['a port is not a number from 0 to 65535', 'letters', v1('TCP4 1.2.3.4 1.2.3.4 1 http')],
  ['an LF stands alone', 'LF only', ascii('PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n')],
  ['a CR stands alone', 'CR only', ascii('PROXY TCP4 1.2.3.4 1.2.3.4 1 1\rGET')],
  ['no end of line within 107 bytes', 'one byte too long', ascii(`PROXY UNKNOWN ${'f'.repeat(92)}\r\n`)],
  ['no end of line within 107 bytes', 'CR as the 107th byte', ascii(`PROXY UNKNOWN ${'f'.repeat(92)}\r`)],
  ['not version 2, LOCAL or PROXY', 'version 1', binary({ command: 0x11, family: 0x11, body: V4 })],
  ['not version 2, LOCAL or PROXY', 'command 2', binary({ command: 0x22, family: 0x11, body: V4 })],
  ['not version 2, LOCAL or PROXY', 'at once', Uint8Array.from([...SIGNATURE, 0x31])],
  ['not a stream over IPv4, IPv6 or a local socket', 'UDP over IPv4', binary({ family: 0x12, body: V4 })],
  ['not a stream over IPv4, IPv6 or a local socket', 'UDP over IPv6', binary({ family: 0x22, body: V6 })],
  ['not a stream over IPv4, IPv6 or a local socket', 'family 4', binary({ family: 0x41, body: V4 })],
  ['not a stream over IPv4, IPv6 or a local socket', 'protocol 3', binary({ family: 0x13, body: V4 })],
  ['too short for its addresses', 'IPv4', binary({ family: 0x11, body: V4.slice(1) })],
  ['too short for its addresses', 'IPv6', binary({ family: 0x21, body: V6.slice(1) })],
  ['too short for its addresses', 'local socket', binary({ family: 0x31, body: Array<number>(215).fill(0) })],
  ['the extensions are not well formed', 'half a header', binary({ family: 0x11, body: [...V4, 4, 0] })],
  ['the extensions are not well formed', 'longer than the rest', binary({ family: 0x11, body: [...V4, 4, 0, 2, 0] })],
  [
    'the extensions are not well formed',
    'checksum of three bytes',
    binary({ family: 0x11, body: [...V4, ...tlv(3, [0, 0, 0])] }),
  ],
  ['the extensions are not well formed', 'two checksums', summed(tlv(3, [0, 0, 0, 0]))],
  ['the extensions are not well formed', 'cut checksum', binary({ family: 0x11, body: [...V4, 3, 0, 4, 0, 0, 0] })],
  ['the checksum does not match', 'off by one', summed([], 1)],
]

describe('parseProxyHeader', () => {
  test.each(accepted)('accepts %s', (_note, header, source) => {
    const stream = Uint8Array.from([...header, ...ascii('GET / HTTP/1.1\r\n')])
    for (const bytes of [header, stream]) {
      const result = parseProxyHeader(bytes)
      expect(result).toMatchObject({ status: 'ok', consumed: header.length })
      expect(result.status === 'ok' && (result.source?.text ?? null)).toBe(source)
    }
  })

  test.each(accepted)('waits for all of %s', (_note, header) => {
    for (let length = 0; length < header.length; length++) {
      expect(parseProxyHeader(header.subarray(0, length))).toEqual({ status: 'incomplete' })
    }
  })

  test.each(invalid)('refuses, because %s: %s', (why, _note, header) => {
    expect(parseProxyHeader(header)).toEqual({ status: 'invalid', why })
  })

  test('reads where the bytes stand in a larger buffer', () => {
    const header = summed([])
    const buffer = Uint8Array.from([1, 2, 3, ...header])
    expect(parseProxyHeader(buffer.subarray(3))).toMatchObject({ status: 'ok', consumed: header.length })
  })

  test('is total, and never waits for more than the longest header', () => {
    const start = fc.constantFrom(
      ascii('PROXY TCP4 '),
      ascii('PROXY UNKNOWN'),
      Uint8Array.from([...SIGNATURE, PROXY, 0x11]),
      ascii(''),
    )
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 400 }), (head, tail) => {
        const bytes = Uint8Array.from([...head, ...tail])
        const result = parseProxyHeader(bytes)
        expect(result.status === 'incomplete' ? bytes.length < PROXY_HEADER_LONGEST : true).toBe(true)
        if (result.status === 'ok') expect(result.consumed).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })

  test('a header with any bit of it turned is refused, but where only ports and the checked bytes agree', () => {
    const header = summed(tlv(2, [97]))
    for (let bit = 16 * 8; bit < header.length * 8; bit++) {
      const turned = Uint8Array.from(header)
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7))
      const result = parseProxyHeader(turned)
      // The type of the checksum itself can be turned into one that is ignored.
      const isType = bit >> 3 === header.length - 7
      expect(result.status === 'invalid' || isType, `bit ${bit}`).toBe(true)
    }
  })
})

describe('crc32c', () => {
  test.each([
    ['123456789', ascii('123456789'), 0xe3069283],
    ['32 zeros (RFC 3720 B.4)', new Uint8Array(32), 0x8a9136aa],
    ['32 ones (RFC 3720 B.4)', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['nothing', new Uint8Array(0), 0],
  ])('%s', (_note, bytes, sum) => {
    expect(crc32c(bytes, -1)).toBe(sum)
  })

  test('takes four bytes for zero', () => {
    expect(crc32c(ascii('1234XXXX9'), 4)).toBe(crc32c(Uint8Array.from([49, 50, 51, 52, 0, 0, 0, 0, 57]), -1))
  })
})
