import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

export interface Passkey {
  readonly id: string
  /** COSE key, base64url. */
  readonly key: string
  /** Of the authenticator, as it told last. */
  readonly counter: number
}

/** Passkeys of people, kept in a file: public keys only. */
export interface PasskeyFile {
  readonly of: (name: string) => readonly Passkey[]
  readonly keep: (name: string, passkeys: readonly Passkey[]) => void
}

type Kept = ReadonlyMap<string, readonly Passkey[]>

const read = (path: string): Kept =>
  new Map(existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, readonly Passkey[]>) : [])

/** Reads the file once; it is written anew as a whole with every change. */
export const openPasskeyFile = (path: string): PasskeyFile => {
  let kept = read(path)
  return {
    of: (name) => kept.get(name) ?? [],
    keep: (name, passkeys) => {
      kept = new Map([...kept, [name, passkeys]])
      writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(kept)), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
}
