import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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

  /** Each change is waited for, so that no event of one is taken for the next. */
  const tells = async (seen: { readonly changes: number }, change: () => void) => {
    const before = seen.changes
    change()
    await expect.poll(() => seen.changes, { timeout: 10_000 }).toBeGreaterThan(before)
    await pause(100)
  }

  test.each(['app.yaml', 'environments/staging.yaml'])(
    'tells that %s was put in place of the former one, every time',
    async (file) => {
      const folder = lay()
      mkdirSync(join(folder, 'environments'))
      writeFileSync(join(folder, file), 'first')
      const seen = begin(folder, [join(folder, 'log')])
      for (const text of ['second', 'third', 'fourth']) {
        await tells(seen, () => {
          writeFileSync(join(folder, 'log', 'new'), text)
          renameSync(join(folder, 'log', 'new'), join(folder, file))
        })
      }
      await tells(seen, () => writeFileSync(join(folder, file), 'fifth'))
    },
  )

  test('tells of folders that came later, and of those that took their place', async () => {
    const folder = lay()
    const seen = begin(folder)
    const later = join(folder, 'environments')
    await tells(seen, () => mkdirSync(later))
    await tells(seen, () => writeFileSync(join(later, 'a.yaml'), '1'))
    await tells(seen, () => {
      renameSync(later, join(folder, 'former'))
      mkdirSync(later)
    })
    await tells(seen, () => writeFileSync(join(later, 'a.yaml'), '2'))
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
