// One fault, or more, for every row of the table of layers: what the checker must refuse, so that a row that no longer bites is seen.

export interface Planted {
  readonly row: string
  readonly path: string
  readonly code: string
  /** Part of the refusal that must be printed, before the row's why. */
  readonly expect: string
}

const inCore = (row: string, code: string, expect: string): Planted => ({
  row: `core/${row}`,
  path: fileOf('core', row),
  code,
  expect,
})
const inServer = (row: string, code: string, expect: string): Planted => ({
  row: `server/${row}`,
  path: fileOf('server', row),
  code,
  expect,
})
const inCommand = (row: string, code: string, expect: string): Planted => ({
  row: `balustrade/${row}`,
  path: fileOf('balustrade', row),
  code,
  expect,
})

const rootFiles = new Set([
  'condition-list',
  'catalogue',
  'index',
  'kit',
  'compose',
  'open-people',
  'create-core',
  'main',
  'application',
  'run-server',
  'program',
])

function fileOf(name: string, row: string): string {
  return rootFiles.has(row) ? `packages/${name}/src/${row}.ts` : `packages/${name}/src/${row}/planted.ts`
}

export const plantedFaults: readonly Planted[] = [
  inCore('lib', `import type { Decision } from '../model/decision.ts'`, 'lib may not import model'),
  inCore('lib', `import { RE2JS } from 're2js'`, 'only regex.ts may import the package re2js'),
  inCore('model', `import { decide } from '../decision/decide.ts'`, 'model may not import decision'),
  inCore('model', `import { z } from 'zod'`, 'model may not import the package zod'),
  inCore('model', `import { hash } from 'node:crypto'`, 'model may not import node:crypto'),
  inCore('request', `export { answer } from '../answer/http.ts'`, 'request may not import answer'),
  inCore('identity', `import { jwt } from '../credentials/jwt/jwt.ts'`, 'identity may not import credentials'),
  inCore('expression', `import { parse } from '../policy/index.ts'`, 'expression may not import policy'),
  inCore('conditions', `import { decide } from '../decision/decide.ts'`, 'conditions may not import decision'),
  inCore('conditions', `import { mfa } from './mfa.ts'`, 'imports its sibling mfa.ts'),
  inCore('credentials', `const { evaluate } = await import('../engine/evaluate.ts')`, 'credentials may not import engine'),
  inCore('credentials', `import { key } from './api-key/verify.ts'`, 'imports its sibling api-key'),
  inCore('answer', `import { decide } from '../decision/decide.ts'`, 'answer may not import decision'),
  inCore('answer', `import { STATUS_CODES } from 'node:http'`, 'answer may not import node:http'),
  inCore('policy', `import { conditions } from '../conditions/catalogue.ts'`, 'policy may not import conditions'),
  inCore('plan', `import { parse } from 'yaml'`, 'plan may not import the package yaml'),
  inCore('plan', `import { load } from '../policy/index.ts'`, 'plan may not import policy'),
  inCore('decision', `import { gather } from '../engine/gather.ts'`, 'decision may not import engine'),
  inCore('engine', `import { fileSink } from '../decision-log/writer.ts'`, 'engine may not import decision-log'),
  inCore('bundle', `import { load } from '../policy/index.ts'`, 'bundle may not import policy'),
  inCore('decision-log', `import { decide } from '../decision/decide.ts'`, 'decision-log may not import decision'),
  inCore('browser', `import { answer } from '../answer/answer.ts'`, 'browser may not import answer'),
  inCore('middleware', `import { evaluate } from '../engine/evaluate.ts'`, 'middleware may not import engine'),
  inCore('middleware', `import { express } from './express.ts'`, 'imports its sibling express.ts'),
  inCore('condition-list', `export { REASONS } from './model/reason.ts'`, 'condition-list may not import model'),
  inCore('catalogue', `import { evaluate } from './engine/evaluate.ts'`, 'catalogue may not import engine'),
  inCore('application', `import { compilePolicy } from './policy/index.ts'`, 'application may not import policy'),
  inCore('index', `import { serve } from '@balustrade/server'`, 'index may not import the package @balustrade/server'),
  inCore('index', `export * from './testing/index.ts'`, 'index may not import testing'),
  inCore('kit', `import { readFile } from 'node:fs/promises'`, 'kit may not import node:fs/promises'),
  inCore('testing', `import { test } from 'vitest'`, 'testing may not import the package vitest'),
  inServer('state', `import { begin } from '../session/begin.ts'`, 'state may not import session'),
  inServer('session', `import { page } from '../login/page.ts'`, 'session may not import login'),
  inServer('keys', `import { begin } from '../session/begin.ts'`, 'keys may not import session'),
  inServer('upstream', `import { proxy } from '../gateway/proxy.ts'`, 'upstream may not import gateway'),
  inServer('gateway', `import { check } from '../forward-auth/check.ts'`, 'gateway may not import forward-auth'),
  inServer('forward-auth', `import { proxy } from '../gateway/proxy.ts'`, 'forward-auth may not import gateway'),
  inServer('ext-authz', `import { check } from '../forward-auth/check.ts'`, 'ext-authz may not import forward-auth'),
  inServer('authzen', `import { sessions } from '../session/store.ts'`, 'authzen may not import session'),
  inServer('mcp', `import { proxy } from '../gateway/proxy.ts'`, 'mcp may not import gateway'),
  inServer('login', `import { totp } from '../factors/totp.ts'`, 'login may not import factors'),
  inServer('factors', `import { page } from '../login/page.ts'`, 'factors may not import login'),
  inServer('provider', `import { page } from '../login/page.ts'`, 'provider may not import login'),
  inServer('approvals', `import { proxy } from '../gateway/proxy.ts'`, 'approvals may not import gateway'),
  inServer('shared-signals', `import { lock } from '../watches/lock.ts'`, 'shared-signals may not import watches'),
  inServer('well-known', `import { keys } from '../provider/keys.ts'`, 'well-known may not import provider'),
  inServer('sources', `import { begin } from '../session/begin.ts'`, 'sources may not import session'),
  inServer('sources', `import { ldap } from './ldap.ts'`, 'imports its sibling ldap.ts'),
  inServer('sinks', `import { file } from './file.ts'`, 'imports its sibling file.ts'),
  inServer('watches', `import { proxy } from '../gateway/proxy.ts'`, 'watches may not import gateway'),
  inServer('distribution', `import { decide } from '../../../core/src/decision/decide.ts'`, 'leaves its package'),
  inServer('admin', `import { proxy } from '../gateway/proxy.ts'`, 'admin may not import gateway'),
  inServer('observe', `import { open } from '../state/open.ts'`, 'observe may not import state'),
  inServer('reload', `import { proxy } from '../gateway/proxy.ts'`, 'reload may not import gateway'),
  inServer('config', `import { open } from '../state/open.ts'`, 'config may not import state'),
  inServer('open-people', `import { openListener } from './gateway/listener.ts'`, 'open-people may not import gateway'),
  inServer('create-core', `import { startServer } from './compose.ts'`, 'create-core may not import compose'),
  inServer('compose', `import { runServer } from './run-server.ts'`, 'compose may not import run-server'),
  inServer('run-server', `import { run } from 'balustrade'`, 'run-server may not import the package balustrade'),
  inServer('index', `import { createServer } from 'node:http'`, 'index may not import node:http'),
  inCommand('assurance', `import { check } from '../cli/check.ts'`, 'assurance may not import cli'),
  inCommand('demo', `import { check } from '../cli/check.ts'`, 'demo may not import cli'),
  inCommand('cli', `import { text } from '@clack/prompts'`, 'only init.ts may import the package @clack/prompts'),
  inCommand('cli', `import { check } from './check.ts'`, 'imports its sibling check.ts'),
  inCommand('terminal', `import { startDemo } from '../demo/start-demo.ts'`, 'terminal may not import demo'),
  inCommand('program', `import { startDemo } from './demo/start-demo.ts'`, 'program may not import demo'),
  inCommand('main', `import { load } from 'yaml'`, 'main may not import the package yaml'),
]
