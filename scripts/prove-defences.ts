// `npm run defences`, or with names of patches to prove only those. `-- --write` keeps what came of it in docs/reports/defences.json.
import { join } from 'node:path'
import { keepReport } from '../bench/keep-report.ts'
import { proveDefences, readPatches } from './defences.ts'

const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const patches = readPatches(root).filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
const proofs = proveDefences(root, patches)
for (const { ok, patch, message } of proofs) console.log(`${ok ? 'ok    ' : 'FAILED'} ${patch}: ${message}`)
console.log(`${proofs.filter(({ ok }) => ok).length} of ${proofs.length} defences are held up by tests.`)
if (process.argv.includes('--write')) keepReport('defences', { command: 'npm run defences -- --write', proofs })
process.exitCode = proofs.every(({ ok }) => ok) ? 0 : 1
