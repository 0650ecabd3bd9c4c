import { type Markup, markup } from '@balustrade/core/kit'

/** Who the gateway says it is; '' where it says nothing. */
export interface Seen {
  readonly user: string
  readonly groups: string
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1.5rem;color:#1b1b1b;background:#fff}nav a{margin-right:1rem}a{color:inherit}label{display:block;font-weight:600}input,button{font:inherit;padding:.4rem .6rem}pre{border:1px solid;padding:.75rem;min-height:4rem}@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}}'

const who = ({ user, groups }: Seen): Markup =>
  user === ''
    ? markup`<p>The gateway tells this service nothing about you.</p>`
    : markup`<p>The gateway tells this service that you are <strong>${user}</strong>${groups === '' ? '' : `, of ${groups}`}. <a href="/.balustrade/logout">Sign out</a></p>`

/** A page of the service, with links to all of them. */
const page = (title: string, seen: Seen, body: Markup): string =>
  `${
    markup`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><link rel="icon" href="data:,"><style>${{ text: STYLE } as Markup}</style></head><body><nav aria-label="Pages"><a href="/">Start</a><a href="/api/notes">Notes</a><a href="/api/live">Live</a><a href="/admin/users">Administration</a></nav><main><h1>${title}</h1>${body}${who(seen)}</main></body></html>`
      .text
  }\n`

export const startPage = (seen: Seen): string =>
  page(
    'Sample service',
    seen,
    markup`<p>This page is for everybody.</p><ul><li>Notes and the live page are for members: you are asked to sign in.</li><li>Adding a note asks for a second factor, and the note is not lost meanwhile.</li><li>Administration is for administrators who used a passkey within fifteen minutes.</li></ul>`,
  )

export const notesPage = (seen: Seen, notes: readonly string[]): string =>
  page(
    'Notes',
    seen,
    markup`<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul><form method="post" action="/api/notes"><label for="note">A new note</label><input id="note" name="note" maxlength="200" required> <button>Add</button></form>`,
  )

export const livePage = (seen: Seen): string =>
  page(
    'Live',
    seen,
    markup`<p>A WebSocket through the gateway. It is cut when you sign out, or when the policy lets you in no longer.</p><form id="say"><label for="text">Say something</label><input id="text" required> <button>Send</button></form><pre id="heard" role="log" aria-label="What came back"></pre><script src="/api/live.js"></script>`,
  )

export const adminPage = (seen: Seen): string =>
  page(
    'Administration',
    seen,
    markup`<p>You administer: with phishing-resistant proof no older than fifteen minutes, from the office.</p>`,
  )

/** Script of the live page. */
export const LIVE_SCRIPT = `const heard = document.getElementById('heard')
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket')
const tell = (text) => { heard.textContent += text + '\\n' }
socket.addEventListener('message', async ({ data }) => tell(String(data instanceof Blob ? await data.text() : data).trim()))
socket.addEventListener('close', ({ code, reason }) => tell('closed: ' + code + ' ' + reason))
document.getElementById('say').addEventListener('submit', (event) => {
  event.preventDefault()
  socket.send(document.getElementById('text').value)
})
`
