import { inspect } from 'node:util'

/** A text that is no text to whoever writes it out: as JSON, in a template or a log it is `[secret]`. */
export interface Secret {
  /** The text itself, for the one use it is meant for. */
  readonly reveal: () => string
  readonly toString: () => string
  readonly toJSON: () => string
}

const HIDDEN = '[secret]'
const hidden = (): string => HIDDEN

/** The text stands in a closure, where neither JSON, nor `inspect`, nor a copy of members finds it. */
export const createSecret = (text: string): Secret =>
  Object.freeze({ reveal: () => text, toString: hidden, toJSON: hidden, [inspect.custom]: hidden })
