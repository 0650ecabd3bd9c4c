import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import { parseForwarded, type ForwardedElement } from './forwarded.ts'

const none: ForwardedElement = { for: null, by: null, host: null, proto: null }

const valid: readonly (readonly [text: string, elements: readonly Partial<ForwardedElement>[]])[] = [
  ['', []],
  [' ,\t, ', []],
  ['for=192.0.2.60', [{ for: '192.0.2.60' }]],
  ['For=192.0.2.60;Proto=http;BY=203.0.113.43', [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }]],
  ['for=192.0.2.43, for=198.51.100.17', [{ for: '192.0.2.43' }, { for: '198.51.100.17' }]],
  [
    'for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown',
    [{ for: '192.0.2.43' }, { for: '[2001:db8:cafe::17]' }, { for: 'unknown' }],
  ],
  ['for="_gazonk"', [{ for: '_gazonk' }]],
  ['for=_hidden, for=_SEVKISEK', [{ for: '_hidden' }, { for: '_SEVKISEK' }]],
  ['for="192.0.2.43:47011"', [{ for: '192.0.2.43:47011' }]],
  ['for="[2001:db8::1]:_port"', [{ for: '[2001:db8::1]:_port' }]],
  ['for="_a.b-c:_d"', [{ for: '_a.b-c:_d' }]],
  ['for="192.0.2.\\43"', [{ for: '192.0.2.43' }]],
  ['for=192.0.2.43 \t ;  proto=https \t , \t', [{ for: '192.0.2.43', proto: 'https' }]],
  ['for=192.0.2.43 ; proto=https ; ', [{ for: '192.0.2.43', proto: 'https' }]],
  [';for=192.0.2.43;', [{ for: '192.0.2.43' }]],
  ['for=192.0.2.43;host="a.test:8080"', [{ for: '192.0.2.43', host: 'a.test:8080' }]],
  ['for=192.0.2.43;secret="a;b, c=\\"\xe9\t"', [{ for: '192.0.2.43' }]],
  ['proto=h2c+x.y-z', [{ proto: 'h2c+x.y-z' }]],
]

const invalid = [
  'for',
  'for=',
  'for=;proto=http',
  'secret=',
  'secret=;for=192.0.2.43',
  '=192.0.2.43',
  'for =192.0.2.43',
  'for= 192.0.2.43',
  'for=192.0.2.43;for=192.0.2.44',
  'secret=a;SECRET=b',
  'for=192.0.2.60:4711',
  'for=[2001:db8::1]',
  'for="2001:db8::1"',
  'for="192.0.2.43',
  'for="192.0.2.43\\',
  'for="192.0.2.43"x',
  'for=x"192.0.2.43"',
  'for="a\x00"',
  'secret="a\x7f"',
  'secret="a\\\x01"',
  'for=""',
  'for=example.com',
  'for="192.0.2.43:123456"',
  'for="192.0.2.43:"',
  'for="_"',
  'for="unknown x"',
  'for=x192.0.2.43',
  'for=192.0.2.43x',
  'by=example',
  'host=""',
  'host="a b"',
  'host="a/b"',
  'proto=1http',
  'proto="ht tp"',
  'for=192.0.2.43 proto=http',
  'for=192.0.2.43 x',
  'for=192.0.2.43\n',
  '\xa0for=192.0.2.43',
]

describe('parseForwarded', () => {
  test.each(valid)('reads %j', (text, elements) => {
    expect(parseForwarded(text)).toEqual(elements.map((element) => ({ ...none, ...element })))
  })

  test.each(invalid)('refuses %j', (text) => {
    expect(parseForwarded(text)).toBeNull()
  })

  test('is total', () => {
    const piece = fc.constantFrom('for=', '"', '\\', ';', ',', '=', ' ', '192.0.2.1', '[::1]', '_x', 'a')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const elements = parseForwarded(text)
          expect(elements === null || elements.length <= text.length).toBe(true)
        },
      ),
    )
  })
})

/** HAProxy knows four parameters; RFC 7239 section 5.5 lets others stand. */
const extensions: ReadonlySet<string> = new Set(['fore="unknown:132"'])

interface Cases {
  readonly validity: readonly { readonly forwarded: string; readonly valid: boolean }[]
  readonly nodes: readonly { readonly forwarded: string; readonly nodename: string; readonly nodeport?: string }[]
}

describeCorpus('haproxy', (path) => {
  const cases: Cases = JSON.parse(readFileSync(join(path, 'forwarded-7239.json'), 'utf8'))
  test.each(cases.validity)('$forwarded', (one) => {
    expect(parseForwarded(one.forwarded) !== null).toBe(one.valid || extensions.has(one.forwarded))
  })
  test.each(cases.nodes)('$forwarded: $nodename', ({ forwarded, nodename, nodeport }) => {
    const name = nodename.includes(':') ? `[${nodename}]` : nodename
    expect(parseForwarded(forwarded)?.[0]?.for).toBe(nodeport === undefined ? name : `${name}:${nodeport}`)
  })
})
