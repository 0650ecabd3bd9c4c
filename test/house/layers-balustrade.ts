// The layers of packages/balustrade.
import { kit, type PackageRow } from './layer-row.ts'

const siblings = {
  ...kit,
  '@balustrade/core/policy': '*',
  '@balustrade/core/node': '*',
  '@balustrade/core/testing': '*',
  '@balustrade/server': '*',
}

export const balustrade: readonly PackageRow[] = [
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
    packages: {
      ...siblings,
      '@peculiar/x509': 'certificates.ts',
      'reflect-metadata': 'certificates.ts',
      '@simplewebauthn/server': 'passkeys.ts',
      'oidc-provider': '*',
      ws: '*',
    },
    node: true,
    why: 'the demo is a user of the product: it goes through the same doors as everybody',
  },
  {
    folder: 'terminal',
    role: 'spine',
    may: [],
    packages: { ...kit, '@balustrade/core/policy': '*', '@balustrade/server': 'open-state.ts', commander: '*' },
    node: true,
    opening: 'output.ts',
    why: 'what verbs share at a terminal: how they speak, and documents read for people; it starts nothing and serves nothing',
  },
  {
    folder: 'cli',
    role: 'rib',
    may: ['assurance', 'demo', 'terminal'],
    packages: { ...siblings, commander: '*', '@clack/prompts': 'init.ts', yaml: '*' },
    node: true,
    why: 'a verb is one file that reads arguments, calls and prints; what verbs share stands in terminal/',
  },
  {
    folder: 'program',
    role: 'root',
    may: ['cli', 'terminal'],
    packages: { ...siblings, commander: '*' },
    node: true,
    why: 'the list of verbs, and the only file that imports them; the reference of the command is made from it',
  },
  {
    folder: 'main',
    role: 'root',
    may: 'above',
    packages: siblings,
    node: true,
    why: 'hands the command line to a verb, and nothing more',
  },
]
