/** One package of a lock file. */
export interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly link?: boolean
  readonly integrity?: string
  readonly optional?: boolean
  readonly os?: string | readonly string[]
  readonly cpu?: string | readonly string[]
  readonly libc?: readonly string[]
}

export function findStale(
  wanted: Readonly<Record<string, LockedPackage>>,
  installed: Readonly<Record<string, LockedPackage | undefined>>,
): string | undefined

export function redact(text: string): string
