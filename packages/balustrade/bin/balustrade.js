#!/usr/bin/env node
// Starts the command. Plain JavaScript without newer syntax, so that an older Node says what to do instead of failing to parse.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const oldest = 24
const built = new URL('../dist/main.js', import.meta.url)
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function start() {
  if (Number(process.versions.node.split('.')[0]) < oldest) {
    console.error(`balustrade needs Node ${oldest} or later, and this is Node ${process.versions.node}.`)
    console.error('Install a current Node from https://nodejs.org and run the same command again.')
    process.exitCode = 1
    return undefined
  }
  // A published package holds no src. In a checkout the sources run, because what was built there may be older.
  if (existsSync(source) && typeof process.execve === 'function') {
    process.execve(process.execPath, [process.execPath, '--conditions=source', source].concat(process.argv.slice(2)), process.env)
  }
  process.argv[1] = fileURLToPath(built)
  return import(built.href)
}

void start()
