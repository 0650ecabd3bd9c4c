// `npm run defences`, or with names of patches to prove only those.
import { join } from 'node:path'
import { proveDefences, readPatches } from './defences.ts'

const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const patches = readPatches(root).filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
const proofs = proveDefences(root, patches)
for (const { ok, patch, message } of proofs) console.log(`${ok ? 'ok    ' : 'FAILED'} ${patch}: ${message}`)
console.log(`${proofs.filter(({ ok }) => ok).length} of ${proofs.length} defences are held up by tests.`)
process.exitCode = proofs.every(({ ok }) => ok) ? 0 : 1
