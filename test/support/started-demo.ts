// The demo as people start it: a child process on free ports, and what it prints for programs.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { totpCode } from '../../packages/balustrade/src/demo/totp.ts'
import type { ShownPerson, StartedDemo } from '../../packages/balustrade/src/demo/start-demo.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'balustrade', 'src', 'main.ts')
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export type PrintedDemo = Omit<StartedDemo, 'close' | 'people'> & { readonly people: readonly ShownPerson[] }

export interface DemoProcess {
  readonly child: ChildProcess
  readonly printed: PrintedDemo
  /** What it said on standard error so far. */
  readonly told: () => string
  /** Ends it in order, so that its folder goes; resolves when it is gone. */
  readonly stop: () => Promise<void>
}

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGINT')
  })

/** Resolves once everything runs. `words`: options besides. */
export const startDemoProcess = (...words: readonly string[]): Promise<DemoProcess> =>
  new Promise((resolve, reject) => {
    const all = ['--conditions=source', MAIN, 'demo', '--port', '0', '--json', ...words]
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [text, told] = ['', '']
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString()
    })
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.endsWith('\n}\n'))
        resolve({ child, printed: JSON.parse(text) as PrintedDemo, told: () => told, stop: () => stop(child) })
    })
    child.once('exit', () => reject(new Error(`the demo ended: ${told}`)))
  })

const bytesOfBase32 = (text: string): Uint8Array => {
  const bits = Array.from(text, (letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

export const personOf = ({ people }: PrintedDemo, name: string): ShownPerson => {
  const found = people.find((person) => person.name === name)
  if (found === undefined) throw new Error(`the demo has nobody of the name ${name}`)
  return found
}

/** The code that the authenticator app of a person shows now. */
export const codeOf = (demo: PrintedDemo, name: string): string =>
  totpCode(bytesOfBase32(personOf(demo, name).totpSecret), Date.now())
