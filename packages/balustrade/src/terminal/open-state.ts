import { existsSync } from 'node:fs'
import { Option } from 'commander'
import type { Clock } from '@balustrade/core/kit'
import type * as ServerModule from '@balustrade/server'
import type { RecordNotes, ServerSettings } from '@balustrade/server'
import { EXIT, type ExitCode } from './exit-code.ts'
import { plain, tell } from './output.ts'

export type { KeyListed, KeyRefusal } from '@balustrade/server'
export type Server = typeof ServerModule
type StateSettings = NonNullable<ServerSettings['people']['state']>
type Store = Extract<Awaited<ReturnType<Server['openStateStore']>>, { readonly ok: true }>['store']

/** The store of a server, opened beside it. */
export interface OpenedState {
  readonly server: Server
  readonly settings: ServerSettings
  readonly state: StateSettings
  readonly store: Store
  readonly clock: Clock
  /** The server writes the log: what is done here is left for it to tell. */
  readonly notes: RecordNotes
}

/** ms that an answer of the store is waited for: longer than a server does, since no request waits behind it. */
const PATIENCE = 10_000

/** Says why it goes no further, and sets the exit code. */
export const refuse = (text: string, code: ExitCode = EXIT.usage): null => {
  tell(text)
  process.exitCode = code
  return null
}

export const configOption = (): Option => new Option('--config <file>', 'configuration of the server').default('balustrade.yaml')

/** Settings as the server reads them; null, after saying what is wrong. */
const settingsOf = (server: Server, path: string): ServerSettings | null => {
  const config = server.readConfig(path)
  const resolved = config.ok ? server.resolveConfig(config.config) : config
  return resolved.ok ? resolved.settings : refuse(server.renderFaults(resolved.faults))
}

/** The same file that the server has open; null, after saying why, where there is none. `without`: what there is not for want of it. */
export const openState = async (path: string, without: string): Promise<OpenedState | null> => {
  const server = await import('@balustrade/server')
  const settings = settingsOf(server, path)
  if (settings === null) return null
  const { state } = settings.people
  if (state === null) return refuse(`${path} names no state, so ${without}.`)
  const { file, keys } = state
  if (!existsSync(file)) return refuse(`There is no ${file} yet. The server makes it when it is started first.`)
  const clock = { now: Date.now, monotonic: () => performance.now() }
  const onTrouble = ({ why }: { readonly why: string }) => tell(plain(why))
  const opened = await server.openStateStore({ file, keys, clock, onTrouble, deadline: PATIENCE })
  if (!opened.ok) return refuse(`${file} cannot be opened: ${plain(opened.why)}.`, EXIT.system)
  return { server, settings, state, store: opened.store, clock, notes: server.createRecordNotes(opened.store) }
}
