// What every page must offer to people who do not see it: a language, a title, one main part with one heading, and a name for whatever
// can be used. Read from the accessibility tree of the browser itself.
import type { CDPSession, Page } from 'playwright-core'

interface Node {
  readonly ignored: boolean
  readonly role?: { readonly value?: unknown }
  readonly name?: { readonly value?: unknown }
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[]
}

const USABLE = ['textbox', 'button', 'link', 'checkbox', 'combobox', 'searchbox', 'radio']

const textOf = (value: unknown) => (typeof value === 'string' ? value.trim() : '')
const roleOf = (node: Node) => textOf(node.role?.value)
const nameOf = (node: Node) => textOf(node.name?.value)
const levelOf = (node: Node) => node.properties?.find(({ name }) => name === 'level')?.value.value

const treeOf = async (session: CDPSession): Promise<readonly Node[]> => {
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  return (nodes as readonly Node[]).filter(({ ignored }) => !ignored)
}

/** What is wrong with the page that is shown; empty: nothing. `session`: one of that page. */
export const accessibilityFaults = async (page: Page, session: CDPSession): Promise<readonly string[]> => {
  const nodes = await treeOf(session)
  const count = (role: string, level?: number) =>
    nodes.filter((node) => roleOf(node) === role && (level === undefined || levelOf(node) === level)).length
  const language = await page.locator('html').getAttribute('lang')
  const nameless = nodes.filter((node) => USABLE.includes(roleOf(node)) && nameOf(node) === '').map(roleOf)
  return [
    ...(language === 'en' ? [] : [`the language is ${JSON.stringify(language)}`]),
    ...((await page.title()) === '' ? ['there is no title'] : []),
    ...(count('main') === 1 ? [] : [`there are ${count('main')} main parts`]),
    ...(count('heading', 1) === 1 ? [] : [`there are ${count('heading', 1)} headings of the first level`]),
    ...nameless.map((role) => `a ${role} has no name`),
  ]
}
