import { createPublicKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import {
  attempt,
  createNoteVerifier,
  followLog,
  type LogEntry,
  type LogFilter,
  type LogVerification,
  type NoteVerifier,
  parseVerifierKey,
  readLastRecords,
  readLog,
  RECORD_KINDS,
  type RecordKind,
  verifyLog,
} from '@balustrade/core/kit'
import { EXIT } from '../terminal/exit-code.ts'
import { examples, jsonOption, parseCount, parseInstant } from '../terminal/options.ts'
import { plain, say, sayJson, STYLE, tell } from '../terminal/output.ts'

interface ShowOptions {
  readonly since?: number
  readonly until?: number
  readonly outcome?: string
  readonly service?: string
  readonly id?: string
  readonly kind?: RecordKind
  readonly n?: number
  readonly json?: true
}

const refuse = (text: string): void => {
  tell(text)
  process.exitCode = EXIT.usage
}

/** Whether there is a folder; says so where there is none. */
const isThere = (folder: string): boolean => {
  if (existsSync(folder)) return true
  refuse(`There is no folder ${folder}. Give the folder of a log, as log.folder in balustrade.yaml names it.`)
  return false
}

const filterOf = ({ since, until, kind, outcome, service, id }: ShowOptions): LogFilter => {
  const wanted = Object.entries({ outcome, service, id }).filter(([, value]) => value !== undefined)
  return {
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { until }),
    ...(kind === undefined ? {} : { kinds: [kind] }),
    where: ({ record }) => {
      const members = record as unknown as Readonly<Record<string, unknown>>
      return wanted.every(([name, value]) => members[name] === value)
    },
  }
}

const PAINT: Readonly<Record<string, (text: string) => string>> = {
  allow: (text) => text,
  challenge: STYLE.warning,
  deny: STYLE.error,
}

const decisionText = (record: Extract<LogEntry['record'], { readonly kind: 'decision' }>): string => {
  const { outcome, who, reasons, rule } = record
  const caller = who === null ? 'anonymous' : `${who.provider}/${who.subject}`
  const why = rule ?? reasons.map(({ code }) => code).join(' ')
  const request = plain(`${record.method} ${record.host}${record.path ?? ''} by ${caller} from ${record.client ?? record.peer}`)
  return `${(PAINT[outcome] ?? plain)(outcome)} ${request}: ${plain(why)} ${STYLE.faint(plain(record.id))}`
}

/** One line. What came from clients is printed so that it forges nothing. */
const lineOf = ({ seq, record }: LogEntry): string => {
  const head = `${seq} ${new Date(record.at).toISOString()}`
  if (record.kind === 'decision') return `${head} ${decisionText(record)}`
  const { kind, at: _at, ...rest } = record
  return `${head} ${kind} ${plain(JSON.stringify(rest))}`
}

const print = (entry: LogEntry, options: { readonly json?: true }): void =>
  say(options.json === true ? JSON.stringify({ seq: entry.seq, ...entry.record }) : lineOf(entry))

const show = async (folder: string, options: ShowOptions): Promise<void> => {
  if (!isThere(folder)) return
  const filter = filterOf(options)
  if (options.n === undefined) for await (const entry of readLog(folder, filter)) print(entry, options)
  else for (const entry of await readLastRecords(folder, options.n, filter)) print(entry, options)
}

const follow = async (folder: string, options: ShowOptions): Promise<void> => {
  if (!isThere(folder)) return
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  for await (const entry of followLog(folder, { signal: stop.signal, filter: filterOf(options) })) print(entry, options)
}

interface VerifyOptions {
  readonly key: string
  readonly origin?: string
  readonly checkpoint?: string
  readonly json?: true
}

/** From a verifier key as text, or from a file with a PEM key and the name of the log. A string says what is wrong. */
const readVerifier = ({ key, origin }: VerifyOptions): NoteVerifier | string => {
  const written = parseVerifierKey(key)
  if (written.ok) return written.verifier
  const pem = attempt(() => readFileSync(key, 'utf8'))
  if (!pem.ok) return `${key} is neither a verifier key (name+id+key) nor a file that can be read.`
  const publicKey = attempt(() => createPublicKey(pem.value))
  if (!publicKey.ok || publicKey.value.asymmetricKeyType !== 'ed25519') return `${key} holds no Ed25519 key in PEM.`
  if (origin === undefined) return 'With a PEM key, give the name of the log as well: --origin, as log.origin in balustrade.yaml.'
  return createNoteVerifier(origin, publicKey.value)
}

const PROGRESS_MS = 1_000

/** Tells of progress once a second at most. */
const createProgress = (): ((progress: { readonly records: number }) => void) => {
  let last = Date.now()
  return ({ records }) => {
    const now = Date.now()
    if (now - last < PROGRESS_MS) return
    last = now
    tell(`${records} records verified`)
  }
}

const verificationText = (result: LogVerification): string => {
  if (result.ok) {
    const { records, signed, checkpoints, root, torn } = result
    const rest = torn === 0 ? '' : `\n${torn} bytes of an unfinished record stand at the end`
    return `The log is whole: ${records} records, ${signed} of them signed for by ${checkpoints} checkpoints\nroot ${root}${rest}`
  }
  const { seq, until, kind, why } = result.fault
  const where = until === null ? `record ${seq}` : `one of the records ${seq} to ${until}`
  return `The log is not whole: ${where}: ${kind}: ${plain(why)}`
}

const verify = async (folder: string, options: VerifyOptions): Promise<void> => {
  if (!isThere(folder)) return
  const verifier = readVerifier(options)
  if (typeof verifier === 'string') return refuse(verifier)
  const { checkpoint } = options
  const earlier = checkpoint === undefined ? null : attempt(() => readFileSync(checkpoint, 'utf8'))
  if (earlier?.ok === false) return refuse(`${checkpoint} cannot be read.`)
  const result = await verifyLog(folder, {
    keys: [verifier],
    ...(earlier === null ? {} : { earlierCheckpoint: earlier.value }),
    onProgress: createProgress(),
  })
  if (options.json === true) sayJson(result)
  else say(verificationText(result))
  process.exitCode = result.ok ? EXIT.ok : EXIT.failed
}

const FOLDER = ['<folder>', 'folder of the log'] as const

const withFilters = (command: Command): Command =>
  command
    .argument(...FOLDER)
    .option('--since <instant>', 'from this instant on', parseInstant)
    .option('--until <instant>', 'before this instant', parseInstant)
    .addOption(new Option('--outcome <outcome>', 'decisions that came out so').choices(['allow', 'challenge', 'deny']))
    .option('--service <name>', 'of this service')
    .option('--id <id>', 'of this decision')
    .addOption(new Option('--kind <kind>', 'records of this kind').choices(RECORD_KINDS))
    .addOption(jsonOption('one JSON object a line'))

const showCommand = (): Command =>
  withFilters(new Command('show'))
    .description('print records, oldest first')
    .option('-n <count>', 'only the last so many', parseCount)
    .addHelpText(
      'after',
      examples('balustrade log show ./log -n 20 --outcome deny', 'balustrade log show ./log --since 2026-11-24T08:00:00Z --json'),
    )
    .action(show)

const verifyCommand = (): Command =>
  new Command('verify')
    .description('check offline that no record was changed, removed, added or moved')
    .argument(...FOLDER)
    .requiredOption('--key <key>', 'verifier key of the log (name+id+key), or a file with its key in PEM')
    .option('--origin <name>', 'name of the log, with a key in PEM')
    .option('--checkpoint <file>', 'an earlier checkpoint kept elsewhere: finds a log that was cut short or written anew')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        "balustrade log verify ./log --key 'gateway.example.com/decisions+1f2e3d4c+AQ…'",
        'balustrade log verify ./log --key keys/log.pem --origin gateway.example.com/decisions --checkpoint last-week.txt',
      ),
    )
    .action(verify)

const followCommand = (): Command =>
  withFilters(new Command('follow'))
    .description('print records as they are written')
    .addHelpText('after', examples('balustrade log follow ./log --outcome deny'))
    .action(follow)

export const logCommand = (): Command =>
  new Command('log')
    .description('show, verify or follow a decision log')
    .addCommand(showCommand())
    .addCommand(verifyCommand())
    .addCommand(followCommand())
