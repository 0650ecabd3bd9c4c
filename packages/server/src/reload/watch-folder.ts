import { watch } from 'node:fs'
import { join, sep } from 'node:path'
import { attempt } from '@balustrade/core/kit'

/** Changes that come together are one change; editors write a file in several steps. */
const SETTLE = 25

export interface Watch {
  readonly path: string
  /** Folders below it too. Without, a server that writes in one of them is not woken by every write of its own. */
  readonly recursive: boolean
  /** Folders below it whose files do not count: what a running server writes would have it reload without end. */
  readonly except: readonly string[]
  readonly onChange: () => void
  readonly onTrouble: (why: string) => void
}

const isBelow = (file: string, folder: string): boolean => file === folder || file.startsWith(folder + sep)

/** Calls `onChange` after files below a path changed. A path that cannot be watched is reported once; signals still reload. */
export const watchPath = ({ path, recursive, except, onChange, onTrouble }: Watch): { readonly close: () => void } => {
  let timer: NodeJS.Timeout | null = null
  const changed = (_event: string, name: string | null) => {
    const file = name === null ? path : join(path, name)
    if (except.some((folder) => isBelow(file, folder))) return
    timer ??= setTimeout(() => {
      timer = null
      onChange()
    }, SETTLE)
  }
  const made = attempt(() => watch(path, { recursive, persistent: false }, changed))
  if (!made.ok) {
    onTrouble(`cannot watch ${path}`)
    return { close: () => {} }
  }
  made.value.on('error', () => onTrouble(`cannot watch ${path}`))
  return {
    close: () => {
      made.value.close()
      if (timer !== null) clearTimeout(timer)
    },
  }
}
