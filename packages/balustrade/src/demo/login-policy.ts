import { interactionPolicy } from 'oidc-provider'

/** By what people prove who they are, weakest first: values of `acr`. `otp` is a password and a code, or a code in a session. */
export const ACR_VALUES = ['password', 'otp', 'passkey'] as const
export type Acr = (typeof ACR_VALUES)[number]

const isAcr = (value: string): value is Acr => (ACR_VALUES as readonly string[]).includes(value)

/** What `acr_values` asks for that can be proved here, most wanted first; none: anything will do (OpenID Connect Core section 3.1.2.1). */
export const acceptableAcr = (acrValues: unknown): readonly Acr[] =>
  typeof acrValues === 'string' ? acrValues.split(' ').filter(isAcr) : []

/**
 * When people are asked to prove something, although they have a session: `prompt=login`, a session older than `max_age`, another
 * person than the ID token hinted at, and an `acr` that is none of those asked for. The provider's session holds one `acr` and the
 * time of that very proof, so that a fresh password never makes an old passkey look fresh.
 */
export const createLoginPolicy = (): readonly interactionPolicy.Prompt[] => {
  const { Check, base } = interactionPolicy
  const policy = base()
  const login = policy.get('login')
  if (login === undefined) throw new Error('oidc-provider has no prompt of the name login')
  const check = new Check('acr', 'a stronger proof is needed', 'login_required', (context) => {
    const asked = acceptableAcr(context.oidc.params?.['acr_values'])
    return asked.length > 0 && !asked.includes(context.oidc.session?.acr as Acr)
  })
  login.checks.add(check)
  // Client and provider are one party: nobody is asked whether the one may know what the other knows.
  return [login]
}
