import { describe, expect, test } from 'vitest'
import type { Remedy } from '../model/remedy.ts'
import { pageParts, PLAIN } from './document.ts'
import { refusalPage } from './page.ts'
import type { Refusal } from './problem.ts'

const page = (refusal: Refusal): string => pageParts(refusalPage(refusal, { theme: PLAIN, signedIn: false })).body

const ID = '019a0000-0000-7000-8000-000000000000'
const REASON = { code: 'mfa.too_old', text: 'The proof is too old.', help: 'Prove it again.' }

const refusal = (over: Partial<Refusal> = {}): Refusal => ({
  status: 403,
  decision: ID,
  outcome: 'deny',
  reasons: [REASON],
  remedy: null,
  ...over,
})
const challenge = (remedy: Remedy): Refusal => refusal({ status: 401, outcome: 'challenge', remedy })

const pages: readonly {
  readonly note: string
  readonly of: Refusal
  readonly title: string
  readonly steps: readonly string[]
}[] = [
  { note: 'a refusal', of: refusal(), title: 'Not allowed', steps: [] },
  { note: 'no reason at all', of: refusal({ reasons: [] }), title: 'Not allowed', steps: [] },
  { note: 'a status without a title of its own', of: refusal({ status: 418 }), title: 'Refused', steps: [] },
  { note: 'a login', of: challenge({ login: { maxAge: null } }), title: 'Sign-in is needed', steps: ['Sign in.'] },
  {
    note: 'a fresh login',
    of: challenge({ login: { maxAge: 3_600_000 } }),
    title: 'Sign-in is needed',
    steps: ['Sign in, no longer than 1 hour ago.'],
  },
  {
    note: 'a login of several units',
    of: challenge({ login: { maxAge: 90_061_000 } }),
    title: 'Sign-in is needed',
    steps: ['Sign in, no longer than 1 day 1 hour 1 minute 1 second ago.'],
  },
  {
    note: 'a step-up',
    of: challenge({ stepUp: { level: 'phishing-resistant', maxAge: 900_000 } }),
    title: 'Stronger or fresher proof is needed',
    steps: ['Prove a phishing-resistant factor such as a passkey, no longer than 15 minutes ago.'],
  },
  {
    note: 'everything',
    of: challenge({
      login: { maxAge: null },
      stepUp: { level: 'hardware', maxAge: null },
      acr: ['gold', 'silver'],
      scopes: ['a', 'b'],
    }),
    title: 'Stronger or fresher proof is needed',
    steps: [
      'Sign in.',
      'Prove a hardware key.',
      'Sign in with one of these assurance classes: gold, silver.',
      'Obtain a credential with these scopes: a, b.',
    ],
  },
]

interface Tag {
  readonly name: string
  readonly attributes: string
  readonly closes: boolean
}

const tagsOf = (html: string): readonly Tag[] =>
  Array.from(html.replace(/^<!doctype html>/, '').matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"<>]*")*)>/g), (found) => ({
    closes: found[1] === '/',
    name: found[2] ?? '',
    attributes: found[3] ?? '',
  }))

/** Tags that never close. */
const VOID = ['meta']

/** What is open where a tag closes that was not opened last; null when every tag closes in its turn. */
const unbalanced = (tags: readonly Tag[]): string | null => {
  const open: string[] = []
  for (const { name, closes } of tags) {
    if (VOID.includes(name)) continue
    if (!closes) open.push(name)
    else if (open.pop() !== name) return name
  }
  return open.at(-1) ?? null
}

const textsOf = (html: string, name: string): readonly string[] =>
  Array.from(html.matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'g')), ([, text = '']) => text)

describe('the page of a refusal', () => {
  test.each(pages)('$note: one heading that is the title, and what to do as a list', ({ of, title, steps }) => {
    const html = page(of)
    expect(textsOf(html, 'title')).toEqual([title])
    expect(textsOf(html, 'h1')).toEqual([title])
    expect(textsOf(html, 'li')).toEqual(steps)
    expect(textsOf(html, 'h2')).toEqual(steps.length === 0 ? [] : ['What to do'])
    expect(html).toContain(`<code>${ID}</code>`)
  })

  test.each(pages)('$note: has a language, one landmark, and every tag closes in its turn', ({ of }) => {
    const html = page(of)
    const tags = tagsOf(html)
    expect(html).toMatch(/^<!doctype html><html lang="en">/)
    expect(tags.filter(({ name, closes }) => name === 'main' && !closes)).toHaveLength(1)
    expect(unbalanced(tags)).toBeNull()
    expect(html.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/)
  })

  test.each(pages)('$note: may be enlarged, asks for nothing, and does nothing', ({ of }) => {
    const tags = tagsOf(page(of))
    const viewport = tags.filter(({ attributes }) => attributes.includes('name="viewport"'))
    expect(viewport.map(({ attributes }) => /scalable|maximum-scale|minimum-scale/.test(attributes))).toEqual([false])
    const names = new Set(tags.map(({ name }) => name))
    for (const name of ['script', 'link', 'img', 'iframe', 'form', 'input', 'a', 'base']) expect(names).not.toContain(name)
    expect(tags.filter(({ attributes }) => /\s(?:on[a-z]+|style|src|href)=/.test(attributes))).toEqual([])
  })

  test('shows what others chose as text', () => {
    const hostile = `<img src=x onerror="a('b')">&amp;`
    const html = page(
      refusal({ decision: hostile, reasons: [{ code: 'x', text: hostile, help: hostile }], remedy: { scopes: [hostile] } }),
    )
    expect(html).not.toContain('<img')
    expect(html.split('&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;')).toHaveLength(5)
  })
})

/** WCAG 2.2: relative luminance and contrast ratio of two colours written as #rgb or #rrggbb. */
const luminance = (colour: string): number => {
  const digits = colour.slice(1).replace(/^(.)(.)(.)$/, '$1$1$2$2$3$3')
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const share = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const contrast = (a: string, b: string): number => {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (lighter + 0.05) / (darker + 0.05)
}

describe('its style', () => {
  const css = textsOf(page(refusal()), 'style')[0] ?? ''
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme:dark)')
  const background = (text: string) => /background:(#[0-9a-f]+)/.exec(text)?.[1] ?? ''
  const colours = (text: string) => Array.from(text.matchAll(/[{;]color:(#[0-9a-f]+)/g), ([, colour = '']) => colour)

  test.each([
    { note: 'by day', text: light },
    { note: 'by night', text: dark },
  ])('$note: every text stands out by 7 to 1 (WCAG 2.2, 1.4.6)', ({ text }) => {
    expect(colours(text).length).toBeGreaterThan(1)
    for (const colour of colours(text)) expect(contrast(colour, background(text))).toBeGreaterThanOrEqual(7)
  })

  test('the measure tells what does not', () => expect(contrast('#777', '#fff')).toBeLessThan(4.5))

  test('sizes follow those of the reader, lines are no longer than can be read, and nothing moves', () => {
    expect(css).toMatch(/max-width:\d+rem/)
    expect(css).not.toMatch(/font-size:\d+px|animation|transition|url\(/)
  })
})
