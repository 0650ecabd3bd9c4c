import { type Answer, type HeaderLine, type Markup, pageAnswer } from '@balustrade/core/kit'
import type { LoginContext } from './login-context.ts'

interface Said {
  readonly title: string
  readonly body: Markup
  /** It has a form of ours. */
  readonly hasForm?: boolean
  readonly headers?: readonly HeaderLine[]
}

/** A page of ours that tells no failure. */
export const sayPage = ({ around }: LoginContext, { title, body, hasForm = false, headers = [] }: Said): Answer =>
  pageAnswer(200, { title, body, theme: around.theme, forms: hasForm ? "'self'" : "'none'" }, headers)
