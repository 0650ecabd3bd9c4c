import { type AccessRequest, isObject, type JsonValue, originOf, sha256Base64Url } from '@balustrade/core/kit'
import { browserMarks, makeSecret } from './browser-cookie.ts'
import { LOGIN_TIME, type LoginContext } from './login-context.ts'
import { readFields } from './parameters.ts'
import { parseReturnTarget } from './return-target.ts'

/** Longest body of a form that is kept. */
const LONGEST_FORM = 65_536

type Field = readonly [name: string, value: string]

/** A form that was challenged, to be sent again by the person after the login. */
export interface KeptForm {
  readonly origin: string
  /** Where it was sent, and goes again. */
  readonly target: string
  readonly fields: readonly Field[]
}

/**
 * Keeps the fields for ten minutes; gives the id. Null: too large, no form, or a browser that could not be told from another
 * afterwards: a form is never shown to anybody but who sent it, since it would be sent in the name of whoever logs in.
 */
export const keepForm = async (context: LoginContext, request: AccessRequest, body: Uint8Array): Promise<string | null> => {
  const target = parseReturnTarget(request.target)
  const fields = body.length > LONGEST_FORM ? null : readFields(body)
  if (target === null || fields === null || browserMarks(request).length === 0) return null
  if (!context.allowances.forms.take(request.transport.client.text, context.clock.now())) return null
  const id = makeSecret()
  const kept = await context.store.add('form', sha256Base64Url(id), {
    value: { origin: originOf(request), target, fields },
    expiresAt: context.clock.now() + LOGIN_TIME,
    tags: [],
  })
  return kept.ok && kept.value ? id : null
}

const isField = (value: JsonValue): value is Field =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')

/** Takes it: a form is given once. Null: gone, or it cannot be had. */
export const takeForm = async ({ store }: LoginContext, id: string): Promise<KeptForm | null> => {
  const taken = await store.take('form', sha256Base64Url(id))
  const value = taken.ok ? taken.value?.value : undefined
  if (!isObject(value)) return null
  const { origin, fields } = value
  const target = parseReturnTarget(value['target'])
  if (target === null || typeof origin !== 'string' || !Array.isArray(fields) || !fields.every(isField)) return null
  return { origin, target, fields }
}
