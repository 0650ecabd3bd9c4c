// Opens what remembers people and software, where the configuration has a place for it: store, sessions, logins, API keys.
import type {
  CredentialTrouble,
  Clock,
  DecisionLog,
  Endpoint,
  KeyReader,
  LoginStart,
  PolicyImage,
  SessionReader,
  Surroundings,
} from '@balustrade/core/kit'
import type { ConfigFault } from './config/fault.ts'
import type { PeopleSettings, StateSettings } from './config/resolve-people.ts'
import { createApiKeys } from './keys/api-keys.ts'
import { createLogin } from './login/login.ts'
import type { ServiceLog } from './observe/service-log.ts'
import { forwardRecordNotes } from './session/record-notes.ts'
import { createSessions } from './session/sessions.ts'
import { openStateStore } from './state/open-state-store.ts'

export interface PeopleParts {
  readonly settings: PeopleSettings
  /** Clients at providers as they are configured now: a secret can be replaced without a restart. */
  readonly clients: () => PeopleSettings['clients']
  readonly clock: Clock
  readonly log: Pick<DecisionLog, 'append'>
  readonly serviceLog: ServiceLog
  readonly around: Pick<Surroundings, 'reasonText' | 'theme'>
  /** The policy in force; null before there is one. */
  readonly image: () => PolicyImage | null
  readonly onTrouble: (trouble: CredentialTrouble) => void
}

/** What the engine and the points need of it. */
export interface People {
  /** Null: this point keeps no state. */
  readonly sessions: SessionReader | null
  /** Null: this point keeps no state. */
  readonly keys: KeyReader | null
  readonly login: LoginStart | null
  readonly endpoints: readonly Endpoint[]
  /** Told when something that open streams rest on was ended. */
  readonly onEnded: (listener: () => void) => void
  readonly close: () => Promise<void>
}

export type OpenedPeople = { readonly ok: true; readonly people: People } | { readonly ok: false; readonly fault: ConfigFault }

const NOBODY: People = { sessions: null, keys: null, login: null, endpoints: [], onEnded: () => {}, close: async () => {} }

const openWith = async (parts: PeopleParts, state: StateSettings): Promise<OpenedPeople> => {
  const { settings, clock, log, serviceLog, around, image, onTrouble } = parts
  const opened = await openStateStore({
    file: state.file,
    keys: state.keys,
    clock,
    onTrouble: (trouble) => serviceLog.error('state.trouble', { ...trouble }),
  })
  if (!opened.ok) {
    const message = `The state cannot be opened: ${opened.why}.`
    const help = 'Check state.file and state.keys: its folder must be writable, and the key it was sealed with among the keys.'
    return { ok: false, fault: { code: opened.code, file: 'balustrade.yaml', line: 1, column: 1, message, help } }
  }
  const { store } = opened
  const sessions = createSessions({ store, clock, log, ...settings.sessions })
  const apiKeys = createApiKeys({ store, keys: state.keys, clock, longestLife: settings.longestKeyLife, log })
  const notes = forwardRecordNotes(store, log)
  const { endpoints, start, reader } = createLogin({
    store,
    sessions,
    settings: {
      get clients() {
        return parts.clients()
      },
    },
    image,
    clock,
    log,
    around,
    keys: state.keys,
    onTrouble,
  })
  const close = async () => {
    notes.close()
    await sessions.close()
    await apiKeys.close()
    await store.close()
  }
  const onEnded: People['onEnded'] = (listener) => {
    sessions.onEnded(listener)
    apiKeys.onChange(listener)
  }
  return { ok: true, people: { sessions: reader, keys: apiKeys.reader, login: start, endpoints, onEnded, close } }
}

/** Never rejects. A store that cannot be opened is a fault: without it every session would be unknown. */
export const openPeople = async (parts: PeopleParts): Promise<OpenedPeople> =>
  parts.settings.state === null ? { ok: true, people: NOBODY } : openWith(parts, parts.settings.state)

/** Services of a policy that need a place to remember sessions or keys, where the configuration has none. */
export const needsState = (image: PolicyImage, { state }: PeopleSettings): readonly string[] =>
  state !== null
    ? []
    : Object.entries(image.services).flatMap(([name, { credentials }]) =>
        credentials.some((kind) => kind === 'session' || kind === 'api-key') ? [name] : [],
      )
