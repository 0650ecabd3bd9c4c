import { Command } from 'commander'
import { createDecisionIds, formatDuration } from '@balustrade/core/kit'
import type { Ending, RecordNotes, SessionListed, Sessions } from '@balustrade/server'
import { EXIT } from '../terminal/exit-code.ts'
import { configOption, openState, refuse } from '../terminal/open-state.ts'
import { examples, jsonOption } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
}

interface EndOptions extends CommonOptions {
  readonly id?: string
  readonly user?: string
  readonly all?: true
}

interface Opened {
  readonly sessions: Sessions
  /** The server writes the log: what is done here is left for it to tell. */
  readonly notes: RecordNotes
  readonly close: () => Promise<void>
}

const open = async (path: string): Promise<Opened | null> => {
  const opened = await openState(path, 'nobody logs in here and there are no sessions')
  if (opened === null) return null
  const { server, settings, store, clock, notes } = opened
  const sessions = server.createSessions({ store, clock, log: notes, ...settings.people.sessions })
  const close = async () => {
    await sessions.close()
    await store.close()
  }
  return { sessions, notes, close }
}

const lineOf = ({ id, provider, subject, begunAt, usedAt, expiresAt }: SessionListed, now: number): string => {
  const seconds = (ms: number) => formatDuration(ms - (ms % 1_000))
  const lives = `begun ${new Date(begunAt).toISOString()}, used ${seconds(now - usedAt)} ago, over in ${seconds(expiresAt - now)} at the latest`
  return `${id} ${STYLE.strong(plain(`${provider}/${subject}`))} ${STYLE.faint(lives)}`
}

const list = async (options: CommonOptions): Promise<void> => {
  const opened = await open(options.config)
  if (opened === null) return
  const now = Date.now()
  const listed = await opened.sessions.list(now)
  await opened.close()
  if (!listed.ok) return void refuse('The store does not answer; try again.', EXIT.system)
  if (options.json === true) return sayJson({ sessions: listed.value })
  for (const each of listed.value) say(lineOf(each, now))
  tell(`${listed.value.length} sessions`)
}

/** A string says what is wrong. */
const endingOf = ({ id, user, all }: EndOptions): { readonly which: Ending } | string => {
  if ([id, user, all].filter((given) => given !== undefined).length !== 1) {
    return 'Say which sessions end: one of --id <id>, --user <provider/subject> and --all.'
  }
  if (all === true) return { which: 'all' }
  if (id !== undefined) {
    return /^[A-Za-z0-9_-]{43}$/.test(id) ? { which: { id } } : 'An id is 43 characters long; `sessions list` prints them.'
  }
  const [provider = '', ...subject] = (user ?? '').split('/')
  if (provider === '' || subject.join('') === '') return 'Write --user as provider/subject, such as corp/ada.'
  return { which: { provider, subject: subject.join('/') } }
}

const end = async (options: EndOptions): Promise<void> => {
  const ending = endingOf(options)
  if (typeof ending === 'string') return void refuse(ending)
  const opened = await open(options.config)
  if (opened === null) return
  const now = Date.now()
  const at = { id: createDecisionIds()(now), point: 'command', service: null, peer: 'local', client: null }
  const ended = await opened.sessions.end(ending.which, { ...at, now, by: 'operator' })
  const isTold = await opened.notes.settled()
  await opened.close()
  if (!ended.ok) {
    return void refuse('The store does not answer: the sessions may not have ended. Try again until this succeeds.', EXIT.system)
  }
  if (!isTold) tell('The sessions ended, but no note could be left for the log.')
  if (options.json === true) return sayJson({ ended: ended.value })
  say(ended.value === 1 ? '1 session ended' : `${ended.value} sessions ended`)
}

const listCommand = (): Command =>
  new Command('list')
    .description('list the sessions that are good now, with the ids that logs name them by')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('balustrade sessions list', "balustrade sessions list --json | jq '.sessions[].subject'"))
    .action(list)

const endCommand = (): Command =>
  new Command('end')
    .description('end sessions, wherever they are in use, within a second; ending what has ended is fine')
    .option('--id <id>', 'one session')
    .option('--user <provider/subject>', 'all sessions of a person')
    .option('--all', 'every session begun before now')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade sessions end --user corp/ada',
        'balustrade sessions end --all --config /etc/balustrade/balustrade.yaml',
      ),
    )
    .action(end)

export const sessionsCommand = (): Command =>
  new Command('sessions')
    .description('who is logged in, and ending that; works while the server runs')
    .addCommand(listCommand())
    .addCommand(endCommand())
