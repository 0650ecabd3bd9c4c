import { createPublicKey } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeClosedLog } from '../../../../test/support/log.ts'

/** Blocks of code of the reference page, in order, by language. */
const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/decision-log.md'), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map((match) => match[1] as string)

const has = (program: string, args: readonly string[]): boolean => spawnSync(program, args).status === 0

const lastNote = (folder: string): readonly string[] => {
  const lines = readFileSync(join(folder, 'checkpoints'), 'utf8').trimEnd().split('\n')
  return lines.slice(-5)
}

describe('what the reference page says can be checked with standard tools', () => {
  test.skipIf(!has('openssl', ['version']))('the signature of a checkpoint', async () => {
    const { folder, key } = await makeClosedLog(20)
    const note = lastNote(folder)
    const write = (text: string) => writeFileSync(join(folder, 'note.txt'), text)
    const [check = ''] = blocks('sh')
    const run = () => spawnSync('sh', ['-c', check], { cwd: folder, encoding: 'utf8' })
    writeFileSync(join(folder, 'public.pem'), createPublicKey(key).export({ format: 'pem', type: 'spki' }))
    writeFileSync(join(folder, 'note.sig'), Buffer.from(note[4]?.split(' ')[2] ?? '', 'base64').subarray(4))
    write(`${note.slice(0, 3).join('\n')}\n`)
    expect(run()).toMatchObject({ status: 0, stdout: 'Signature Verified Successfully\n' })
    write(`${note.slice(0, 3).join('\n')}\n`.replace(/\n\d+\n/, '\n7\n'))
    expect(run().status).not.toBe(0)
  })

  test.skipIf(!has('sh', ['-c', 'command -v sha256sum']))('a leaf', async () => {
    const { folder } = await makeClosedLog(3)
    const run = spawnSync('sh', ['-c', blocks('sh')[1] ?? ''], { cwd: folder, encoding: 'utf8' })
    expect(run.stdout.slice(0, 64)).toBe(readFileSync(join(folder, '000000000000.leaves')).toString('hex', 0, 32))
  })

  test.skipIf(!has('python3', ['--version']))('the root', async () => {
    const { folder } = await makeClosedLog(37)
    const run = spawnSync('python3', ['-c', blocks('python')[0] ?? ''], { cwd: folder, encoding: 'utf8' })
    expect(run).toMatchObject({ stderr: '', stdout: `${lastNote(folder)[2]}\n` })
  })
})
