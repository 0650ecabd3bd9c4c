import { createSecretKey, type KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { createSecret, parseDuration, type Theme } from '@balustrade/core/kit'
import type { LoginClient } from '../login/settings.ts'
import { type Collector, type Path, readReference } from './collector.ts'

/** Settings of everything that remembers people and software: store, sessions, keys, logins and pages. */
export interface PeopleSettings {
  /** Null: this point keeps no state, so no session and no API key. */
  readonly state: StateSettings | null
  /** ms */
  readonly sessions: { readonly absolute: number; readonly idle: number }
  /** Longest life of an API key, ms. */
  readonly longestKeyLife: number
  /** By name of the provider. */
  readonly clients: Readonly<Record<string, LoginClient>>
  readonly theme: Theme
}

export interface StateSettings {
  readonly file: string
  /** 32 bytes or more each; the first seals, all open. */
  readonly keys: readonly KeyObject[]
}

const HOUR = 3_600_000
const DEFAULTS = { absolute: 12 * HOUR, idle: HOUR, keyLife: 365 * 24 * HOUR, grace: HOUR }
const LEAST_KEY_BYTES = 32

const durationAt = (
  collector: Collector,
  path: Path,
  { written, unsaid }: { readonly written: string | undefined; readonly unsaid: number },
): number => {
  if (written === undefined) return unsaid
  const ms = parseDuration(written)
  if (ms !== null && ms > 0) return ms
  collector.add(path, {
    code: 'config.duration',
    message: `${written} is not a duration longer than nothing.`,
    help: 'Write a number and d, h, m or s, such as 12h or 1h30m.',
  })
  return unsaid
}

const readStateKey = (collector: Collector, path: Path, text: string): KeyObject | null => {
  const bytes = Buffer.from(text.trim(), 'base64')
  if (/^[A-Za-z0-9+/_-]+=*$/.test(text.trim()) && bytes.length >= LEAST_KEY_BYTES) return createSecretKey(bytes)
  collector.add(path, {
    code: 'config.state_key',
    message: 'The key of the state is not 32 or more bytes in base64.',
    help: 'Make one: openssl rand -base64 32 > state.key && chmod 600 state.key',
  })
  return null
}

const resolveState = (collector: Collector): StateSettings | null => {
  const { base, document } = collector.config
  if (document.state === undefined) return null
  const keys = document.state.keys.map((reference, index) => {
    const path = ['state', 'keys', index]
    const text = readReference(collector, path, reference)
    return text === null ? null : readStateKey(collector, path, text)
  })
  return { file: resolve(base, document.state.file), keys: keys.filter((key) => key !== null) }
}

type Document = NonNullable<Collector['config']['document']['login']>['providers'][string]

const refreshOf = (collector: Collector, path: Path, { refresh }: Document): LoginClient['refresh'] =>
  refresh === undefined
    ? null
    : {
        every: durationAt(collector, [...path, 'refresh', 'every'], { written: refresh.every, unsaid: HOUR }),
        grace: durationAt(collector, [...path, 'refresh', 'grace'], { written: refresh.grace, unsaid: DEFAULTS.grace }),
      }

const resolveClient = (collector: Collector, name: string, document: Document): LoginClient => {
  const path = ['login', 'providers', name]
  const secret = document['client-secret']
  const text = secret === undefined ? null : readReference(collector, [...path, 'client-secret'], secret)
  const ca = document.ca === undefined ? null : readReference(collector, [...path, 'ca'], { ...document.ca, isPublic: true })
  return {
    id: document['client-id'],
    secret: text === null ? null : createSecret(text.trim()),
    scopes: [...new Set(['openid', ...(document.scopes ?? [])])],
    userinfo: document.userinfo ?? false,
    refresh: refreshOf(collector, path, document),
    name: document.name ?? name,
    ca,
  }
}

const needState = (collector: Collector): void => {
  const { document } = collector.config
  for (const key of ['sessions', 'api-keys', 'login'] as const) {
    if (document[key] === undefined || document.state !== undefined) continue
    collector.add([key], {
      code: 'config.state_missing',
      message: `\`${key}\` needs a place to remember sessions and keys.`,
      help: 'Add state: { file: ./state.db, keys: [{ file: ./state.key }] }; openssl rand -base64 32 > state.key makes the key.',
    })
  }
}

const resolveTheme = (collector: Collector): Theme => {
  const { pages } = collector.config.document
  const style = pages?.style
  const css = style === undefined ? null : readReference(collector, ['pages', 'style'], { ...style, isPublic: true })
  return { name: pages?.name ?? '', style: css ?? '' }
}

/** Reads what concerns people; every fault goes to the collector, and what cannot be read has its default then. */
export const resolvePeople = (collector: Collector): PeopleSettings => {
  const { document } = collector.config
  needState(collector)
  const { absolute, idle } = document.sessions ?? {}
  return {
    state: resolveState(collector),
    sessions: {
      absolute: durationAt(collector, ['sessions', 'absolute'], { written: absolute, unsaid: DEFAULTS.absolute }),
      idle: durationAt(collector, ['sessions', 'idle'], { written: idle, unsaid: DEFAULTS.idle }),
    },
    longestKeyLife: durationAt(collector, ['api-keys', 'longest-life'], {
      written: document['api-keys']?.['longest-life'],
      unsaid: DEFAULTS.keyLife,
    }),
    clients: Object.fromEntries(
      Object.entries(document.login?.providers ?? {}).map(([name, client]) => [name, resolveClient(collector, name, client)]),
    ),
    theme: resolveTheme(collector),
  }
}
