import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { attempt } from '@balustrade/core/kit'
import type { ConfigFault } from './fault.ts'
import type { ConfigFile } from './read-config.ts'
import type { SecretReference } from './schema.ts'

/** Collects faults while everything else is still checked. */
export interface Collector {
  readonly config: ConfigFile
  readonly faults: ConfigFault[]
  readonly files: string[]
  readonly add: (path: Path, fault: Pick<ConfigFault, 'code' | 'message' | 'help'>) => void
}

export const createCollector = (config: ConfigFile): Collector => {
  const faults: ConfigFault[] = []
  return { config, faults, files: [], add: (path, fault) => faults.push({ ...fault, file: config.file, ...config.at(path) }) }
}

export type Path = readonly PropertyKey[]

const GROUP_OR_OTHERS = 0o077

const readSecretFile = (
  collector: Collector,
  path: Path,
  { file, secret }: { readonly file: string; readonly secret: boolean },
): string | null => {
  const full = resolve(collector.config.base, file)
  collector.files.push(full)
  const read = attempt(() => ({ text: readFileSync(full, 'utf8'), mode: statSync(full).mode }))
  if (!read.ok) {
    collector.add(path, {
      code: 'config.secret_unreadable',
      message: `${file} cannot be read.`,
      help: 'Check the path and that this user may read the file.',
    })
    return null
  }
  if (secret && (read.value.mode & GROUP_OR_OTHERS) !== 0) {
    collector.add(path, {
      code: 'config.key_readable',
      message: `${file} can be read by other users.`,
      help: `chmod 600 ${file}`,
    })
    return null
  }
  return read.value.text
}

/** `isPublic` for certificates, which others may read. */
type Named = SecretReference & { readonly isPublic?: boolean }

export const readReference = (collector: Collector, path: Path, reference: Named): string | null => {
  if ('file' in reference) return readSecretFile(collector, path, { file: reference.file, secret: reference.isPublic !== true })
  const value = process.env[reference.env]
  if (value !== undefined && value !== '') return value
  collector.add(path, {
    code: 'config.env_missing',
    message: `The environment variable ${reference.env} is not set.`,
    help: `Set ${reference.env} before starting.`,
  })
  return null
}

export const readSigningKey = (collector: Collector, path: Path, reference: SecretReference): KeyObject | null => {
  const text = readReference(collector, path, reference)
  if (text === null) return null
  const key = attempt(() => createPrivateKey(text))
  if (key.ok && key.value.asymmetricKeyType === 'ed25519') return key.value
  collector.add(path, {
    code: 'config.key_invalid',
    message: 'The key is not an Ed25519 private key in PEM.',
    help: 'Make one: openssl genpkey -algorithm ed25519 -out key.pem',
  })
  return null
}
