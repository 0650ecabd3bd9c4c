import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join, sep } from 'node:path'
import { attempt } from '@balustrade/core/kit'

/** Changes that come together are one change; editors write a file in several steps. */
const SETTLE = 25

export interface Watch {
  readonly path: string
  /** Folders below it too. Without, a server that writes in one of them is not woken by every write of its own. */
  readonly recursive: boolean
  /** Files that do not count, and folders none of whose files do: what a running server writes would have it reload without end. */
  readonly except: readonly string[]
  readonly onChange: () => void
  readonly onTrouble: (why: string) => void
}

const isBelow = (file: string, folder: string): boolean => file === folder || file.startsWith(folder + sep)

/** Folders that hold no policy, however many files they have. */
const LEFT_OUT = /^(\.|node_modules$)/

const foldersBelow = (path: string): readonly string[] => {
  const listed = attempt(() => readdirSync(path, { withFileTypes: true }))
  if (!listed.ok) return []
  const folders = listed.value.filter((entry) => entry.isDirectory() && !LEFT_OUT.test(entry.name))
  return folders.map(({ name }) => join(path, name)).flatMap((folder) => [folder, ...foldersBelow(folder)])
}

/** A folder as it is now: another one that takes its name is another. */
const identityOf = (folder: string): string => {
  const stats = attempt(() => statSync(folder))
  return `${stats.ok ? stats.value.ino : 'none'} ${folder}`
}

/**
 * Calls `onChange` after files below a path changed. A path that cannot be watched is reported once; signals still reload. Folders
 * are watched and never files: whoever saves without showing half a file puts another one in its place, which a watch over the
 * former file (Node's `recursive`, on Linux) does not see.
 */
export const watchPath = ({ path, recursive, except, onChange, onTrouble }: Watch): { readonly close: () => void } => {
  const open = new Map<string, FSWatcher>()
  let timer: NodeJS.Timeout | null = null
  let reported = false
  const trouble = () => {
    if (!reported) onTrouble(`cannot watch ${path}`)
    reported = true
  }
  const add = (folder: string, identity: string) => {
    const changed = (_event: string, name: string | null) => {
      const file = name === null ? folder : join(folder, name)
      if (except.some((each) => isBelow(file, each))) return
      timer ??= setTimeout(settled, SETTLE)
    }
    const made = attempt(() => watch(folder, { persistent: false }, changed))
    if (!made.ok) return trouble()
    made.value.on('error', trouble)
    open.set(identity, made.value)
  }
  const renew = () => {
    const folders = [path, ...(recursive ? foldersBelow(path) : [])].filter(
      (folder) => !except.some((each) => isBelow(folder, each)),
    )
    const wanted = new Map(folders.map((folder) => [identityOf(folder), folder]))
    for (const [identity, watcher] of open) {
      if (wanted.has(identity)) continue
      watcher.close()
      open.delete(identity)
    }
    for (const [identity, folder] of wanted) if (!open.has(identity)) add(folder, identity)
  }
  const settled = () => {
    timer = null
    // Before the change is told: what is written to a new folder from here on is seen, what was written before will be read.
    renew()
    onChange()
  }
  renew()
  return {
    close: () => {
      for (const watcher of open.values()) watcher.close()
      if (timer !== null) clearTimeout(timer)
    },
  }
}
