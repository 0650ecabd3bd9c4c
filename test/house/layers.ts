// Who may import whom, as data (ARCHITECTURE.md has it as prose). A row may name only rows of its package that stand above it, so
// the table itself cannot hold a cycle. `why` is printed when an import is refused.

export type Role = 'base' | 'spine' | 'rib' | 'point' | 'endpoint' | 'root'

export interface Row {
  readonly package: 'core' | 'server' | 'balustrade'
  /** A folder of src, or a file of src itself without its ending. */
  readonly folder: string
  readonly role: Role
  /** Folders of the same package; 'above' is every row above this one. */
  readonly may: readonly string[] | 'above'
  /** Packages, and entry points of siblings. A value other than '*' is the only file of the folder that may. */
  readonly packages?: Readonly<Record<string, string>>
  /** Packages of which only types may be imported. */
  readonly types?: readonly string[]
  /** Whether `node:` modules may be imported. */
  readonly node?: true
  /** For ribs: files and subfolders that their siblings may import all the same. */
  readonly shared?: readonly string[]
  /** The file whose first comment says what the folder is; otherwise index.ts, <folder>.ts or the first by name. */
  readonly opening?: string
  readonly why: string
}

const kit = { '@balustrade/core': '*', '@balustrade/core/kit': '*' }

const core: readonly Omit<Row, 'package'>[] = [
  {
    folder: 'lib',
    role: 'base',
    may: [],
    packages: { re2js: 'regex.ts' },
    node: true,
    why: 'lib knows no word of the domain, so that it can be read and tested alone; re2js enters through lib/regex only',
  },
  {
    folder: 'model',
    role: 'base',
    may: ['lib'],
    types: ['zod'],
    opening: 'fact.ts',
    why: 'model holds the nouns and the ports that everything else speaks; a noun that imports a verb ties all folders together',
  },
  {
    folder: 'request',
    role: 'spine',
    may: ['lib', 'model'],
    why: 'the canonicaliser is the only maker of requests and must not depend on what is later decided about them',
  },
  {
    folder: 'expression',
    role: 'spine',
    may: ['lib', 'model'],
    why: 'expressions run inside the decision: same text, same facts, same value, in a server and in a browser',
  },
  {
    folder: 'conditions',
    role: 'rib',
    may: ['lib', 'model'],
    opening: 'catalogue.ts',
    why: 'a condition is one file that can be removed with one line of the catalogue; it knows facts, not its siblings',
  },
  {
    folder: 'credentials',
    role: 'rib',
    may: ['lib', 'model'],
    packages: { jose: '*' },
    node: true,
    why: 'a kind of credential is one folder that can be removed with one line of the catalogue; it verifies and decides nothing',
  },
  {
    folder: 'answer',
    role: 'spine',
    may: ['lib', 'model'],
    why: 'every point answers through this pure folder, which turns a decision into HTTP and cannot change it',
  },
  {
    folder: 'policy',
    role: 'spine',
    may: ['lib', 'model', 'expression'],
    packages: { yaml: '*', zod: '*' },
    node: true,
    why: 'YAML and zod end here; conditions reach it as the catalogue, a value, so that the front end works for any set of them',
  },
  {
    folder: 'plan',
    role: 'spine',
    may: ['lib', 'model', 'expression'],
    why: 'a plan is made from the image alone: no document, no clock, so that one digest means one behaviour',
  },
  {
    folder: 'decision',
    role: 'spine',
    may: ['lib', 'model', 'plan'],
    why: 'deciding is pure: what it needs was gathered as facts before, or a replay would not be exact',
  },
  {
    folder: 'engine',
    role: 'spine',
    may: ['lib', 'model', 'request', 'plan', 'decision'],
    node: true,
    why: 'the engine joins the steps; conditions, credentials and logs reach it as values, so that it works without any of them',
  },
  {
    folder: 'bundle',
    role: 'spine',
    may: ['lib', 'model'],
    node: true,
    why: 'a bundle carries an image; it neither makes nor runs one',
  },
  {
    folder: 'decision-log',
    role: 'spine',
    may: ['lib', 'model'],
    node: true,
    why: 'the log writes what was decided and must not be able to ask again',
  },
  {
    folder: 'middleware',
    role: 'point',
    may: ['lib', 'model', 'request', 'answer'],
    node: true,
    shared: ['node.ts'],
    why: 'a point captures, asks and answers; the engine comes to it as a function, so that no point decides',
  },
  {
    folder: 'catalogue',
    role: 'root',
    may: ['model', 'conditions', 'credentials'],
    why: 'the lists of ribs, and the only file of core that imports ribs',
  },
  {
    folder: 'index',
    role: 'root',
    may: 'above',
    why: 'names for applications; nothing that listens, stores or types at a terminal',
  },
  { folder: 'kit', role: 'root', may: 'above', why: 'names for the sibling packages, which core never imports' },
  {
    folder: 'testing',
    role: 'root',
    may: 'above',
    packages: { 'fast-check': '*' },
    node: true,
    why: 'generators and fakes for tests of applications; nothing of core imports it, so that nothing enforced depends on a fake',
  },
]

const server: readonly Omit<Row, 'package'>[] = [
  {
    folder: 'state',
    role: 'base',
    may: [],
    packages: kit,
    node: true,
    why: 'the store keeps; what it keeps is decided by those above it',
  },
  {
    folder: 'session',
    role: 'base',
    may: ['state'],
    packages: kit,
    node: true,
    why: 'the only writer of sessions; a page or protocol that wrote them itself would escape rotation and ending',
  },
  ...['gateway', 'forward-auth', 'ext-authz', 'authzen', 'mcp'].map((folder) => ({
    folder,
    role: 'point' as const,
    may: [],
    packages: folder === 'gateway' ? { ...kit, undici: '*' } : kit,
    node: true as const,
    why: 'a point captures, asks and answers, and can be removed alone; what two points share is a module of core',
  })),
  ...['login', 'factors', 'provider', 'approvals', 'shared-signals', 'well-known'].map((folder) => ({
    folder,
    role: 'endpoint' as const,
    may: ['state', 'session'],
    packages: kit,
    node: true as const,
    why: 'an endpoint is a page or protocol under /.balustrade/ that can be removed alone; what it needs of another is a port',
  })),
  ...['sources', 'sinks'].map((folder) => ({
    folder,
    role: 'rib' as const,
    may: [],
    packages: kit,
    node: true as const,
    why: 'a rib brings or takes data, knows neither points nor sessions, and can be removed with one line of compose',
  })),
  {
    folder: 'watches',
    role: 'rib',
    may: ['state', 'session'],
    packages: kit,
    node: true,
    why: 'a watch counts and blocks through state; it never answers a request',
  },
  {
    folder: 'distribution',
    role: 'spine',
    may: ['state', 'session'],
    packages: { ...kit, '@balustrade/core/policy': '*' },
    node: true,
    why: 'distribution moves signed images; it runs none',
  },
  {
    folder: 'admin',
    role: 'spine',
    may: ['state', 'session'],
    packages: kit,
    node: true,
    why: 'administration reads and writes state under policy like anyone else; it has no side door into a point',
  },
  {
    folder: 'observe',
    role: 'spine',
    may: [],
    packages: { ...kit, pino: '*' },
    node: true,
    why: 'logs, metrics and traces are told what happened; they reach for nothing themselves',
  },
  {
    folder: 'config',
    role: 'spine',
    may: [],
    packages: { ...kit, yaml: '*', zod: '*' },
    node: true,
    why: 'configuration is read once and handed on as plain data; nothing that runs reads a file of settings',
  },
  {
    folder: 'compose',
    role: 'root',
    may: 'above',
    packages: { ...kit, '@balustrade/core/policy': '*', '@balustrade/core/node': '*' },
    node: true,
    why: 'compose joins the parts of the server; the command is above it and is never imported',
  },
  { folder: 'main', role: 'root', may: 'above', packages: kit, node: true, why: 'starts what compose made, and nothing more' },
  { folder: 'index', role: 'root', may: 'above', packages: kit, why: 'names for the command and for those who embed the server' },
]

const siblings = {
  ...kit,
  '@balustrade/core/policy': '*',
  '@balustrade/core/node': '*',
  '@balustrade/core/testing': '*',
  '@balustrade/server': '*',
}

const balustrade: readonly Omit<Row, 'package'>[] = [
  {
    folder: 'assurance',
    role: 'spine',
    may: [],
    packages: { ...kit, '@balustrade/core/policy': '*', '@balustrade/core/testing': '*' },
    node: true,
    why: 'assurance runs the real evaluators on made-up requests; it needs no terminal and no server',
  },
  {
    folder: 'demo',
    role: 'spine',
    may: [],
    packages: { ...siblings, 'oidc-provider': '*', ws: '*' },
    node: true,
    why: 'the demo is a user of the product: it goes through the same doors as everybody',
  },
  {
    folder: 'cli',
    role: 'rib',
    may: ['assurance', 'demo'],
    packages: { ...siblings, commander: '*', '@clack/prompts': 'init.ts', yaml: '*' },
    node: true,
    why: 'a verb is one file that reads arguments, calls and prints; what two verbs share belongs to the package that does it',
  },
  {
    folder: 'main',
    role: 'root',
    may: 'above',
    packages: { ...siblings, commander: '*' },
    node: true,
    why: 'hands the command line to a verb, and nothing more',
  },
]

const of = (name: Row['package'], rows: readonly Omit<Row, 'package'>[]): readonly Row[] =>
  rows.map((row) => ({ ...row, package: name }))

export const layers: readonly Row[] = [...of('core', core), ...of('server', server), ...of('balustrade', balustrade)]

/** Folders whose runtime imports, followed to the end, must stay pure. */
export const pureFolders = ['expression', 'plan', 'decision', 'answer']

/** Names that bring time, chance, the network or the platform into what must be pure. */
export const impureNames: Readonly<Record<string, string>> = {
  Date: 'the clock is a fact (now), or a replay would decide differently',
  Temporal: 'the clock is a fact (now), or a replay would decide differently',
  performance: 'the clock is a fact (now), or a replay would decide differently',
  fetch: 'what is fetched is gathered as a fact before the decision',
  XMLHttpRequest: 'what is fetched is gathered as a fact before the decision',
  setTimeout: 'a decision waits for nothing',
  setInterval: 'a decision waits for nothing',
  setImmediate: 'a decision waits for nothing',
  queueMicrotask: 'a decision waits for nothing',
  'Math.random': 'chance cannot be replayed',
  crypto: 'chance cannot be replayed, and digests are made before the decision',
  process: 'the environment of the process is not part of the policy',
  Buffer: 'exists in Node only; the same code runs in a browser',
  console: 'a decision writes no log; the engine records it',
  globalThis: 'would reach every name of this table unseen',
}

/** The one package that pure folders may reach, and the file through which they do. */
export const pureException = { package: 're2js', through: 'packages/core/src/lib/regex.ts' }

export const whyPure = 'what decides is replayed and also runs in a browser, so it reaches no package and no part of the platform'
