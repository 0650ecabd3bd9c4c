import type { AccessRequest, HeaderLine } from '../model/access-request.ts'
import type { Evaluation } from '../model/engine.ts'
import type { CorsImage } from '../model/policy-image.ts'

/** The Origin, when this service lists it exactly. `null` and unlisted origins get no CORS header at all. */
export const listedOrigin = (cors: CorsImage | null, request: AccessRequest): string | null => {
  const origin = request.fields.get('origin')?.[0]
  return cors !== null && origin !== undefined && cors.origins.includes(origin) ? origin : null
}

const allowOrigin = (cors: CorsImage, origin: string): readonly HeaderLine[] => [
  ['access-control-allow-origin', origin],
  ...(cors.credentials ? [['access-control-allow-credentials', 'true'] as const] : []),
]

/** For an answer that is not a preflight's: a listed origin may read it, and the challenge in it. */
export const corsHeaders = (evaluation: Evaluation, request: AccessRequest): readonly HeaderLine[] => {
  const cors = evaluation.service?.cors ?? null
  const origin = listedOrigin(cors, request)
  if (cors === null || origin === null) return []
  return [...allowOrigin(cors, origin), ['access-control-expose-headers', 'WWW-Authenticate, Balustrade-Decision']]
}

/** For a preflight that was allowed. Methods and headers are the service's list, whatever was asked. */
export const preflightHeaders = (evaluation: Evaluation, request: AccessRequest): readonly HeaderLine[] => {
  const cors = evaluation.service?.cors ?? null
  const origin = listedOrigin(cors, request)
  if (cors === null || origin === null) return []
  return [
    ...allowOrigin(cors, origin),
    ['access-control-allow-methods', cors.methods.join(', ')],
    ...(cors.headers.length === 0 ? [] : [['access-control-allow-headers', cors.headers.join(', ')] as const]),
    ['access-control-max-age', String(Math.floor(cors.maxAge / 1000))],
    ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
  ]
}
