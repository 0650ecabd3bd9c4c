import { createExpiringMap } from './expiring-map.ts'

type Payload = Readonly<Record<string, unknown>>

/** What oidc-provider keeps of one kind of thing (its Adapter). */
export interface ProviderStore {
  readonly upsert: (id: string, payload: Payload, expiresIn: number) => Promise<void>
  readonly find: (id: string) => Promise<Payload | undefined>
  readonly findByUid: (uid: string) => Promise<Payload | undefined>
  readonly findByUserCode: () => Promise<undefined>
  readonly consume: (id: string) => Promise<void>
  readonly destroy: (id: string) => Promise<void>
  readonly revokeByGrantId: (grantId: string) => Promise<void>
}

/** Most things of one kind that are kept. */
const MOST = 2_000
/** Life of what states none, in seconds. */
const USUAL_LIFE = 3_600

/** Things of one kind, in memory: the oldest goes when there are too many, and each when its time is over. */
const createStore = (now: () => number): ProviderStore => {
  const kept = createExpiringMap<Payload>(MOST, now)
  const idByUid = createExpiringMap<string>(MOST, now)
  const idsByGrant = createExpiringMap<ReadonlySet<string>>(MOST, now)
  const find = async (id: string): Promise<Payload | undefined> => kept.get(id)
  return {
    upsert: async (id, payload, expiresIn) => {
      const life = (Number.isFinite(expiresIn) ? expiresIn : USUAL_LIFE) * 1_000
      const { uid, grantId } = payload
      kept.set(id, payload, life)
      if (typeof uid === 'string') idByUid.set(uid, id, life)
      if (typeof grantId === 'string') idsByGrant.set(grantId, new Set([...(idsByGrant.get(grantId) ?? []), id]), life)
    },
    find,
    findByUid: async (uid) => kept.get(idByUid.get(uid) ?? ''),
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const payload = kept.get(id)
      const left = Number(payload?.['exp'] ?? 0) * 1_000 - now()
      if (payload !== undefined) kept.set(id, { ...payload, consumed: Math.floor(now() / 1_000) }, Math.max(left, 1_000))
    },
    destroy: async (id) => kept.delete(id),
    revokeByGrantId: async (grantId) => {
      for (const id of idsByGrant.get(grantId) ?? []) kept.delete(id)
      idsByGrant.delete(grantId)
    },
  }
}

/** One store a kind. `now`: epoch ms. */
export const createProviderStores =
  (now: () => number): (() => ProviderStore) =>
  () =>
    createStore(now)
