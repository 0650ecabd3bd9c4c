import { dirname, resolve } from 'node:path'
import { type Started, startServer } from './compose.ts'
import type { ConfigFault } from './config/fault.ts'
import { readConfig } from './config/read-config.ts'
import { resolveConfig, type ServerSettings } from './config/resolve-config.ts'
import type { ServiceLog } from './observe/service-log.ts'
import { watchPath } from './reload/watch-folder.ts'

export interface RunOptions {
  readonly configPath: string
  readonly serviceLog: ServiceLog
}

/** First releases with the fixes of June and July 2026, by major version; older majors get none. */
const LEAST: Readonly<Record<number, readonly [number, number]>> = { 24: [18, 1], 26: [5, 1] }

const versionFault = (version: string): ConfigFault | null => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const least = LEAST[major]
  const recent = least === undefined ? major > 24 : minor > least[0] || (minor === least[0] && patch >= least[1])
  if (recent) return null
  return {
    code: 'node.version',
    file: 'node',
    line: 1,
    column: 1,
    message: `Node ${version} lacks security fixes that an enforcement point needs.`,
    help: 'Run Node 24.18.1 or later.',
  }
}

const read = (path: string): { readonly settings: ServerSettings } | { readonly faults: readonly ConfigFault[] } => {
  const config = readConfig(path)
  if (!config.ok) return { faults: config.faults }
  const resolved = resolveConfig(config.config)
  return resolved.ok ? { settings: resolved.settings } : { faults: resolved.faults }
}

/** Folders of the configuration and of the files it names; not below them, where the log may stand. */
const configFolders = (options: RunOptions, settings: ServerSettings): readonly string[] => [
  ...new Set([resolve(options.configPath), ...settings.files].map((file) => dirname(file))),
]

/** The file of the state, and what SQLite writes beside it: with every login and every use of a session. */
const stateFiles = ({ people: { state } }: ServerSettings): readonly string[] =>
  state === null ? [] : ['', '-wal', '-shm', '-journal'].map((ending) => `${state.file}${ending}`)

const watchAll = (
  options: RunOptions,
  settings: ServerSettings,
  onChange: { readonly policy: () => void; readonly config: () => void },
) => {
  const onTrouble = (why: string) => options.serviceLog.warn('reload.watch', { why })
  const policy = watchPath({ path: settings.policyFolder, recursive: true, except: [], onChange: onChange.policy, onTrouble })
  const except = [settings.log.folder, settings.policyFolder, ...stateFiles(settings)]
  const configs = configFolders(options, settings).map((path) =>
    watchPath({ path, recursive: false, except, onChange: onChange.config, onTrouble }),
  )
  return { close: () => [policy, ...configs].forEach((watched) => watched.close()) }
}

/**
 * Starts from a configuration file and keeps policy and configuration current: on change of their files and on `reloadAll`.
 * A faulty configuration changes nothing. Listeners, log, assertion key and limits are read at start only.
 */
export const runServer = async (
  options: RunOptions,
): Promise<
  (Started & { readonly ok: false }) | { readonly ok: true; readonly running: (Started & { readonly ok: true })['running'] }
> => {
  const old = versionFault(process.versions.node)
  if (old !== null) return { ok: false, faults: [old], diagnostics: [] }
  const first = read(options.configPath)
  if ('faults' in first) return { ok: false, faults: first.faults, diagnostics: [] }
  const started = await startServer(first.settings, options.serviceLog)
  if (!started.ok) return started
  const { running } = started
  const reloadConfig = () => {
    const again = read(options.configPath)
    if ('faults' in again) return options.serviceLog.warn('config.refused', { first: again.faults[0]?.message })
    running.apply(again.settings)
    void running.reload()
  }
  const watched = watchAll(options, first.settings, { policy: () => void running.reload(), config: reloadConfig })
  const close = async () => {
    watched.close()
    await running.close()
  }
  return { ok: true, running: { ...running, reload: running.reload, close } }
}
