// Writes every generated file that differs from what the code says; with --check it only names them and fails.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Generator, generators } from './generators.ts'

const root = join(import.meta.dirname, '..')

export interface StaleFile {
  readonly file: string
  readonly text: string
}

/** The generated files of a folder whose text is not what their generator makes. */
export async function findStale(list: readonly Generator[], folder: string): Promise<readonly StaleFile[]> {
  const made = await Promise.all(list.map(async ({ file, make }) => ({ file, text: await make() })))
  return made.filter(({ file, text }) => {
    const path = join(folder, file)
    return !existsSync(path) || readFileSync(path, 'utf8') !== text
  })
}

async function main(): Promise<number> {
  const check = process.argv.includes('--check')
  const stale = await findStale(generators, root)
  for (const { file, text } of stale) {
    if (check) console.error(`${file} is not what the code says; run npm run generate.`)
    else {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
      console.log(`wrote ${file}`)
    }
  }
  if (stale.length === 0) console.log(`${generators.length} generated files are what the code says.`)
  return check && stale.length > 0 ? 1 : 0
}

if (import.meta.main) process.exitCode = await main()
