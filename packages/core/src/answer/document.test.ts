import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markup, pageAnswer, PLAIN, seeOther } from './document.ts'

test('values are text, whatever they hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { text: html } = markup`<p title="${text}">${text}</p>`
      expect(html.match(/[<>]/g)).toHaveLength(4)
      expect(html.match(/"/g)).toHaveLength(2)
    }),
  )
})

test('markup within markup stays as it is', () => {
  const items = ['a<', 'b'].map((item) => markup`<li>${item}</li>`)
  expect(markup`<ul>${items}</ul>${markup`<hr>`}${7}`.text).toBe('<ul><li>a&lt;</li><li>b</li></ul><hr>7')
})

test('the style of an operator cannot leave its element', () => {
  const theme = { name: 'A & B', style: 'p{color:red}</style><script>alert(1)</script>' }
  const { body } = pageAnswer(200, { title: 'T', body: markup`<p>x</p>`, theme, forms: "'none'" })
  expect(body).not.toContain('<script')
  expect(body.match(/<\/style>/g)).toHaveLength(1)
  expect(body).toContain('<p class="name">A &amp; B</p>')
})

test('forms go where the page says, and nothing else is allowed', () => {
  const { headers } = pageAnswer(200, { title: 'T', body: markup``, theme: PLAIN, forms: "'self'" })
  const policy = new Map(headers).get('content-security-policy')
  expect(policy).toBe(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  )
})

test.each([
  { forms: "'self'" as const, referrer: 'same-origin', note: 'so that its form says where it comes from' },
  { forms: "'none'" as const, referrer: 'no-referrer', note: 'which has nothing to send' },
])('a page with forms $forms tells its address to $referrer, $note', ({ forms, referrer }) => {
  const { headers } = pageAnswer(200, { title: 'T', body: markup``, theme: PLAIN, forms })
  expect(headers.filter(([name]) => name === 'referrer-policy')).toEqual([['referrer-policy', referrer]])
})

test('a redirect is kept by nobody', () => {
  expect(seeOther('/x', [['set-cookie', 'a=b']])).toEqual({
    status: 303,
    headers: [
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      ['referrer-policy', 'no-referrer'],
      ['location', '/x'],
      ['content-length', '0'],
      ['set-cookie', 'a=b'],
    ],
    body: '',
  })
})
