import { canonicalJson } from '../lib/canonical-json.ts'
import { sha256Hex } from '../lib/digest.ts'
import type { PreparedImage } from '../model/engine.ts'
import type { PolicyImage } from '../model/policy-image.ts'

/** Nothing outside the policy changes decisions yet: the digest of the empty object. */
const NO_DATA = `sha256:${sha256Hex(canonicalJson({}))}`

/** Takes the digest of an image over its canonical JSON (RFC 8785). Throws a CodedError only for data that is not JSON. */
export const prepareImage = (image: PolicyImage): PreparedImage => {
  const canonical = canonicalJson(image)
  return { image, digest: { policy: `sha256:${sha256Hex(canonical)}`, data: NO_DATA }, canonical }
}
