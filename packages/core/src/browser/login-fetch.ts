// For pages: a `fetch` that lets a person log in or step up when a request is challenged, and sends it once more. Runs in a browser;
// decides nothing and holds no credential: the session is a cookie that no script can read.
import { attempt, attemptAsync } from '../lib/attempt.ts'

/** What a request lacked, as the gateway told it (RFC 9457, with RFC 9470 in its header). */
export interface Challenge {
  /** Path of this origin that a window is opened at. */
  readonly login: string
  /** Texts for people. */
  readonly detail: string
  /** Level and age in seconds of the factor that is asked for; absent: a login is enough. */
  readonly stepUp: { readonly level: string; readonly maxAge: number | null } | null
  /** Decision id, for the operator. */
  readonly decision: string
}

/** A window as far as it is used here. */
export interface LoginWindow {
  readonly closed: boolean
  readonly location: { readonly pathname: string }
  readonly close: () => void
}

export interface LoginFetchOptions {
  /** Default: the page's own `fetch`. */
  readonly fetch?: typeof fetch
  /**
   * Asks the person, and resolves true when the window may be opened. Browsers open windows only while a person acts, so a page
   * shows a button here and resolves when it is pressed. Default: at once, which works within an event of the person.
   */
  readonly present?: (challenge: Challenge) => Promise<boolean>
  /** Default: `window.open` with a small window. Null: it was not opened. */
  readonly open?: (path: string) => LoginWindow | null
  /** ms after which nobody waits for the window any more. Default: 10 minutes. */
  readonly deadline?: number
}

const LOOK = 250
const DEADLINE = 600_000
/** Where the login of a window ends. */
const DONE = '/.balustrade/done'

interface Page {
  readonly open: (path: string, name: string, features: string) => LoginWindow | null
}

const openWindow = (path: string): LoginWindow | null =>
  (globalThis as unknown as Page).open(path, 'balustrade-login', 'popup,width=520,height=720')

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** While the window shows another origin, its place cannot be read: the provider's pages are none of ours. */
const pathOf = (shown: LoginWindow): string | null => {
  const read = attempt(() => shown.location.pathname)
  return read.ok ? read.value : null
}

/** Resolves when the window has come to the end or was closed; false after the deadline. */
const finished = async (shown: LoginWindow, deadline: number): Promise<boolean> => {
  for (let waited = 0; waited < deadline; waited += LOOK) {
    if (shown.closed) return true
    if (pathOf(shown) === DONE) {
      shown.close()
      return true
    }
    await wait(LOOK)
  }
  return false
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const stepUpOf = (remedy: unknown): Challenge['stepUp'] => {
  const asked = isRecord(remedy) ? remedy['step_up'] : undefined
  if (!isRecord(asked)) return null
  return { level: textOf(asked['level']), maxAge: typeof asked['max_age'] === 'number' ? asked['max_age'] : null }
}

/** The challenge of an answer; null: it is none that a login here would meet. The answer itself stays readable. */
const readChallenge = async (response: Response): Promise<Challenge | null> => {
  if (response.status !== 401 || !(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return null
  const read = await attemptAsync(async (): Promise<unknown> => response.clone().json())
  const problem = read.ok ? read.value : null
  // A path of this origin and nothing else: what another origin answers must not choose where a window goes.
  if (!isRecord(problem) || !/^\/\.balustrade\/login\?[!-~]+$/.test(textOf(problem['login']))) return null
  return {
    login: textOf(problem['login']),
    detail: textOf(problem['detail']),
    stepUp: stepUpOf(problem['remedy']),
    decision: textOf(problem['decision']),
  }
}

/**
 * A `fetch` for pages behind the gateway. A request that is challenged opens a window in which the person logs in or proves a factor,
 * and is sent once more; requests that are challenged meanwhile wait for the same window. Everything else, and a second challenge,
 * is returned as it came. A body that is a stream is read once by nature: such a request is not sent again.
 */
export const createLoginFetch = (options: LoginFetchOptions = {}): typeof fetch => {
  const { present = async () => true, open = openWindow, deadline = DEADLINE } = options
  const send: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  let underWay: Promise<boolean> | null = null

  const logIn = async (challenge: Challenge): Promise<boolean> => {
    if (!(await present(challenge))) return false
    const shown = open(challenge.login)
    return shown !== null && finished(shown, deadline)
  }

  /** One window at a time, however many requests were challenged. */
  const logInOnce = (challenge: Challenge): Promise<boolean> => {
    underWay ??= logIn(challenge).finally(() => {
      underWay = null
    })
    return underWay
  }

  return async (input, init) => {
    const again = input instanceof Request && init?.body === undefined ? input.clone() : input
    const response = await send(input, init)
    if (init?.body instanceof ReadableStream) return response
    const challenge = await readChallenge(response)
    if (challenge === null || !(await logInOnce(challenge))) return response
    return send(again, init)
  }
}
