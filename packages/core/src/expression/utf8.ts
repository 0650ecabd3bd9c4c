/** The octets of a text in UTF-8; a surrogate without its partner becomes U+FFFD. */
export const encodeUtf8 = (text: string): readonly number[] => {
  const octets: number[] = []
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) as number
    if (code < 0x80) octets.push(code)
    else if (code < 0x800) octets.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) octets.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else octets.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return octets
}

/** How many octets a code point takes that begins so, its first bits, and the least it may be: shorter forms have another spelling. */
const LEADS = [
  { mask: 0x80, lead: 0x00, more: 0, least: 0 },
  { mask: 0xe0, lead: 0xc0, more: 1, least: 0x80 },
  { mask: 0xf0, lead: 0xe0, more: 2, least: 0x800 },
  { mask: 0xf8, lead: 0xf0, more: 3, least: 0x10000 },
] as const

/** The text of octets in UTF-8 (RFC 3629); null when they are none. */
export const decodeUtf8 = (octets: Uint8Array): string | null => {
  let text = ''
  let at = 0
  while (at < octets.length) {
    const first = octets[at] as number
    const form = LEADS.find(({ mask, lead }) => (first & mask) === lead)
    if (form === undefined) return null
    let code = first & ~form.mask
    for (const octet of octets.subarray(at + 1, at + 1 + form.more)) {
      if ((octet & 0xc0) !== 0x80) return null
      code = (code << 6) | (octet & 63)
    }
    at += 1 + form.more
    const surrogate = code >= 0xd800 && code <= 0xdfff
    if (at > octets.length || code < form.least || code > 0x10ffff || surrogate) return null
    text += String.fromCodePoint(code)
  }
  return text
}
