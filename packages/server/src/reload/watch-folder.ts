import { watch } from 'node:fs'
import { attempt } from '@balustrade/core/kit'

/** Changes that come together are one change; editors write a file in several steps. */
const SETTLE = 25

/** Calls `onChange` after files below a path changed. A path that cannot be watched is reported once; signals still reload. */
export const watchPath = (
  path: string,
  onChange: () => void,
  onTrouble: (why: string) => void,
): { readonly close: () => void } => {
  let timer: NodeJS.Timeout | null = null
  const changed = () => {
    timer ??= setTimeout(() => {
      timer = null
      onChange()
    }, SETTLE)
  }
  const made = attempt(() => watch(path, { recursive: true, persistent: false }, changed))
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
