import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openOpeningLedger } from './opening-ledger.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'balustrade-openings-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const use = (at: number, armed = 10) => ({ name: 'glass', armed, at, by: 'corp/ada' })
const keptIn = () => [...(openOpeningLedger(folder).read() ?? new Map<string, unknown>([['unreadable', null]]))]

describe('the ledger of openings', () => {
  test('keeps the first use since arming, over restarts', async () => {
    const ledger = openOpeningLedger(folder)
    expect([...(ledger.read() ?? [])]).toEqual([])
    const uses = [use(20), use(21), use(22)].map(ledger.open)
    expect(uses.map(({ first }) => first)).toEqual([true, false, false])
    expect(await Promise.all(uses.map(({ durable }) => durable()))).toEqual([true, true, true])
    expect(keptIn()).toEqual([['glass', { at: 20, by: 'corp/ada' }]])
  })

  test('is written once for each opening', async () => {
    const ledger = openOpeningLedger(folder)
    await ledger.open(use(20)).durable()
    rmSync(join(folder, 'openings.json'))
    const later = ledger.open(use(21))
    expect([later.first, await later.durable(), existsSync(join(folder, 'openings.json'))]).toEqual([false, true, false])
  })

  test('counts anew once it is armed again', async () => {
    const ledger = openOpeningLedger(folder)
    await ledger.open(use(20)).durable()
    const again = openOpeningLedger(folder)
    expect(again.open(use(30, 20)).first).toBe(false)
    const opened = again.open(use(30, 25))
    expect([opened.first, await opened.durable()]).toEqual([true, true])
    expect(keptIn()).toEqual([['glass', { at: 30, by: 'corp/ada' }]])
  })

  test('writes the first use by itself, readable by the owner alone', async () => {
    openOpeningLedger(folder).open(use(20))
    await expect.poll(keptIn).toEqual([['glass', { at: 20, by: 'corp/ada' }]])
    expect(statSync(join(folder, 'openings.json')).mode & 0o077).toBe(0)
  })

  test.each([
    { note: 'half a file', text: '{"glass":{"at":20' },
    { note: 'nothing', text: '' },
    { note: 'a list', text: '[]' },
    { note: 'null', text: 'null' },
    { note: 'an opening without an instant', text: '{"glass":{"by":"corp/ada"}}' },
    { note: 'an opening by nobody', text: '{"glass":{"at":20}}' },
    { note: 'an instant as text', text: '{"glass":{"at":"20","by":"corp/ada"}}' },
    { note: 'no opening', text: '{"glass":null}' },
    { note: 'a text for an opening', text: '{"glass":"at by"}' },
    { note: 'an opening by a number', text: '{"glass":{"at":20,"by":7}}' },
    { note: 'one opening and what is none', text: '{"glass":{"at":20,"by":"corp/ada"},"other":null}' },
    { note: 'a number', text: '7' },
  ])('says nothing when its file is $note', async ({ text }) => {
    writeFileSync(join(folder, 'openings.json'), text)
    const ledger = openOpeningLedger(folder)
    expect(ledger.read()).toBeNull()
    const opened = ledger.open(use(20))
    expect([opened.first, await opened.durable()]).toEqual([false, false])
  })

  test('says nothing when its file cannot be read', () => {
    mkdirSync(join(folder, 'openings.json'))
    expect(openOpeningLedger(folder).read()).toBeNull()
  })

  test('a use that cannot be written is not durable, and is tried again by the next', async () => {
    const below = join(folder, 'log')
    writeFileSync(below, 'a file where the folder should be')
    const ledger = openOpeningLedger(below)
    expect(ledger.read()).toBeNull()
    rmSync(below)
    const mended = openOpeningLedger(below)
    writeFileSync(below, 'a file where the folder should be')
    const opened = mended.open(use(20))
    expect([opened.first, await opened.durable()]).toEqual([true, false])
    rmSync(below)
    const next = mended.open(use(21))
    expect([next.first, await next.durable()]).toEqual([false, true])
    expect([...(openOpeningLedger(below).read() ?? [])]).toEqual([['glass', { at: 20, by: 'corp/ada' }]])
  })
})
