import { type Markup, markup, PLAIN, pageAnswer } from '@balustrade/core/kit'

/** A page of the identity provider, ready to send. */
export interface ProviderPage {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** What every page shows besides its question. */
export interface Shown {
  readonly status: number
  /** What went wrong with the last answer; null: nothing. */
  readonly fault: string | null
  /** Who this is about; null: nobody yet. */
  readonly person: string | null
}

const NOTHING = markup``

const STYLE =
  'form{margin:.75rem 0}label{display:block;font-weight:600;margin:.75rem 0 .25rem}input{display:block;font:inherit;padding:.4rem .5rem;width:100%;max-width:20rem;box-sizing:border-box}' +
  'button.first{background:#1b1b1b;color:#fff}p.fault{border-left:.3rem solid #b00020;padding-left:.75rem}@media (prefers-color-scheme:dark){button.first{background:#eee;color:#161616}input{background:#222;color:inherit;border:1px solid}}'

/** Everything of these pages that a browser runs. */
export const PASSKEY_SCRIPT = `const form = document.getElementById('passkey')
const fault = document.getElementById('passkey-fault')
form.querySelector('button').addEventListener('click', async (event) => {
  event.preventDefault()
  try {
    const options = JSON.parse(form.dataset.options)
    const credential = form.dataset.ceremony === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
    form.elements.response.value = JSON.stringify(credential)
    form.submit()
  } catch (error) {
    fault.textContent = 'The browser gave no passkey: ' + error.message
    fault.hidden = false
  }
})
`

/**
 * Pages in the plain form of the gateway's own, under a policy of the provider: a form may lead back to the gateway (Chromium counts
 * redirects as targets of a form), and the one script may run.
 */
export const createProviderPages = (gatewayOrigins: readonly string[]) => {
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "script-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    `form-action 'self' ${gatewayOrigins.join(' ')}`,
  ].join('; ')
  const page = (title: string, body: Markup, { status, fault, person }: Shown): ProviderPage => {
    const said = fault === null ? NOTHING : markup`<p class="fault" role="alert">${fault}</p>`
    const who = person === null ? NOTHING : markup`<p>For <strong>${person}</strong>.</p>`
    const theme = { ...PLAIN, name: 'Identity provider of the Balustrade demo', style: STYLE }
    const answer = pageAnswer(status, { title, body: markup`${said}${who}${body}`, theme, forms: "'self'" })
    const kept = answer.headers.filter(([name]) => name !== 'content-security-policy' && name !== 'referrer-policy')
    return {
      status,
      headers: [...kept, ['content-security-policy', policy], ['referrer-policy', 'same-origin']],
      body: answer.body,
    }
  }
  return page
}

export type MakePage = ReturnType<typeof createProviderPages>

const button = (value: string, text: string): Markup => markup`<button name="do" value="${value}">${text}</button>`

/** Other things to do than what a page asks for, in a form of their own so that no field of the first is required for them. */
const others = (buttons: readonly Markup[]): Markup => markup`<form method="post">${buttons}${button('cancel', 'Cancel')}</form>`

const ALTERNATIVES = { otp: 'Use a code instead', passkey: 'Use a passkey instead', password: 'Use a password instead' } as const

/** Buttons of a page about a person: other proofs that would do, and another account. */
const aside = (choices: readonly (keyof typeof ALTERNATIVES)[]): Markup =>
  others([...choices.map((choice) => button(`use-${choice}`, ALTERNATIVES[choice])), button('leave', 'Sign in as somebody else')])

export const passwordForm = (name: string): Markup =>
  markup`<form method="post"><label for="name">Name</label><input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" required><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required><button class="first" name="do" value="password">Sign in</button></form>${others([])}`

export const codeForm = (choices: readonly (keyof typeof ALTERNATIVES)[]): Markup =>
  markup`<form method="post"><label for="code">Code of your authenticator app, six digits</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required><button class="first" name="do" value="code">Continue</button></form>${aside(choices)}`

/** A ceremony of WebAuthn: the script asks the browser with `options` and sends what it answers. */
export interface Ceremony {
  readonly kind: 'get' | 'create'
  readonly options: object
}

export const passkeyForm = ({ kind, options }: Ceremony, choices: readonly (keyof typeof ALTERNATIVES)[]): Markup => {
  const [action, text, intro] =
    kind === 'get'
      ? ['passkey', 'Use a passkey', 'Your browser asks for your fingerprint, face, security key or screen lock.']
      : ['enrol', 'Create a passkey', 'You have no passkey yet. Create one now; next time it is all you need here.']
  return markup`<p>${intro}</p><p class="fault" id="passkey-fault" role="alert" hidden></p><noscript><p>A passkey needs script, which is off.</p></noscript><form method="post" id="passkey" data-ceremony="${kind}" data-options="${JSON.stringify(options)}"><input type="hidden" name="response"><input type="hidden" name="do" value="${action}"><button class="first" type="submit">${text}</button></form>${aside(choices)}<script src="/passkey.js"></script>`
}

/** The question of a logout that a client began. */
export const logoutForm = (action: string, xsrf: string): Markup =>
  markup`<p>Every application that you signed in to with this browser is told.</p><form method="post" action="${action}"><input type="hidden" name="xsrf" value="${xsrf}"><button class="first" name="logout" value="yes">Sign out</button><button>Stay signed in here</button></form>`

export const paragraph = (text: string): Markup => markup`<p>${text}</p>`
