import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { watchPath } from './watch-folder.ts'

const lay = () => {
  const folder = mkdtempSync(join(tmpdir(), 'balustrade-watch-'))
  for (const name of ['log', 'keys', 'log-of-another']) mkdirSync(join(folder, name))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const begin = (path: string, except: readonly string[] = []) => {
  const seen = { changes: 0 }
  const watched = watchPath({
    path,
    recursive: true,
    except,
    onChange: () => void seen.changes++,
    onTrouble: (why) => expect.unreachable(why),
  })
  onTestFinished(watched.close)
  return seen
}

describe('a watched folder', () => {
  test.each(['balustrade.yaml', 'keys/tls.pem', 'log-of-another/x'])('tells that %s changed', async (file) => {
    const folder = lay()
    const seen = begin(folder, [join(folder, 'log')])
    writeFileSync(join(folder, file), 'a')
    await expect.poll(() => seen.changes, { timeout: 10_000 }).toBeGreaterThan(0)
  })

  test('does not tell of folders that are left out', async () => {
    const folder = lay()
    const seen = begin(folder, [join(folder, 'log')])
    for (let i = 0; i < 20; i++) writeFileSync(join(folder, 'log', 'records'), String(i))
    await pause(300)
    expect(seen.changes).toBe(0)
  })

  test('tells once of changes that come together', async () => {
    const folder = lay()
    const seen = begin(folder)
    for (let i = 0; i < 20; i++) writeFileSync(join(folder, 'a.yaml'), String(i))
    await expect.poll(() => seen.changes, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(seen.changes).toBeLessThan(20)
  })
})
