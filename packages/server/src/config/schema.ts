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

/** As the policy writes durations. */
const DURATION = /^(?:\d+[dhms])+$/

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
    'concurrent-streams': positive,
    'stream-resets': positive,
    'upstream-connect': positive,
    'upstream-header': positive,
    'upstream-body-idle': positive,
    'upstream-connections': positive,
    'upstream-header-bytes': positive,
    drain: z.int().nonnegative(),
  })
  .partial()

const duration = z.string().regex(DURATION, 'a duration, such as 15m or 12h')
const nonEmpty = z.string().min(1)

const state = z.strictObject({ file: nonEmpty, keys: z.array(secret).min(1) })

const sessions = z.strictObject({ absolute: duration, idle: duration }).partial()

const client = z.strictObject({
  'client-id': nonEmpty,
  'client-secret': secret.optional(),
  scopes: z.array(z.string().regex(/^[!#-[\]-~]+$/)).optional(),
  userinfo: z.boolean().optional(),
  refresh: z.strictObject({ every: duration, grace: duration.optional() }).optional(),
  name: nonEmpty.optional(),
  ca: secret.optional(),
})

const login = z.strictObject({ providers: z.record(nonEmpty, client) })

const pages = z.strictObject({ name: z.string().optional(), style: secret.optional() })

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
    state: state.optional(),
    sessions: sessions.optional(),
    'api-keys': z.strictObject({ 'longest-life': duration }).optional(),
    login: login.optional(),
    pages: pages.optional(),
  })
  .meta({ id: 'balustrade-config', title: 'balustrade.yaml' })

export type ConfigDocument = z.infer<typeof configSchema>
export type SecretReference = z.infer<typeof secret>

/** JSON Schema of balustrade.yaml, draft 2020-12. */
export const configJsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(configSchema) as Readonly<Record<string, unknown>>
