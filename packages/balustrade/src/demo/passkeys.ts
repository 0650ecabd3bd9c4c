import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { attemptAsync } from '@balustrade/core/kit'
import { openPasskeyFile, type PasskeyFile } from './passkey-file.ts'
import type { Person } from './people.ts'

/** What a browser answered to a challenge, as JSON text. */
export interface PasskeyAnswer {
  readonly response: string
  readonly challenge: string
}

/** Passkeys of people (WebAuthn level 3). User verification is demanded, so one is two factors at once. */
export interface Passkeys {
  readonly has: (name: string) => boolean
  readonly startEnrolment: (person: Person) => Promise<PublicKeyCredentialCreationOptionsJSON>
  /** False: it was not what was asked for. */
  readonly enrol: (person: Person, answer: PasskeyAnswer) => Promise<boolean>
  readonly startProof: (person: Person) => Promise<PublicKeyCredentialRequestOptionsJSON>
  /** False: it was not what was asked for, or is a passkey of nobody or somebody else. */
  readonly prove: (person: Person, answer: PasskeyAnswer) => Promise<boolean>
}

/** Passkeys, and the origin of the pages. */
interface Kept {
  readonly file: PasskeyFile
  readonly origin: string
}

const MOST_OF_ONE = 10
/** WebAuthn takes no addresses, so the provider is at this name. */
const RELYING_PARTY = 'localhost'
/** Ed25519, ES256, RS256 (IANA COSE algorithms): what authenticators have. */
const ALGORITHMS = [-8, -7, -257]

const expected = ({ origin }: Kept, challenge: string) => ({
  expectedChallenge: challenge,
  expectedOrigin: origin,
  expectedRPID: RELYING_PARTY,
  requireUserVerification: true,
})

const enrol = async (kept: Kept, { name }: Person, { response, challenge }: PasskeyAnswer): Promise<boolean> => {
  const answer = JSON.parse(response) as RegistrationResponseJSON
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: answer,
    supportedAlgorithmIDs: ALGORITHMS,
    ...expected(kept, challenge),
  })
  const passkeys = kept.file.of(name)
  if (!verified || passkeys.length >= MOST_OF_ONE) return false
  const { id, publicKey, counter } = registrationInfo.credential
  kept.file.keep(name, [...passkeys, { id, key: Buffer.from(publicKey).toString('base64url'), counter }])
  return true
}

const prove = async (kept: Kept, { name }: Person, { response, challenge }: PasskeyAnswer): Promise<boolean> => {
  const answer = JSON.parse(response) as AuthenticationResponseJSON
  const passkey = kept.file.of(name).find(({ id }) => id === answer.id)
  if (passkey === undefined) return false
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: answer,
    ...expected(kept, challenge),
    credential: { ...passkey, publicKey: new Uint8Array(Buffer.from(passkey.key, 'base64url')) },
  })
  if (!verified) return false
  const used = { ...passkey, counter: authenticationInfo.newCounter }
  const passkeys = kept.file.of(name).map((each) => (each.id === used.id ? used : each))
  kept.file.keep(name, passkeys)
  return true
}

/** The library throws at whatever does not fit, and what comes from outside need not be JSON. */
const whether = async (check: () => Promise<boolean>): Promise<boolean> => {
  const checked = await attemptAsync(check)
  return checked.ok && checked.value
}

/** `path`: where they are kept. `origin`: that of the pages. */
export const createPasskeys = (path: string, origin: string): Passkeys => {
  const kept: Kept = { file: openPasskeyFile(path), origin }
  const idsOf = (name: string) => kept.file.of(name).map(({ id }) => ({ id }))
  return {
    has: (name) => kept.file.of(name).length > 0,
    startEnrolment: ({ name, fullName }) =>
      generateRegistrationOptions({
        rpName: 'Balustrade demo',
        rpID: RELYING_PARTY,
        userName: name,
        userDisplayName: fullName,
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: idsOf(name),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      }),
    enrol: (person, answer) => whether(() => enrol(kept, person, answer)),
    startProof: ({ name }) =>
      generateAuthenticationOptions({ rpID: RELYING_PARTY, userVerification: 'required', allowCredentials: idsOf(name) }),
    prove: (person, answer) => whether(() => prove(kept, person, answer)),
  }
}
