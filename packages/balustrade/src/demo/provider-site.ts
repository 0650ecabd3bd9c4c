import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { createExpiringMap } from './expiring-map.ts'
import { createInteractions } from './interactions.ts'
import type { Progress } from './login-steps.ts'
import { createPasskeys } from './passkeys.ts'
import type { Account } from './people.ts'
import { type MakePage, paragraph, PASSKEY_SCRIPT, type ProviderPage } from './provider-pages.ts'
import { readForm } from './read-form.ts'
import { createThrottle } from './throttle.ts'
import { createTotpCheck } from './totp.ts'

const MOST_LOGINS = 1_000
const LARGEST_FORM = 32_768

/** A form of ours comes from a page of ours. The address of a login is a secret besides, so what says nothing may pass. */
const isForeign = ({ headers }: IncomingMessage, issuer: string): boolean =>
  (headers.origin ?? issuer) !== issuer || (headers['sec-fetch-site'] ?? 'same-origin') !== 'same-origin'

/** Null: the answer was sent already. */
type Interact = (message: IncomingMessage, response: ServerResponse) => Promise<ProviderPage | null>

const createSite = (
  provider: Provider,
  { people, passkeyFile, page }: { readonly people: readonly Account[]; readonly passkeyFile: string; readonly page: MakePage },
): Interact => {
  const monotonic = () => performance.now()
  const parts = {
    people,
    passkeys: createPasskeys(passkeyFile, provider.issuer),
    codes: createTotpCheck(),
    passwordThrottle: createThrottle(monotonic),
    codeThrottle: createThrottle(monotonic),
    logins: createExpiringMap<Progress>(MOST_LOGINS, Date.now),
    now: Date.now,
  }
  const interact = createInteractions(provider, parts, page)
  const refused = (status: number) =>
    page('This did not work', paragraph('The form was not accepted. Go back, and send it again.'), {
      status,
      fault: null,
      person: null,
    })
  return async (message, response) => {
    if (message.method === 'GET' || message.method === 'HEAD') return interact(message, response, null)
    if (message.method !== 'POST') return refused(405)
    if (isForeign(message, provider.issuer)) return refused(403)
    const form = await readForm(message, LARGEST_FORM)
    return form === null ? refused(413) : interact(message, response, form)
  }
}

/** Serves the pages on which people log in beside the endpoints of the provider. */
export const servePages = (provider: Provider, options: Parameters<typeof createSite>[1]): void => {
  const interact = createSite(provider, options)
  provider.use(async (context, next) => {
    if (context.path === '/passkey.js') {
      context.type = 'text/javascript'
      context.body = PASSKEY_SCRIPT
      return
    }
    if (!context.path.startsWith('/interaction/')) return next()
    const shown = await interact(context.req, context.res)
    // Koa keeps away from what we answer: oidc-provider sends the browser on by itself when a login is over.
    context.respond = false
    if (shown === null) return
    context.res.writeHead(shown.status, Object.fromEntries(shown.headers))
    context.res.end(context.method === 'HEAD' ? '' : shown.body)
  })
}
