// Browsers for tests of endpoints: they keep cookies, and go where they are sent only when told to.
import type { AccessRequest, Answer, Clock, Endpoint } from '../../packages/core/src/kit.ts'
import { fromDescription } from '../../packages/core/src/request/from-description.ts'

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Keeps cookies as a browser does for one host, and follows no redirect. */
export interface Browser {
  readonly cookies: Map<string, string>
  readonly request: (url: string, sent?: Sent) => AccessRequest
  readonly go: (url: string, sent?: Sent) => Promise<Answer>
}

export const headerOf = (answer: Answer, name: string): readonly string[] =>
  answer.headers.filter(([each]) => each === name).map(([, value]) => value)

export const locationOf = (answer: Answer): string => headerOf(answer, 'location')[0] ?? ''

const keepCookies = (cookies: Map<string, string>, answer: Answer): void => {
  for (const line of headerOf(answer, 'set-cookie')) {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split('=')
    if (attributes.includes('Max-Age=0')) cookies.delete(name)
    else cookies.set(name, value)
  }
}

const find = (endpoints: readonly Endpoint[], { method, path }: AccessRequest): Endpoint => {
  const place = JSON.stringify([method === 'HEAD' ? 'GET' : method, ...path.segments.slice(1)])
  const found = endpoints.find((each) => JSON.stringify([each.method, ...each.segments]) === place)
  if (found === undefined) throw new Error(`no endpoint ${place}`)
  return found
}

export const createBrowser = (endpoints: readonly Endpoint[], clock: Clock, origin: string): Browser => {
  const cookies = new Map<string, string>()
  const request = (url: string, { method = 'GET', headers = {} }: Sent = {}): AccessRequest => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const made = fromDescription({
      request: `${method} ${new URL(url, origin).href}`,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      at: clock.now(),
    })
    if (!made.ok) throw new Error(made.code)
    return made.request
  }
  return {
    cookies,
    request,
    go: async (url, sent = {}) => {
      const asked = request(url, sent)
      const body = Buffer.from(sent.body ?? '')
      const answer = await find(endpoints, asked).serve({
        request: asked,
        body: (most) => Promise.resolve(body.length > most ? null : body),
      })
      keepCookies(cookies, answer)
      return answer
    },
  }
}
