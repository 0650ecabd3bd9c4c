import { OWN_PROVIDER } from '../model/fact.ts'
import type { OperationImage } from '../model/policy-image.ts'
import type { Bounds, Nouns } from './bundle.ts'
import { collect, type DeclaredNames, keyed } from './declared.ts'
import type { PolicyDocument } from './document.ts'
import { networks } from './networks.ts'
import { bindingImage, bindings, boundProviders, clientImage, clients, scopes, workloadImage, workloads } from './principals.ts'
import { checkProvider, providerImage, providers } from './providers.ts'
import { type Reporter, suggest } from './reporter.ts'
import { checkService, hostOf, serviceImage, services, type Service, underOf } from './services.ts'
import { duration, type Located, type Named, maybe, record } from './shape.ts'
import { placeOf, type Span } from './source.ts'

const DAY = 86_400_000

export interface NounScope {
  readonly documents: readonly PolicyDocument[]
  readonly declared: DeclaredNames
  readonly to: Reporter
  /** Operations of a service's OpenAPI document. */
  readonly operations: (file: Located<string>, service: Service) => readonly OperationImage[]
}

const NONE: ReadonlySet<string> = new Set()

const checkProviderName = (name: string, at: Span, scope: NounScope): void => {
  const known = scope.declared.get('provider') ?? NONE
  if (!known.has(name)) scope.to.report('name.unknown', at, { noun: 'provider', name, help: suggest(name, known) || undefined })
}

/** A provider that somebody else runs: our own tells no groups, has no clients and issues no tokens. */
const checkForeignProvider = (name: string, at: Span, scope: NounScope): void => {
  if (name === OWN_PROVIDER) scope.to.report('provider.own', at, { name })
  else checkProviderName(name, at, scope)
}

/** Two services with one host and one `under` would be told apart by nothing. */
const checkClaims = (found: ReadonlyMap<string, Named<Service>>, scope: NounScope): void => {
  const claims = new Map<string, { readonly name: string; readonly at: Span }>()
  for (const { name, value } of found.values()) {
    for (const host of value.hosts) {
      const key = `${hostOf(host.value) ?? host.value}/${underOf(value).join('/')}`
      const first = claims.get(key)
      if (first === undefined) claims.set(key, { name, at: host.at })
      else {
        const place = placeOf(first.at.file, first.at.start)
        scope.to.report('service.overlap', host.at, {
          host: host.value,
          other: first.name,
          file: first.at.file.path,
          line: place.line,
        })
      }
    }
  }
}

const readServices = (scope: NounScope): Nouns['services'] => {
  const found = collect(scope.documents, { name: 'services', shape: services }, scope.to)
  for (const entry of found.values()) {
    const { value, node } = entry
    checkService(value, { at: node, declared: scope.declared.get('provider') ?? NONE }, scope.to)
    for (const provider of [...(value.providers ?? []), ...(value.login ?? [])])
      checkForeignProvider(provider.value, provider.at, scope)
  }
  checkClaims(found, scope)
  return keyed(found, ({ value }) =>
    serviceImage(value, value.openapi === undefined ? [] : scope.operations(value.openapi, value)),
  )
}

const readProviders = (scope: NounScope): Nouns['providers'] => {
  const found = collect(scope.documents, { name: 'providers', shape: providers }, scope.to)
  for (const entry of found.values()) {
    if (entry.name === OWN_PROVIDER) scope.to.report('provider.reserved', entry.at, { name: entry.name })
    checkProvider(entry.value, scope.to)
  }
  return keyed(found, ({ value }) => providerImage(value))
}

const readBindings = (scope: NounScope, name: 'groups' | 'roles'): Nouns['groups'] => {
  const found = collect(scope.documents, { name, shape: bindings }, scope.to)
  for (const entry of found.values()) {
    for (const provider of boundProviders(entry)) checkForeignProvider(provider.name, provider.at, scope)
  }
  return keyed(found, bindingImage)
}

const readWorkloads = (scope: NounScope): Nouns['workloads'] => {
  const found = collect(scope.documents, { name: 'workloads', shape: workloads }, scope.to)
  for (const { value } of found.values()) checkProviderName(value.provider.value, value.provider.at, scope)
  return keyed(found, workloadImage)
}

const readClients = (scope: NounScope): Nouns['clients'] => {
  const found = collect(scope.documents, { name: 'clients', shape: clients }, scope.to)
  for (const { value } of found.values()) checkForeignProvider(value.provider.value, value.provider.at, scope)
  return keyed(found, clientImage)
}

export const readNouns = (scope: NounScope): Nouns => {
  const { documents, to } = scope
  return {
    services: readServices(scope),
    providers: readProviders(scope),
    groups: readBindings(scope, 'groups'),
    roles: readBindings(scope, 'roles'),
    workloads: readWorkloads(scope),
    clients: readClients(scope),
    scopes: [...collect(documents, { name: 'scopes', shape: scopes }, to).keys()].sort(),
    networks: keyed(collect(documents, { name: 'networks', shape: networks }, to), ({ value }) => value),
  }
}

export const boundsShape = record<{ readonly exception: number | undefined; readonly shadow: number | undefined }>('`bounds`', {
  exception: maybe(duration()),
  shadow: maybe(duration()),
})

/** The longest lives the policy allows itself; stated once. */
export const readBounds = (documents: readonly PolicyDocument[], to: Reporter): Bounds => {
  const stated = documents.flatMap((document) => document.block('bounds') ?? [])
  for (const again of stated.slice(1)) {
    const first = stated[0] ?? again
    const place = placeOf(first.file, first.start)
    to.report('bounds.twice', again, { file: first.file.path, line: place.line })
  }
  const read = stated[0] === undefined ? undefined : boundsShape.read(stated[0], to)
  return { exception: read?.exception ?? 90 * DAY, shadow: read?.shadow ?? 30 * DAY }
}
