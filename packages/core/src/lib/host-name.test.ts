import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHost } from './host-name.ts'

test.each([
  { text: 'example.com', host: 'example.com', port: null },
  { text: 'EXAMPLE.com.', host: 'example.com', port: null },
  { text: 'example.com:8443', host: 'example.com', port: 8443 },
  { text: 'example.com.:1', host: 'example.com', port: 1 },
  { text: 'localhost:65535', host: 'localhost', port: 65_535 },
  { text: 'xn--bcher-kva.example', host: 'xn--bcher-kva.example', port: null },
  { text: '1.example', host: '1.example', port: null },
  { text: 'a-b.c--d', host: 'a-b.c--d', port: null },
  { text: `${'a'.repeat(63)}.example`, host: `${'a'.repeat(63)}.example`, port: null },
  { text: `${'a.'.repeat(126)}b.:65535`, host: `${'a.'.repeat(126)}b`, port: 65_535 },
  { text: '192.0.2.1', host: '192.0.2.1', port: null },
  { text: '192.0.2.1:80', host: '192.0.2.1', port: 80 },
  { text: '[2001:DB8::0001]', host: '[2001:db8::1]', port: null },
  { text: '[::1]:8080', host: '[::1]', port: 8080 },
  { text: '[::ffff:192.0.2.1]:80', host: '192.0.2.1', port: 80 },
])('reads $text', ({ text, host, port }) => expect(parseHost(text)).toEqual({ ok: true, host, port }))

test.each([
  { note: 'nothing', text: '', why: /empty/ },
  { note: 'a dot', text: '.', why: /neither/ },
  { note: 'two dots at the end', text: 'example.com..', why: /neither/ },
  { note: 'an empty label', text: 'a..b', why: /neither/ },
  { note: 'a dot first', text: '.example.com', why: /neither/ },
  { note: 'user info', text: 'good@evil', why: /character/ },
  { note: 'user info with password', text: 'a:b@evil', why: /character/ },
  { note: 'a path', text: 'a/b', why: /character/ },
  { note: 'a query', text: 'a?b', why: /character/ },
  { note: 'a fragment', text: 'a#b', why: /character/ },
  { note: 'a backslash', text: 'a\\b', why: /character/ },
  { note: 'a list', text: 'x,for=127.0.0.1', why: /character/ },
  { note: 'percent', text: 'ex%61mple.com', why: /character/ },
  { note: 'an underscore', text: 'my_service', why: /character/ },
  { note: 'a space', text: 'a b', why: /character/ },
  { note: 'a space before', text: ' a', why: /character/ },
  { note: 'a line break', text: 'a\r\nb', why: /character/ },
  { note: 'a newline at the end', text: 'example.com\n', why: /character/ },
  { note: 'NUL', text: 'a\0', why: /character/ },
  { note: 'a U-label', text: 'b\u00fccher.example', why: /character/ },
  { note: 'the Kelvin sign', text: '\u212aiosk.example', why: /character/ },
  { note: 'a full-width dot', text: 'example\u3002com', why: /character/ },
  { note: 'a scheme', text: 'http://a', why: /character/ },
  { note: 'a wildcard', text: '*.example.com', why: /character/ },
  { note: 'a hyphen first', text: '-a.example', why: /neither/ },
  { note: 'a hyphen last', text: 'a-.example', why: /neither/ },
  { note: 'a long label', text: `${'a'.repeat(64)}.example`, why: /neither/ },
  { note: 'a long name', text: `${'a.'.repeat(126)}bc`, why: /neither/ },
  { note: 'a very long text', text: 'a'.repeat(100_000), why: /too long/ },
  { note: 'short IPv4', text: '127.1', why: /neither/ },
  { note: 'a number', text: '2130706433', why: /neither/ },
  { note: 'a hex number', text: '0x7f000001', why: /neither/ },
  { note: 'a hex last label', text: 'a.0x1', why: /neither/ },
  { note: 'octal', text: '0177.0.0.1', why: /neither/ },
  { note: 'octet too large', text: '1.2.3.256', why: /neither/ },
  { note: 'an address with a dot after', text: '127.0.0.1.', why: /neither/ },
  { note: 'bare IPv6', text: '::1', why: /neither/ },
  { note: 'IPv4 in brackets', text: '[127.0.0.1]', why: /neither/ },
  { note: 'a name in brackets', text: '[localhost]', why: /neither/ },
  { note: 'an open bracket', text: '[::1', why: /neither/ },
  { note: 'a bracket too many', text: '[[::1]]', why: /neither/ },
  { note: 'text after the bracket', text: '[::1]a', why: /neither/ },
  { note: 'digits after the bracket', text: '[::1]80', why: /neither/ },
  { note: 'a zone id', text: '[fe80::1%25eth0]', why: /character/ },
  { note: 'an empty port', text: 'example.com:', why: /port/ },
  { note: 'port 0', text: 'example.com:0', why: /port/ },
  { note: 'a leading zero', text: 'example.com:080', why: /port/ },
  { note: 'port 65536', text: 'example.com:65536', why: /port/ },
  { note: 'a long port', text: 'example.com:100000', why: /port/ },
  { note: 'two ports', text: 'example.com:80:80', why: /port/ },
  { note: 'a name for port', text: 'example.com:http', why: /port/ },
  { note: 'a port alone', text: ':80', why: /neither/ },
])('refuses $note', ({ text, why }) => {
  const parsed = parseHost(text)
  expect(parsed).toEqual({ ok: false, why: expect.stringMatching(why) })
  if (!parsed.ok && text.length > 3) expect(parsed.why).not.toContain(text)
})

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)
const name = fc
  .tuple(fc.array(label, { maxLength: 4 }), fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/))
  .map(([labels, last]) => [...labels, last].join('.'))
const port = fc.integer({ min: 1, max: 65_535 })

test('property: case and one trailing dot do not matter', () => {
  fc.assert(
    fc.property(name, port, (host, number) => {
      const read = { ok: true, host, port: number }
      expect(parseHost(`${host}:${number}`)).toEqual(read)
      expect(parseHost(`${host.toUpperCase()}.:${number}`)).toEqual(read)
    }),
  )
})

test('property: what is accepted is canonical, and is the host that the URL parser reads', () => {
  const soup = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'aB1.:[]-xf0@_%/ '.split('')), maxLength: 20 }),
    fc
      .tuple(
        fc.oneof(
          fc.ipV4(),
          fc.ipV4Extended(),
          fc.ipV6().map((text) => `[${text}]`),
          name,
        ),
        fc.constantFrom('', '.', ':80', ':'),
      )
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(soup, (text) => {
      const parsed = parseHost(text)
      if (!parsed.ok) return
      const { host, port: number } = parsed
      expect(parseHost(number === null ? host : `${host}:${number}`)).toEqual(parsed)
      const url = new URL(`ws://${host}:${number ?? 1}/`)
      const mapped = url.hostname.startsWith('[::ffff:')
      expect(mapped || url.hostname === host).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})
