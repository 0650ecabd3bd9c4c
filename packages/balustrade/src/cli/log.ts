import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import {
  attempt,
  createNoteVerifier,
  followLog,
  type LogEntry,
  type NoteVerifier,
  parseVerifierKey,
  readLastRecords,
  readLog,
  verifyLog,
} from '@balustrade/core/kit'
import { EXIT } from './exit-code.ts'
import { say, sayJson, tell } from './output.ts'

interface Filters {
  readonly since?: number
  readonly until?: number
  readonly outcome?: string
  readonly service?: string
  readonly id?: string
  readonly kind?: string
  readonly n?: number
  readonly json?: true
}

const instant = (text: string): number => {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('an instant, such as 2026-11-24T10:00:00Z')
  return at
}

const count = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more')
  return value
}

const matches = ({ record }: LogEntry, filters: Filters): boolean => {
  const members = record as unknown as Readonly<Record<string, unknown>>
  const wanted = (['outcome', 'service', 'id', 'kind'] as const).every(
    (name) => filters[name] === undefined || members[name] === filters[name],
  )
  return wanted && record.at >= (filters.since ?? 0) && record.at < (filters.until ?? Number.POSITIVE_INFINITY)
}

const lineOf = ({ seq, record }: LogEntry): string => {
  const when = new Date(record.at).toISOString()
  if (record.kind !== 'decision') return `${seq} ${when} ${record.kind} ${JSON.stringify(record)}`
  const who = record.who === null ? 'anonymous' : `${record.who.provider}/${record.who.subject}`
  const why = record.reasons.map(({ code }) => code).join(',')
  return `${seq} ${when} ${record.outcome} ${JSON.stringify(`${record.method} ${record.host}${record.path ?? ''}`)} ${JSON.stringify(who)} from ${record.client ?? record.peer} ${record.rule ?? ''}${why} ${record.id}`
}

const show = async (folder: string, filters: Filters): Promise<void> => {
  const print = (entry: LogEntry) =>
    say(filters.json === true ? JSON.stringify({ seq: entry.seq, ...entry.record }) : lineOf(entry))
  const unfiltered = Object.keys(filters).every((name) => name === 'n' || name === 'json')
  if (filters.n !== undefined && unfiltered) {
    for (const entry of await readLastRecords(folder, filters.n)) print(entry)
    return
  }
  const kept: LogEntry[] = []
  for await (const entry of readLog(folder)) {
    if (!matches(entry, filters)) continue
    if (filters.n === undefined) print(entry)
    else if (kept.push(entry) > filters.n) kept.shift()
  }
  for (const entry of kept) print(entry)
}

interface VerifyOptions {
  readonly key: string
  readonly origin?: string
  readonly checkpoint?: string
  readonly json?: true
}

/** A verifier key as text, or a PEM file together with the origin. */
const readVerifier = ({ key, origin }: VerifyOptions): NoteVerifier | string => {
  const direct = parseVerifierKey(key)
  if (direct.ok) return direct.verifier
  const pem = attempt(() => readFileSync(key, 'utf8'))
  if (!pem.ok) return `${key} is neither a verifier key (name+id+key) nor a file that can be read`
  const publicKey = attempt(() => createPublicKey(pem.value))
  if (!publicKey.ok) return `${key} holds no Ed25519 key in PEM`
  if (origin === undefined) return 'give --origin, the name of the log, with a PEM key'
  return createNoteVerifier(origin, publicKey.value)
}

const verify = async (folder: string, options: VerifyOptions): Promise<void> => {
  const verifier = readVerifier(options)
  const checkpoint = options.checkpoint === undefined ? null : attempt(() => readFileSync(options.checkpoint ?? '', 'utf8'))
  if (typeof verifier === 'string' || checkpoint?.ok === false) {
    tell(typeof verifier === 'string' ? verifier : `${options.checkpoint} cannot be read`)
    process.exitCode = EXIT.usage
    return
  }
  const result = await verifyLog(folder, {
    keys: [verifier],
    ...(checkpoint === null ? {} : { earlierCheckpoint: checkpoint.value }),
    onProgress: ({ records }) => tell(`${records} records`),
  })
  if (options.json === true) sayJson(result)
  else if (result.ok)
    say(`whole: ${result.records} records, ${result.signed} signed for by ${result.checkpoints} checkpoints, root ${result.root}`)
  else say(`not whole: ${JSON.stringify(result.fault)}`)
  process.exitCode = result.ok ? EXIT.ok : EXIT.failed
}

const follow = async (folder: string, options: { readonly json?: true }): Promise<void> => {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  for await (const entry of followLog(folder, { signal: stop.signal })) {
    say(options.json === true ? JSON.stringify({ seq: entry.seq, ...entry.record }) : lineOf(entry))
  }
}

const showCommand = (): Command =>
  new Command('show')
    .description('print records')
    .argument('<folder>', 'folder of the log')
    .option('--since <instant>', 'from this instant on', instant)
    .option('--until <instant>', 'before this instant', instant)
    .option('--outcome <outcome>', 'allow, challenge or deny')
    .option('--service <name>', 'of this service')
    .option('--id <id>', 'decision id')
    .option('--kind <kind>', 'decision, completion, authentication, administration, policy or gap')
    .option('-n <count>', 'the last so many', count)
    .option('--json', 'one JSON object a line')
    .action(show)

const verifyCommand = (): Command =>
  new Command('verify')
    .description('check that no record was changed, removed, added or moved')
    .argument('<folder>', 'folder of the log')
    .requiredOption('--key <key>', 'verifier key (name+id+key), or a file with the PEM key')
    .option('--origin <name>', 'name of the log, with a PEM key')
    .option('--checkpoint <file>', 'an earlier checkpoint kept elsewhere: finds a log cut short or written anew')
    .option('--json', 'machine-readable output')
    .action(verify)

const followCommand = (): Command =>
  new Command('follow')
    .description('print records as they come')
    .argument('<folder>', 'folder of the log')
    .option('--json', 'one JSON object a line')
    .action(follow)

export const logCommand = (): Command => {
  const command = new Command('log').description('show, verify or follow a decision log')
  for (const inner of [showCommand(), verifyCommand(), followCommand()]) command.addCommand(inner)
  return command
}
