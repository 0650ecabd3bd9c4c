/** Parameters by name. */
export type Parameters = ReadonlyMap<string, string>

/** RFC 6749 section 3.1: none may be repeated. Null: one is, and which of them counts would be a guess. */
export const readParameters = (text: string): Parameters | null => {
  const found = [...new URLSearchParams(text)]
  const parameters = new Map(found)
  return parameters.size === found.length ? parameters : null
}

/** Most fields of a kept form. */
const MOST_FIELDS = 1_000

/** Fields of an application/x-www-form-urlencoded body, in order; null: not UTF-8, or too many. */
export const readFields = (body: Uint8Array): readonly (readonly [name: string, value: string])[] | null => {
  const text = Buffer.from(body).toString('latin1')
  // Percent-encoded bytes that are no UTF-8 would come back as other bytes.
  const fields = [...new URLSearchParams(text)]
  const isWhole = /^[\x20-\x7e]*$/.test(text) && !fields.some((pair) => pair.some((part) => part.includes('\ufffd')))
  return isWhole && fields.length <= MOST_FIELDS ? fields : null
}
