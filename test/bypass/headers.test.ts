import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeCorpus } from '../support/corpora.ts'
import type { RawAnswer } from '../support/gateway.ts'
import { foldedValues, type Served } from '../support/upstream.ts'
import {
  eachOf,
  nouns,
  send,
  type Sending,
  serviceFile,
  type Stage,
  startStage,
  type Subject,
  tokensFor,
  valueOf,
} from './stage.ts'

/** `user` to `assertion` in the words of the service. */
const IDENTITY = ['X-Auth-User', 'X-Auth-Kind', 'X-Auth-Groups', 'X-Auth-Roles', 'X-Auth-Proof'] as const
/** What the gateway says of every request it forwards; exactly one value each, ours. */
const OURS = [...IDENTITY, 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Real-IP', 'Balustrade-Decision']
const PRODUCT = ['Balustrade-Decision', 'Balustrade-Anything', 'X-Balustrade-User']
const FORGED = 'forged-by-the-client'

interface Vectors {
  readonly alias_transforms: readonly string[]
  readonly strip_on_ingress: readonly string[]
  readonly connection_abuse: readonly string[]
}

/** Where requests go: public, granted, refused, not there, answered by the gateway itself. */
const PLACES: readonly { readonly place: string; readonly method?: string; readonly target: string }[] = [
  { place: 'public', target: '/public/x' },
  { place: 'public error', target: '/public/error' },
  { place: 'public OPTIONS', method: 'OPTIONS', target: '/public/x' },
  { place: 'granted', target: '/api/x' },
  { place: 'refused', target: '/admin/x' },
  { place: 'well-known', target: '/.well-known/oauth-protected-resource' },
  { place: 'well-known of the service', target: '/public/.well-known/anything' },
  { place: 'reserved', target: '/.balustrade/keys' },
]

interface Attempt {
  readonly note: string
  readonly fields: readonly string[]
  readonly place: (typeof PLACES)[number]
  readonly subject: Subject
}
interface Outcome extends Attempt {
  readonly answer: RawAnswer
  readonly served: Served | null
}

/** The alias of the vector, of one of our own names: `X.Auth_User` says how `X-Auth-Groups` is to be disguised. */
const aliasLines = (transform: string, name: string): readonly string[] => {
  const [spelling = '', special] = transform.split(' (')
  if (special?.startsWith('twice') === true) return [`${name}: ${FORGED}`, `${name}: ${FORGED}-2`]
  if (special?.startsWith('empty') === true) return [`${name}:`]
  if (special?.startsWith('trailing') === true) return [`${name}: ${FORGED}   `]
  const [first, second] = spelling.replace(/[a-z]/gi, '') as unknown as [string, string]
  const parts = name.split('-')
  const spelled = parts.reduce((all, part, i) => `${all}${i === 1 ? first : second}${part}`)
  const cased =
    spelling === spelling.toLowerCase()
      ? spelled.toLowerCase()
      : spelling === spelling.toUpperCase()
        ? spelled.toUpperCase()
        : spelled
  return [`${cased}: ${FORGED}`]
}

/** Field lines of an entry of `connection_abuse`, with the fields named beside it, so that there is something to drop. */
const abuseLines = (entry: string): readonly string[] => {
  const lines = entry.replace(/ \(.*$| \+ .*$/, '').split('\\r\\n')
  return [...lines, `X-Auth-User: ${FORGED}`, 'Cookie: a=1']
}

/** Who the upstream is told it is: nobody, bob at what he is granted, either where the page is public. */
const saysWho = ({ place, served, subject }: Outcome & { readonly served: Served }): boolean => {
  const [user = '', groups = ''] = ['x-auth-user', 'x-auth-groups'].map((name) => foldedValues(served, name)[0])
  if (subject === 'anonymous') return user === '' && groups === ''
  return (user === 'corp/bob' && groups === 'users') || (place.place !== 'granted' && user === '' && groups === '')
}

/** What an upstream would believe that the gateway did not say. One value a name: who reads the first and who reads the last agree. */
const faultOf = (outcome: Outcome): string | null => {
  const { note, place, served, subject } = outcome
  if (served === null) return null
  const where = `${note} (${subject}, ${place.place})`
  if (JSON.stringify(served.rawHeaders).includes(FORGED)) return `${where}: the upstream reads what the client made up`
  const wrong = OURS.filter((name) => foldedValues(served, name).length !== 1)
  if (wrong.length > 0) return `${where}: not exactly one ${wrong.join(', ')}`
  if (!saysWho({ ...outcome, served })) return `${where}: another caller`
  return foldedValues(served, 'x-forwarded-for')[0] === '127.0.0.1' ? null : `${where}: another address`
}

describeCorpus('bypass', (path) => {
  const vectors = JSON.parse(readFileSync(join(path, 'header-ip-vectors.json'), 'utf8')) as Vectors
  const stripped = [...vectors.strip_on_ingress.filter((name) => !name.startsWith('<')), ...PRODUCT]
  const kinds: Readonly<Record<string, readonly { readonly note: string; readonly fields: readonly string[] }[]>> = {
    aliases: vectors.alias_transforms.flatMap((transform) =>
      IDENTITY.map((name) => ({ note: `${transform} of ${name}`, fields: aliasLines(transform, name) })),
    ),
    stripped: stripped.flatMap((name) => [
      { note: name, fields: [`${name}: ${FORGED}`] },
      { note: `${name} with underscores`, fields: [`${name.replaceAll('-', '_')}: ${FORGED}`] },
    ]),
    connection: vectors.connection_abuse.map((entry) => ({ note: entry, fields: abuseLines(entry) })),
  }
  let stage: Stage
  let outcomes: Readonly<Record<string, readonly Outcome[]>> = {}

  const attemptsOf = (kind: string): readonly Attempt[] =>
    (kinds[kind] ?? []).flatMap((vector) =>
      PLACES.flatMap((place) => (['anonymous', 'bob'] as const).map((subject) => ({ ...vector, place, subject }))),
    )

  beforeAll(async () => {
    stage = await startStage({
      policy: (issuer, upstream) => ({
        'nouns.yaml': nouns(issuer),
        'app.yaml': serviceFile({
          name: 'app',
          upstream,
          more: `    identity-headers: { user: ${IDENTITY[0]}, kind: ${IDENTITY[1]}, groups: ${IDENTITY[2]}, roles: ${IDENTITY[3]}, assertion: ${IDENTITY[4]} }\n`,
        }),
      }),
      reply: (served, response) => {
        response.statusCode = served.target === '/public/error' ? 500 : 200
        response.end('{}')
      },
    })
    const tokens = await tokensFor(stage.issuer)
    const run = async (kind: string): Promise<readonly Outcome[]> => {
      const attempts = attemptsOf(kind).map((attempt, at) => ({ ...attempt, label: `${kind}-${at}` }))
      const answers = await eachOf(attempts, ({ fields, label, place, subject }) => {
        const sending: Sending = {
          ...place,
          host: 'app.example.com',
          token: tokens[subject],
          fields: [...fields, `X-Attempt: ${label}`],
        }
        return send(stage, sending)
      })
      const served = new Map(stage.upstream.served.map((one) => [valueOf(one, 'x-attempt'), one]))
      return attempts.map((attempt, at) => ({
        ...attempt,
        answer: answers[at] as RawAnswer,
        served: served.get(attempt.label) ?? null,
      }))
    }
    outcomes = { aliases: await run('aliases'), stripped: await run('stripped'), connection: await run('connection') }
  })
  afterAll(() => stage.close())

  describe.each(Object.keys(kinds))('%s', (kind) => {
    test('no upstream believes a client: first value or last, whatever the spelling', () => {
      expect((outcomes[kind] ?? []).map(faultOf).filter((fault) => fault !== null)).toEqual([])
    })

    test('every answer is a decided one, and what is not granted is not served', () => {
      const odd = (outcomes[kind] ?? []).filter(
        ({ answer, place, served, subject }) =>
          answer.status === 0 ||
          (served !== null && (place.target.startsWith('/admin') || place.target.startsWith('/.'))) ||
          (served !== null && subject === 'anonymous' && place.place === 'granted'),
      )
      expect(odd.map(({ note, place, answer }) => `${note} ${place.place}: ${answer.status}`)).toEqual([])
    })
  })

  test('a field that is dropped does not cost the request', () => {
    const lost = (outcomes['stripped'] ?? []).filter(({ note, place, served }) => {
      return place.place === 'public' && served === null && !/^(early.data|proxy.authorization)/i.test(note)
    })
    expect(lost.map(({ note }) => note)).toEqual([])
  })

  test('a name of ours that Connection names arrives all the same', () => {
    const named = (outcomes['connection'] ?? []).filter(({ note, served }) => /X-Auth-User/i.test(note) && served !== null)
    expect(named.length).toBeGreaterThan(0)
    expect(named.every(({ served }) => served !== null && foldedValues(served, 'x-auth-user').length === 1)).toBe(true)
  })
})
