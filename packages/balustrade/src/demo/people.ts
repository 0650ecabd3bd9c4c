import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { base32 } from './totp.ts'

/** Somebody who can log in at the identity provider of the demo. */
export interface Person {
  readonly name: string
  readonly fullName: string
  readonly groups: readonly string[]
}

/** A person with what they prove. */
export interface Account extends Person {
  readonly password: string
  readonly totpSecret: Uint8Array
}

const PEOPLE: readonly Person[] = [
  { name: 'mia', fullName: 'Mia Member', groups: ['members'] },
  { name: 'ada', fullName: 'Ada Administrator', groups: ['administrators'] },
  { name: 'uma', fullName: 'Uma Utmost', groups: ['members', 'administrators'] },
  { name: 'gus', fullName: 'Gus Guest', groups: [] },
]

const newPassword = (): string => Array.from({ length: 3 }, () => base32(randomBytes(3)).slice(0, 4).toLowerCase()).join('-')

type Kept = Readonly<Record<string, { readonly password: string; readonly totp: string }>>

const makeSecrets = (): Kept =>
  Object.fromEntries(
    PEOPLE.map(({ name }) => [name, { password: newPassword(), totp: randomBytes(20).toString('base64url') }] as const),
  )

/**
 * The people of the demo. Their secrets are made once a folder and kept in `file` in the open, since the demo has to print them:
 * readable by its owner alone.
 */
export const loadPeople = (file: string): readonly Account[] => {
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(makeSecrets(), null, 2)}\n`, { mode: 0o600 })
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept
  return PEOPLE.flatMap((person) => {
    const secrets = kept[person.name]
    if (secrets === undefined) return []
    return [{ ...person, password: secrets.password, totpSecret: Buffer.from(secrets.totp, 'base64url') }]
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whose name and password these are, or null. An unknown name takes as long as a wrong password. */
export const findByPassword = (people: readonly Account[], name: string, password: string): Account | null => {
  const found = people.find((person) => person.name === name)
  const right = timingSafeEqual(digest(found?.password ?? ''), digest(password))
  return found !== undefined && right ? found : null
}
