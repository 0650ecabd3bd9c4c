import { createReadStream } from 'node:fs'
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline'
import { Command, InvalidArgumentError } from 'commander'
import { attempt, attemptAsync, formatDuration, parseDuration, type PolicyImage } from '@balustrade/core/kit'
import type { ApiKeys, GivenOut, KeyListed } from '@balustrade/server'
import { EXIT } from '../terminal/exit-code.ts'
import { isLive, keyLine, type Leak, leakLine, refusalText } from '../terminal/key-text.ts'
import { loadUsablePolicy } from '../terminal/load-policy.ts'
import { configOption, type OpenedState, openState, refuse } from '../terminal/open-state.ts'
import { collect, examples, jsonOption } from '../terminal/options.ts'
import { plain, say, sayJson, tell } from '../terminal/output.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
}

interface CreateOptions extends CommonOptions {
  readonly subject: string
  readonly owner: string
  readonly scope: readonly string[]
  readonly network: readonly string[]
  readonly expiresIn: number
}

interface RotateOptions extends CommonOptions {
  readonly overlap?: number
  readonly expiresIn?: number
}

interface LeakedOptions extends CommonOptions {
  readonly revoke?: true
}

interface Opened extends OpenedState {
  readonly keys: ApiKeys
  readonly close: () => Promise<void>
}

const SILENT =
  'The store does not answer, and what was asked for may have been done or not. Look with `keys list`, then try again.'

const open = async (path: string): Promise<Opened | null> => {
  const opened = await openState(path, 'there are no API keys here')
  if (opened === null) return null
  const { server, settings, state, store, clock, notes } = opened
  const keys = server.createApiKeys({
    store,
    keys: state.keys,
    clock,
    longestLife: settings.people.longestKeyLife,
    log: notes,
  })
  const close = async () => {
    if (!(await notes.settled())) tell('It was done, but no note could be left for the log.')
    await keys.close()
    await store.close()
  }
  return { ...opened, keys, close }
}

/** Who does it, for the log; a user without an entry in the system's list by number. */
const occasion = () => {
  const named = attempt(() => userInfo().username)
  return { now: Date.now(), by: named.ok ? named.value : `uid ${process.getuid?.() ?? 'unknown'}` }
}

/** Scopes that the policy does not declare; says which there are. */
const isDeclared = (scopes: readonly string[], image: PolicyImage): boolean => {
  const others = scopes.filter((scope) => !image.scopes.includes(scope))
  if (others.length === 0) return true
  const declared = image.scopes.length === 0 ? 'It declares none.' : `It declares ${image.scopes.join(', ')}.`
  refuse(plain(`The policy does not declare ${others.join(', ')}, so a key cannot have it. ${declared}`))
  return false
}

/** What would keep a key from being good for anything. */
const advise = ({ subject }: KeyListed, image: PolicyImage): void => {
  const accepting = Object.values(image.services).filter(({ credentials }) => credentials.includes('api-key'))
  if (accepting.length === 0) tell('No service accepts API keys yet: add api-key to its `credentials`.')
  const known = Object.values(image.workloads).some((each) => each.provider === 'balustrade' && each.subject === subject)
  if (!known)
    tell(
      plain(
        `No workload of the policy is ${subject} yet: add workloads: { <name>: { provider: balustrade, subject: ${subject} } }.`,
      ),
    )
}

/** The key alone on standard output, so that it can be handed on; about it on standard error. */
const sayGivenOut = ({ text, key }: GivenOut, json: true | undefined): void => {
  if (json === true) return sayJson({ key: text, ...key })
  tell(keyLine(key, key.createdAt))
  tell('The key is shown this once and kept nowhere; hand it over now:')
  say(text)
}

const create = async (options: CreateOptions): Promise<void> => {
  const opened = await open(options.config)
  if (opened === null) return
  const { policyFolder, environment } = opened.settings
  const policy = loadUsablePolicy(policyFolder, environment === null ? {} : { environment })
  if (policy === null || !isDeclared(options.scope, policy.image)) return opened.close()
  const { subject, owner, scope: scopes, network: networks, expiresIn: life } = options
  const made = await opened.keys.create({ subject, owner, scopes, networks, life }, occasion())
  await opened.close()
  if (!made.ok) return void refuse(SILENT, EXIT.system)
  if ('refused' in made.value) return void refuse(refusalText(made.value))
  advise(made.value.key, policy.image)
  sayGivenOut(made.value, options.json)
}

const list = async (options: CommonOptions): Promise<void> => {
  const opened = await open(options.config)
  if (opened === null) return
  const now = Date.now()
  const listed = await opened.keys.list(now)
  await opened.close()
  if (!listed.ok) return void refuse(SILENT, EXIT.system)
  if (options.json === true) return sayJson({ keys: listed.value })
  for (const each of listed.value) say(keyLine(each, now))
  tell(`${listed.value.length} keys`)
}

/** Says so where something else stands in place of an id. A whole key is never printed: it may have been pasted by mistake. */
const areIds = ({ server }: Opened, texts: readonly string[]): boolean => {
  if (texts.every(server.isKeyId)) return true
  const [key] = texts.flatMap(server.keysWithin)
  refuse(
    key === undefined
      ? 'An id is 11 letters and digits; `balustrade keys list` prints them.'
      : `That is a whole key, and who could read it here can use it. Its id is ${key.id}.`,
  )
  return false
}

/** ms: a day to hand the new key over. */
const USUAL_OVERLAP = 86_400_000

const rotate = async (id: string, options: RotateOptions): Promise<void> => {
  const opened = await open(options.config)
  if (opened === null) return
  if (!areIds(opened, [id])) return opened.close()
  const { overlap = USUAL_OVERLAP, expiresIn } = options
  const made = await opened.keys.rotate(id, { overlap, ...(expiresIn === undefined ? {} : { life: expiresIn }) }, occasion())
  await opened.close()
  if (!made.ok) return void refuse(SILENT, EXIT.system)
  if ('refused' in made.value) return void refuse(refusalText(made.value), EXIT.failed)
  if (options.json !== true) tell(plain(`${id} goes on for ${formatDuration(overlap)} at most; use the new key meanwhile.`))
  sayGivenOut(made.value, options.json)
}

const revoke = async (ids: readonly string[], options: CommonOptions): Promise<void> => {
  const opened = await open(options.config)
  if (opened === null) return
  if (!areIds(opened, ids)) return opened.close()
  const revoked: string[] = []
  for (const id of ids) {
    const done = await opened.keys.revoke(id, occasion())
    if (!done.ok) refuse(SILENT, EXIT.system)
    else if (typeof done.value === 'object') refuse(plain(`${id}: ${refusalText(done.value)}`), EXIT.failed)
    else revoked.push(id)
  }
  await opened.close()
  if (options.json === true) return sayJson({ revoked })
  for (const id of revoked) say(`${id} is revoked; every server on this state refuses it within a second`)
}

const findLeaks = async (opened: Opened, file: string): Promise<readonly Leak[]> => {
  const leaks: Leak[] = []
  let line = 0
  const input = file === '-' ? process.stdin : createReadStream(file)
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line++
    for (const parts of opened.server.keysWithin(text)) {
      const found = await opened.keys.identify(parts, Date.now())
      const key = found.ok ? found.value : null
      leaks.push({ at: `${file}:${line}`, id: parts.id, state: found.ok ? (key?.state ?? 'unknown') : 'unanswered', key })
    }
  }
  return leaks
}

const revokeLeak = async ({ keys }: Opened, leak: Leak): Promise<Leak> => {
  if (leak.key === null || !isLive(leak)) return leak
  const done = await keys.revoke(leak.id, occasion())
  return done.ok ? { ...leak, state: 'revoked' } : { ...leak, state: 'unanswered' }
}

const sayLeaks = (leaks: readonly Leak[], json: true | undefined): void => {
  const told = ({ key, ...said }: Leak) => ({ ...said, subject: key?.subject ?? null, owner: key?.owner ?? null })
  if (json === true) return sayJson({ leaked: leaks.map(told) })
  for (const leak of leaks) say(leakLine(leak))
  tell(`${leaks.length} keys found, ${leaks.filter(isLive).length} of them good now`)
}

const leaked = async (files: readonly string[], options: LeakedOptions): Promise<void> => {
  const opened = await open(options.config)
  if (opened === null) return
  const leaks: Leak[] = []
  for (const file of files.length === 0 ? ['-'] : files) {
    const read = await attemptAsync(() => findLeaks(opened, file))
    if (!read.ok) refuse(plain(`${file} cannot be read.`))
    for (const leak of read.ok ? read.value : []) leaks.push(options.revoke === true ? await revokeLeak(opened, leak) : leak)
  }
  await opened.close()
  sayLeaks(leaks, options.json)
  if (leaks.some(({ state }) => state === 'unanswered')) return void refuse(SILENT, EXIT.system)
  if (leaks.some(isLive)) process.exitCode = EXIT.failed
}

const durationOf = (text: string): number => {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('Write a duration, such as 90d, 12h or 0s.')
  return ms
}

const createCommand = (): Command =>
  new Command('create')
    .description('give out a key; prints it this once, and nobody can print it again')
    .requiredOption('--subject <name>', 'whose key it is: rules know the caller as the workload balustrade/<name>')
    .requiredOption('--owner <who>', 'the person or team who answers for it')
    .requiredOption('--expires-in <duration>', 'how long it is good, such as 90d', durationOf)
    .option('--scope <scope>', 'a scope the policy declares, or a declared wildcard; several times for several', collect, [])
    .option('--network <cidr>', 'where it may be used from; several times for several; from anywhere when left out', collect, [])
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'balustrade keys create --subject reporter --owner payments@example.com --scope charges.read --expires-in 90d',
        'balustrade keys create --subject batch --owner ops --expires-in 30d --network 10.20.0.0/16',
      ),
    )
    .action(create)

const listCommand = (): Command =>
  new Command('list')
    .description('list keys: whose, what they may, until when, when they were used last')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('balustrade keys list', "balustrade keys list --json | jq '.keys[] | select(.usedAt == null)'"),
    )
    .action(list)

const rotateCommand = (): Command =>
  new Command('rotate')
    .description('give out another key in place of one, which goes on for a while')
    .argument('<id>', 'id of the key, as `keys list` prints it')
    .option('--overlap <duration>', 'how long the old key goes on, 24h when left out; 0s ends it now', durationOf)
    .option('--expires-in <duration>', 'how long the new key is good; as long as the old one was when left out', durationOf)
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('balustrade keys rotate 7Hq2mXc0pLz --overlap 7d'))
    .action(rotate)

const revokeCommand = (): Command =>
  new Command('revoke')
    .description('end keys, wherever they are in use, within a second; revoking again is fine')
    .argument('<id...>', 'ids of keys, as `keys list` prints them')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('balustrade keys revoke 7Hq2mXc0pLz'))
    .action(revoke)

const leakedCommand = (): Command =>
  new Command('leaked')
    .description('find keys in files or standard input, and tell which of them are good now; never prints a key')
    .argument('[file...]', 'files to read; standard input when left out')
    .option('--revoke', 'revoke those that are good')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `${examples('balustrade keys leaked --revoke build.log', 'git log -p | balustrade keys leaked')}\nExits with 1 where a key that is good was found and not revoked.\n`,
    )
    .action(leaked)

export const keysCommand = (): Command =>
  new Command('keys')
    .description('API keys of workloads: giving out, listing, rotating, revoking; works while the server runs')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(rotateCommand())
    .addCommand(revokeCommand())
    .addCommand(leakedCommand())
