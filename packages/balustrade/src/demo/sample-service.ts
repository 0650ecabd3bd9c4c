import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { WebSocketServer } from 'ws'
import { closeServer, listenOn } from './listen.ts'
import { readForm } from './read-form.ts'
import { adminPage, LIVE_SCRIPT, livePage, notesPage, type Seen, startPage } from './sample-pages.ts'

export interface SampleService {
  readonly port: number
  readonly close: () => Promise<void>
}

const MOST_NOTES = 20
const LONGEST_NOTE = 200
const LARGEST_FORM = 4_096

const header = ({ headers }: IncomingMessage, name: string): string => {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/** What the service learns of a request: it believes the identity headers of the gateway, and knows nothing of tokens or sessions. */
const seenIn = (message: IncomingMessage): Seen & { readonly kind: string } => ({
  user: header(message, 'x-balustrade-user'),
  kind: header(message, 'x-balustrade-kind'),
  groups: header(message, 'x-balustrade-groups'),
})

const wantsPage = (message: IncomingMessage): boolean => header(message, 'accept').includes('text/html')

/** What to send: a page for a browser; everything else is told what was seen. */
interface Reply {
  readonly type: 'text/html; charset=utf-8' | 'text/javascript' | 'application/json'
  readonly body: string
}

const html = (body: string): Reply => ({ type: 'text/html; charset=utf-8', body })

const replyTo = (message: IncomingMessage, notes: readonly string[]): Reply => {
  const { method = '', url = '' } = message
  const seen = seenIn(message)
  const pages: Readonly<Record<string, () => Reply>> = {
    '/': () => html(startPage(seen)),
    '/api/notes': () => html(notesPage(seen, notes)),
    '/api/live': () => html(livePage(seen)),
    '/api/live.js': () => ({ type: 'text/javascript', body: LIVE_SCRIPT }),
    '/admin/users': () => html(adminPage(seen)),
  }
  const page = Object.hasOwn(pages, url) ? pages[url] : undefined
  if (page !== undefined && (url === '/' || url.endsWith('.js') || wantsPage(message))) return page()
  return { type: 'application/json', body: `${JSON.stringify({ served: `${method} ${url}`, ...seen })}\n` }
}

/** Adds a note of a form, and sends the browser to the list: loading that again adds nothing. */
const addNote = async (message: IncomingMessage, response: ServerResponse, notes: string[]): Promise<void> => {
  const note = (await readForm(message, LARGEST_FORM))?.['note']?.slice(0, LONGEST_NOTE) ?? ''
  if (note !== '') notes.push(note)
  notes.splice(0, notes.length - MOST_NOTES)
  response.writeHead(303, { location: '/api/notes', 'content-length': '0' }).end()
}

const isNoteForm = (message: IncomingMessage): boolean =>
  message.method === 'POST' &&
  message.url === '/api/notes' &&
  header(message, 'content-type').startsWith('application/x-www-form-urlencoded') &&
  wantsPage(message)

/** A service that knows nothing of logins: pages with notes for browsers, JSON for programs, and at `/socket` an echo. */
export const startSampleService = async (port: number): Promise<SampleService> => {
  const notes: string[] = []
  const server = createServer((message, response) => {
    if (isNoteForm(message)) return void addNote(message, response, notes)
    const { type, body } = replyTo(message, notes)
    response.setHeader('content-type', type)
    response.end(body)
  })
  const sockets = new WebSocketServer({ server, path: '/socket' })
  sockets.on('connection', (socket) => {
    socket.send('connected\n')
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  return {
    port: await listenOn(server, port),
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      await closeServer(server)
    },
  }
}
