import { describe, expect, test } from 'vitest'
import type { PolicyImage, ServiceImage } from '../model/policy-image.ts'
import { exampleImage } from '../testing/example-facts.ts'
import { createServiceFinder } from './services.ts'

type Claim = Pick<ServiceImage, 'hosts' | 'under'>

const imageOf = (claims: Readonly<Record<string, Claim>>): PolicyImage => ({
  ...exampleImage,
  services: Object.fromEntries(
    Object.entries(claims).map(([name, claim]) => [name, { ...(exampleImage.services.payments as ServiceImage), ...claim }]),
  ),
})

const image = imageOf({
  shop: { hosts: ['shop.example.com', 'shop.example.org'], under: [] },
  cart: { hosts: ['shop.example.com'], under: ['cart'] },
  items: { hosts: ['shop.example.com', 'shop.example.com'], under: ['cart', 'items'] },
  tenants: { hosts: ['*.example.com'], under: [] },
  api: { hosts: ['*.example.com'], under: ['api'] },
  deep: { hosts: ['api.deep.example.net'], under: ['v1'] },
  wide: { hosts: ['*.deep.example.net'], under: ['v1'] },
})
const find = createServiceFinder(image)

describe('which service claims', () => {
  test.each([
    { note: 'a host', host: 'shop.example.com', segments: [], name: 'shop' },
    { note: 'its other host', host: 'shop.example.org', segments: ['cart'], name: 'shop' },
    { note: 'a longer path before a shorter', host: 'shop.example.com', segments: ['cart'], name: 'cart' },
    { note: 'the longest', host: 'shop.example.com', segments: ['cart', 'items', '7'], name: 'items' },
    { note: 'whole segments only', host: 'shop.example.com', segments: ['cartoon'], name: 'shop' },
    { note: 'segments as spelled', host: 'shop.example.com', segments: ['Cart'], name: 'shop' },
    { note: 'a beginning only', host: 'shop.example.com', segments: ['items', 'cart'], name: 'shop' },
    {
      note: 'the exact host before the wildcard, however long its path',
      host: 'shop.example.com',
      segments: ['api'],
      name: 'shop',
    },
    { note: 'any first label', host: 'acme.example.com', segments: [], name: 'tenants' },
    { note: 'any first label, by path', host: 'acme.example.com', segments: ['api', 'x'], name: 'api' },
    { note: 'one label only', host: 'a.b.example.com', segments: [], name: null },
    { note: 'not the bare domain', host: 'example.com', segments: [], name: null },
    { note: 'not an empty label', host: '.example.com', segments: [], name: null },
    { note: 'a host without a dot', host: 'localhost', segments: [], name: null },
    { note: 'the wildcard itself is no host', host: '*', segments: [], name: null },
    {
      note: 'the exact host does not serve this path: the wildcard',
      host: 'api.deep.example.net',
      segments: ['v1'],
      name: 'deep',
    },
    { note: 'nobody at this path', host: 'api.deep.example.net', segments: [], name: null },
    { note: 'nobody', host: 'other.example', segments: [], name: null },
  ])('$note', ({ host, segments, name }) => {
    const found = find(host, segments)
    expect(found?.name ?? null).toBe(name)
    if (name !== null) expect(found?.image).toBe(image.services[name])
  })

  test('the wildcard serves what the exact host does not', () => {
    const both = createServiceFinder(
      imageOf({ narrow: { hosts: ['a.example.com'], under: ['x'] }, wide: { hosts: ['*.example.com'], under: [] } }),
    )
    expect(both('a.example.com', ['y'])?.name).toBe('wide')
  })

  test.each([
    { note: 'written first', names: ['a', 'b'] },
    { note: 'written last', names: ['b', 'a'] },
  ])('of equal claims the first by name: $note', ({ names }) => {
    const claims = Object.fromEntries(names.map((name) => [name, { hosts: ['x.example.com'], under: ['y'] }]))
    expect(createServiceFinder(imageOf(claims))('x.example.com', ['y'])?.name).toBe('a')
  })

  test('no service at all', () => expect(createServiceFinder(imageOf({}))('shop.example.com', [])).toBeNull())
})
