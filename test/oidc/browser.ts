// A browser as far as logins need one: keeps cookies as RFC 6265 says for one host name, follows redirects, says where requests come
// from. No script, no page is drawn.
import { request as requestHttp } from 'node:http'

export interface Shown {
  readonly status: number
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export interface Browser {
  /** Goes to an address as a person does, redirects included. */
  readonly go: (
    url: string,
    more?: { readonly headers?: Readonly<Record<string, string>>; readonly redirects?: number },
  ) => Promise<Shown>
  /** Sends a form from a page of `from`. */
  readonly submit: (url: string, fields: string, from?: string) => Promise<Shown>
  /** What a script of a page of the same origin sends. */
  readonly script: (url: string, headers?: Readonly<Record<string, string>>) => Promise<Shown>
  readonly cookies: Map<string, string>
}

const MOST_REDIRECTS = 12

interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const send = ({ method, url, headers, body }: Sent): Promise<Shown> =>
  new Promise((resolve, reject) => {
    const request = requestHttp(
      {
        host: '127.0.0.1',
        port: url.port,
        method,
        path: url.pathname + url.search,
        headers: { host: url.host, ...headers },
        agent: false,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, url: url.href, headers: response.headers, body: text }),
        )
      },
    )
    request.setTimeout(20_000, () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end(body)
  })

const keep = (cookies: Map<string, string>, lines: readonly string[]): void => {
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const at = pair.indexOf('=')
    const gone = attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=thu, 01 jan 1970/i.test(each))
    if (gone) cookies.delete(pair.slice(0, at))
    else cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

/** Where a browser goes by itself: by Location, or by the Refresh field of a page. */
const onward = ({ status, headers }: Shown): string | null => {
  const { location, refresh } = headers
  if (status >= 300 && status < 400) return typeof location === 'string' ? location : null
  return typeof refresh === 'string' ? (/^0; url=(.*)$/.exec(refresh)?.[1] ?? null) : null
}

/** Cookies go to the host name `home` alone, on any port, as browsers do. */
export const createBrowser = (home: string): Browser => {
  const cookies = new Map<string, string>()

  const exchange = async (sent: Sent): Promise<Shown> => {
    const mine = sent.url.hostname === home
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const shown = await send({ ...sent, headers: { ...sent.headers, ...(mine && cookie !== '' ? { cookie } : {}) } })
    if (mine) keep(cookies, [shown.headers['set-cookie'] ?? []].flat())
    return shown
  }

  const follow = async (shown: Shown, left: number): Promise<Shown> => {
    const location = onward(shown)
    if (location === null || left === 0) return shown
    const url = new URL(location, shown.url)
    return follow(await exchange({ method: 'GET', url, headers: NAVIGATION, body: '' }), left - 1)
  }

  return {
    cookies,
    go: async (url, { headers = {}, redirects = MOST_REDIRECTS } = {}) =>
      follow(await exchange({ method: 'GET', url: new URL(url), headers: { ...NAVIGATION, ...headers }, body: '' }), redirects),
    submit: async (url, fields, from = new URL(url).origin) => {
      const site = from === new URL(url).origin ? 'same-origin' : 'cross-site'
      const headers = {
        ...NAVIGATION,
        origin: from,
        'sec-fetch-site': site,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(Buffer.byteLength(fields)),
      }
      return follow(await exchange({ method: 'POST', url: new URL(url), headers, body: fields }), MOST_REDIRECTS)
    },
    script: (url, headers = {}) =>
      exchange({
        method: 'GET',
        url: new URL(url),
        headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin', ...headers },
        body: '',
      }),
  }
}

const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html,*/*;q=0.8' }
