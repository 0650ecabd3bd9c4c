// balustrade.yaml: listeners, TLS keys, log, limits of one enforcement point. Holds references to secrets, never a secret; no rule.
import { z } from 'zod'

/** A secret is named, not written: a file's content, or an environment variable's value. */
const secret = z.union([z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })]).meta({
  id: 'secret',
  description: 'Reference to a secret: { file: path } or { env: NAME }.',
})

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[0-9.]+|localhost):\d{1,5}$/, 'an address and port, such as 127.0.0.1:8080 or [::1]:8080')
  .meta({ id: 'address', description: 'Address and port to listen on.' })

const networks = z.array(z.string()).min(1)

const listener = z.strictObject({
  address,
  tls: z.strictObject({ cert: secret, key: secret }).optional(),
  'plain-http': z.literal('behind-trusted-proxy').optional(),
  'proxy-protocol': z.strictObject({ from: networks }).optional(),
})

const positive = z.int().positive()

const limits = z
  .strictObject({
    'header-bytes': positive,
    'header-count': positive,
    'header-deadline': positive,
    'body-idle': positive,
    'body-rate': z.int().nonnegative(),
    handshake: positive,
    'keep-alive': positive,
    'requests-per-connection': positive,
    connections: positive,
    'connections-per-address': positive,
    'upstream-connect': positive,
    'upstream-header': positive,
    'upstream-body-idle': positive,
    'upstream-connections': positive,
    'upstream-header-bytes': positive,
    drain: z.int().nonnegative(),
  })
  .partial()

export const configSchema = z
  .strictObject({
    balustrade: z.literal(1),
    policy: z.string().min(1),
    environment: z.string().min(1).optional(),
    listeners: z.array(listener).min(1),
    'trusted-proxies': z.strictObject({ networks, field: z.enum(['x-forwarded-for', 'forwarded']) }).optional(),
    observe: z.strictObject({ address }),
    log: z.strictObject({ folder: z.string().min(1), origin: z.string().regex(/^[^\s+]+$/), key: secret }),
    assertion: z.strictObject({ issuer: z.string().min(1), key: secret }),
    'upstream-tls': z.strictObject({ ca: secret }).optional(),
    limits: limits.optional(),
  })
  .meta({ id: 'balustrade-config', title: 'balustrade.yaml' })

export type ConfigDocument = z.infer<typeof configSchema>
export type SecretReference = z.infer<typeof secret>

/** JSON Schema of balustrade.yaml, draft 2020-12. */
export const configJsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(configSchema) as Readonly<Record<string, unknown>>
