import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DemoRequest } from './requests.ts'
import type { StartedDemo } from './start-demo.ts'

const MAIN = join(import.meta.dirname, '..', 'main.ts')
const run = promisify(execFile)

type Printed = Pick<StartedDemo, 'requests' | 'urls' | 'folder' | 'elsewhere'>

interface Demo {
  readonly child: ChildProcess
  readonly printed: Printed
  readonly told: () => string
}

const startDemo = (): Promise<Demo> =>
  new Promise((resolve, reject) => {
    const words = ['--conditions=source', MAIN, 'demo', '--port', '0', '--json']
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [text, told] = ['', '']
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString()
    })
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.endsWith('\n}\n')) resolve({ child, printed: JSON.parse(text) as Printed, told: () => told })
    })
    child.once('exit', () => reject(new Error(`the demo ended: ${told}`)))
  })

/** Executes the very line that is printed; curl leaves a WebSocket by its time limit. */
const execute = async ({ command }: DemoRequest): Promise<string> => {
  const { stdout } = await run('sh', ['-c', `${command} || true`], { encoding: 'latin1' })
  return stdout
}

const balustrade = async (...words: readonly string[]): Promise<string> =>
  (await run(process.execPath, ['--conditions=source', MAIN, ...words])).stdout

describe('the demo', () => {
  let demo: Demo
  beforeAll(async () => {
    demo = await startDemo()
  }, 30_000)
  afterAll(() => void demo.child.kill('SIGKILL'))

  test('prints requests of every kind of answer', () => {
    const { requests, elsewhere } = demo.printed
    expect(requests.length).toBe(elsewhere ? 10 : 9)
    expect(new Set(requests.map(({ status }) => status))).toEqual(new Set([200, 401, 403, 101]))
  })

  test('every printed request comes out as printed', async () => {
    for (const request of demo.printed.requests) {
      const got = await execute(request)
      expect({ note: request.note, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(got)?.[1]) }).toEqual({
        note: request.note,
        status: request.status,
      })
      for (const text of request.shows) expect(got.toLowerCase()).toContain(text.toLowerCase())
    }
  }, 30_000)

  test('metrics and the log are where it says, and the log is whole', async () => {
    const { urls, folder } = demo.printed
    const metrics = await (await fetch(urls.metrics, { signal: AbortSignal.timeout(5_000) })).text()
    expect(metrics).toContain('balustrade_decisions_total{service="demo",outcome="allow"')
    const shown = await balustrade('log', 'show', folder.log, '--kind', 'decision', '-n', '20')
    expect(shown).toContain('challenge GET localhost/admin/users by demo/ada')
    expect(await balustrade('log', 'verify', folder.log, '--key', folder.logKey)).toContain('The log is whole')
  }, 30_000)

  test('what the gateway itself writes is no change of the policy', () => {
    expect(demo.told().match(/The policy is in force/g)).toHaveLength(1)
  })

  test('an edited policy is in force soon, and a faulty one changes nothing', async () => {
    const { urls, folder } = demo.printed
    const rules = join(folder.policy, 'rules.yaml')
    const before = readFileSync(rules, 'utf8')
    const front = async () => (await fetch(`${urls.gateway}/`, { signal: AbortSignal.timeout(5_000) })).status
    writeFileSync(rules, before.slice(0, before.indexOf('public:')))
    await expect.poll(front, { timeout: 10_000 }).toBe(401)
    writeFileSync(rules, `${before}nonsense: 1\n`)
    await expect.poll(demo.told, { timeout: 10_000 }).toContain('the last good one stays in force')
    expect(await front()).toBe(401)
    writeFileSync(rules, before)
    await expect.poll(front, { timeout: 10_000 }).toBe(200)
  }, 40_000)

  test('an interrupt ends it, and the temporary folder is gone', async () => {
    const ended = new Promise((resolve) => demo.child.once('exit', (code) => resolve(code)))
    demo.child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(existsSync(demo.printed.folder.policy)).toBe(false)
  }, 15_000)
})
