import { parseHost } from '../lib/host-name.ts'
import { isToken } from '../lib/http-token.ts'
import { type Method, METHODS, type Tolerance, TOLERANCES } from '../model/access-request.ts'
import {
  IDENTITY_HEADERS,
  type CorsImage,
  type IdentityHeader,
  type OperationImage,
  type ServiceImage,
} from '../model/policy-image.ts'
import { type Accepting, accepting, checkCredentials, credentialsImage } from './accepted-credentials.ts'
import type { Reporter } from './reporter.ts'
import { choice, duration, flag, list, type Located, located, maybe, named, need, record, text } from './shape.ts'
import { originOf } from './web-address.ts'

const DAY = 86_400_000
const MINUTE = 60_000

interface Cors {
  readonly origins: readonly Located<string>[]
  readonly methods: readonly Method[]
  readonly headers: readonly string[] | undefined
  readonly credentials: boolean | undefined
  readonly 'max-age': number | undefined
}

interface Routing {
  readonly case: 'sensitive' | 'insensitive' | undefined
  readonly 'trailing-slash': 'distinct' | 'same' | undefined
  readonly accepts: readonly Tolerance[] | undefined
}

type HeaderNames = { readonly [K in IdentityHeader]: Located<string> | undefined }

export interface Service extends Accepting {
  readonly hosts: readonly Located<string>[]
  readonly under: Located<string> | undefined
  readonly upstream: Located<string> | undefined
  readonly openapi: Located<string> | undefined
  readonly routing: Routing | undefined
  readonly cors: Cors | undefined
  readonly 'identity-headers': HeaderNames | undefined
  readonly 'forward-credential': boolean | undefined
  readonly audit: 'strict' | 'bounded' | undefined
  readonly streams: { readonly recheck: number } | undefined
}

const TOKEN_TEXT = text('a field name', /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/)
const header = maybe(located(TOKEN_TEXT))

const cors = record<Cors>('`cors`', {
  origins: need(list(located(text('an origin such as https://app.example.com')))),
  methods: need(list(choice(METHODS))),
  headers: maybe(list(TOKEN_TEXT)),
  credentials: maybe(flag),
  'max-age': maybe(duration(DAY)),
})

export const services = named(
  record<Service>('a service', {
    hosts: need(list(located(text('a host name')))),
    under: maybe(located(text('a path such as /api', /^(\/[A-Za-z0-9._~-]+)+$/))),
    upstream: maybe(located(text('an origin such as http://127.0.0.1:9000'))),
    ...accepting,
    openapi: maybe(located(text('a file of the policy folder'))),
    routing: maybe(
      record<Routing>('`routing`', {
        case: maybe(choice(['sensitive', 'insensitive'])),
        'trailing-slash': maybe(choice(['distinct', 'same'])),
        accepts: maybe(list(choice(TOLERANCES))),
      }),
    ),
    cors: maybe(cors),
    'identity-headers': maybe(
      record<HeaderNames>('`identity-headers`', { user: header, kind: header, groups: header, roles: header, assertion: header }),
    ),
    'forward-credential': maybe(flag),
    audit: maybe(choice(['strict', 'bounded'])),
    streams: maybe(record<{ readonly recheck: number }>('`streams`', { recheck: need(duration(DAY)) })),
  }),
)

/** Canonical host, or `*.` and one; null when it is neither. */
export const hostOf = (written: string): string | null => {
  const wild = written.startsWith('*.')
  const parsed = parseHost(wild ? written.slice(2) : written)
  if (!parsed.ok || parsed.port !== null || (wild && /^(\[|[0-9.]+$)/.test(parsed.host))) return null
  return wild ? `*.${parsed.host}` : parsed.host
}

/** Fields that a connection, a credential or routing depends on; an identity must not stand in their place. */
const TAKEN =
  /^(host|authorization|cookie|connection|content-.*|transfer-encoding|te|upgrade|trailer|forwarded|x-forwarded-.*|proxy-.*|via|date|expect)$/i

const checkHeaders = (service: Service, to: Reporter): void => {
  const seen = new Map<string, string>()
  for (const key of IDENTITY_HEADERS) {
    const written = service['identity-headers']?.[key]
    if (written === undefined) continue
    const other = seen.get(written.value.toLowerCase())
    if (TAKEN.test(written.value) || !isToken(written.value))
      to.report('service.header_taken', written.at, { header: written.value })
    else if (other !== undefined) to.report('service.header_twice', written.at, { header: written.value, other })
    seen.set(written.value.toLowerCase(), key)
  }
}

export const checkService = (
  service: Service,
  place: { readonly at: Located<unknown>['at']; readonly declared: ReadonlySet<string> },
  to: Reporter,
): void => {
  for (const host of service.hosts) if (hostOf(host.value) === null) to.report('service.host', host.at, { host: host.value })
  const { upstream } = service
  if (upstream !== undefined && originOf(upstream.value) === null)
    to.report('service.upstream', upstream.at, { url: upstream.value })
  for (const origin of service.cors?.origins ?? []) {
    if (originOf(origin.value) !== origin.value) to.report('service.origin', origin.at, { origin: origin.value })
  }
  checkHeaders(service, to)
  checkCredentials(service, place, to)
}

const corsImage = (written: Cors): CorsImage => ({
  origins: [...new Set(written.origins.map((origin) => origin.value))].sort(),
  methods: METHODS.filter((method) => written.methods.includes(method)),
  headers: [...new Set((written.headers ?? []).map((name) => name.toLowerCase()))].sort(),
  credentials: written.credentials ?? false,
  maxAge: written['max-age'] ?? 10 * MINUTE,
})

const routingImage = (routing: Routing | undefined): ServiceImage['routing'] => ({
  caseSensitive: routing?.case !== 'insensitive',
  caseStated: routing?.case !== undefined,
  trailingSlash: routing?.['trailing-slash'] ?? 'unknown',
  accepts: TOLERANCES.filter((tolerance) => routing?.accepts?.includes(tolerance)),
})

const identityHeaders = (names: HeaderNames | undefined): ServiceImage['identityHeaders'] =>
  Object.fromEntries(
    IDENTITY_HEADERS.map((key) => [key, names?.[key]?.value ?? `X-Balustrade-${key[0]?.toUpperCase()}${key.slice(1)}`]),
  ) as Record<IdentityHeader, string>

export const underOf = (service: Service): readonly string[] =>
  service.under === undefined ? [] : service.under.value.split('/').slice(1)

const sorted = (values: readonly string[]): readonly string[] => [...new Set(values)].sort()

export const serviceImage = (service: Service, operations: readonly OperationImage[]): ServiceImage => ({
  hosts: sorted(service.hosts.map((host) => hostOf(host.value) ?? host.value)),
  under: underOf(service),
  upstream: service.upstream === undefined ? null : originOf(service.upstream.value),
  ...credentialsImage(service),
  routing: routingImage(service.routing),
  cors: service.cors === undefined ? null : corsImage(service.cors),
  identityHeaders: identityHeaders(service['identity-headers']),
  forwardCredential: service['forward-credential'] ?? false,
  audit: service.audit ?? 'strict',
  recheck: service.streams?.recheck ?? MINUTE,
  operations,
})
