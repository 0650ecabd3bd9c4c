import type { ReadyProvider } from './exchange.ts'
import type { LoginContext } from './login-context.ts'

/** A provider of the policy in force whose metadata are at hand; or code of the reason why there is none. Never rejects. */
export const readyProvider = async (
  { image: current, providers }: Pick<LoginContext, 'image' | 'providers'>,
  name: string,
): Promise<ReadyProvider | { readonly fault: string }> => {
  const image = current()
  const provider = image === null ? null : providers.named(name, image)
  if (provider === null) return { fault: 'login.not_offered' }
  const metadata = await provider.metadata()
  return metadata === null ? { fault: 'login.provider_unavailable' } : { provider, metadata }
}
