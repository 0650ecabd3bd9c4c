import { type Issuer, issuerNamed } from '../../identity/issuer.ts'
import type { JsonValue } from '../../lib/strict-json.ts'
import type { CredentialSetup, CredentialTarget } from '../../model/identity.ts'
import type { PolicyImage, ProviderImage } from '../../model/policy-image.ts'
import { createKeySource, type KeySource } from './key-source.ts'

export interface LaneIssuer {
  readonly issuer: Issuer
  readonly source: KeySource
}

/** One service under one policy image: what is verified in one lane is never found in another. */
export interface Lane {
  /** Given to no other pair of image and service while this process runs. */
  readonly number: number
  /** The one accepted provider with exactly this issuer; null when there is none, or more than one. */
  readonly issuerOf: (iss: JsonValue | undefined) => LaneIssuer | null
}

export interface Lanes {
  readonly laneOf: (target: CredentialTarget) => Lane
  readonly clear: () => void
}

/** Names of two images can be in use while one replaces the other. */
const MOST_IMAGES = 4

const sourceKey = ({ issuer, jwksUri, loopback }: ProviderImage): string => JSON.stringify([issuer, jwksUri, loopback])

const issuersOf = ({ image, service }: CredentialTarget, sourceOf: (name: string, provider: ProviderImage) => KeySource) =>
  service.providers.flatMap((name): LaneIssuer[] => {
    const issuer = issuerNamed(image, name)
    return issuer === null ? [] : [{ issuer, source: sourceOf(name, issuer.provider) }]
  })

/** Keeps lanes of the latest images, and key sources for as long as the latest image uses them. */
export const createLanes = (setup: CredentialSetup): Lanes => {
  const images = new Map<string, Map<string, Lane>>()
  const sources = new Map<string, KeySource>()
  let lanes = 0

  const sourceOf = (name: string, provider: ProviderImage): KeySource => {
    const key = sourceKey(provider)
    const known = sources.get(key)
    if (known !== undefined) return known
    const made = createKeySource(name, provider, setup)
    sources.set(key, made)
    return made
  }

  /** Keys outlive a new policy; a provider whose issuer or key location changed starts anew. */
  const enter = (digest: string, image: PolicyImage): Map<string, Lane> => {
    const used = new Set(Object.values(image.providers).map(sourceKey))
    for (const key of sources.keys()) if (!used.has(key)) sources.delete(key)
    for (const oldest of images.keys()) if (images.size >= MOST_IMAGES) images.delete(oldest)
    const services = new Map<string, Lane>()
    images.set(digest, services)
    return services
  }

  const open = (services: Map<string, Lane>, target: CredentialTarget): Lane => {
    const issuers = issuersOf(target, sourceOf)
    lanes += 1
    const lane: Lane = {
      number: lanes,
      issuerOf: (iss) => {
        const named = issuers.filter(({ issuer }) => issuer.provider.issuer === iss)
        return named.length === 1 ? (named[0] as LaneIssuer) : null
      },
    }
    services.set(target.serviceName, lane)
    return lane
  }

  return {
    laneOf: (target) => {
      const services = images.get(target.imageDigest) ?? enter(target.imageDigest, target.image)
      return services.get(target.serviceName) ?? open(services, target)
    },
    clear: () => {
      images.clear()
      sources.clear()
    },
  }
}
