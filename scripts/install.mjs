// Brings node_modules up to what package-lock.json says, and does nothing when it is there already. Plain JavaScript: it runs on
// whatever Node the host has, before the Node 24 of the lock is installed. It never prints where packages come from.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const OLDEST_HOST = 20

/** Reads the packages of a lock file; undefined when there is none or it is not JSON. */
function readPackages(path) {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** An optional package that npm leaves out here (another platform, or one of two C libraries) is not missing. */
function isRequiredHere(entry) {
  if (!entry.optional) return true
  const fits = (list, value) => [list].flat().includes(value)
  return entry.os !== undefined && entry.libc === undefined && fits(entry.os, process.platform) && fits(entry.cpu, process.arch)
}

/** The first package that the lock asks for and node_modules lacks or has in another version; undefined when nothing is amiss. */
export function findStale(wanted, installed) {
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue
    const there = installed[path]
    if (there === undefined ? isRequiredHere(entry) : there.version !== entry.version || there.integrity !== entry.integrity)
      return path
  }
  return undefined
}

/** Addresses of hosts are nobody's business in a log. */
export function redact(text) {
  return text.replace(/\b(?:https?|git\+ssh|git):\/\/[^\s'"]+/g, '(address)')
}

function runCi() {
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund']
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 }
  if (npm !== undefined && /\.c?js$/.test(npm)) return spawnSync(process.execPath, [npm, ...args], options)
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

function main() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_HOST) {
    console.error(`Balustrade needs Node ${OLDEST_HOST} or later to install, and this is Node ${process.versions.node}.`)
    return 1
  }
  const wanted = readPackages(join(root, 'package-lock.json'))
  if (wanted === undefined) {
    console.error('package-lock.json is missing or unreadable; restore it from version control.')
    return 1
  }
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (installed !== undefined && findStale(wanted, installed) === undefined) return 0

  console.log('Installing the exact dependencies of package-lock.json (once, and again only when it changes).')
  const started = Date.now()
  const result = runCi()
  if (result.status !== 0) {
    console.error(redact(`${result.stdout ?? ''}\n${result.stderr ?? ''}`).trim())
    console.error(`npm ci failed${result.error ? `: ${redact(result.error.message)}` : ` with exit code ${result.status}`}.`)
    return 1
  }
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main()
