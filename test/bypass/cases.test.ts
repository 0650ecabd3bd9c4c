import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeCorpus } from '../support/corpora.ts'
import { NOT_APPLICABLE } from './not-applicable.ts'

const SURFACES = ['gateway', 'token', 'policy-engine', 'session']

/** Ids that name a test in a file of cases: the key of a table, or the title of a test. */
const played = (text: string): readonly string[] =>
  [...text.matchAll(/^ {2}'?([\w-]+)'?: |\btest\('([\w-]+)'/gm)].map((match) => match[1] ?? match[2] ?? '')

describeCorpus('bypass', (path) => {
  const all = JSON.parse(readFileSync(join(path, 'cases.json'), 'utf8')) as readonly {
    readonly id: string
    readonly surface: string
  }[]
  const ours = all.filter(({ surface }) => surface.split(',').some((one) => SURFACES.includes(one))).map(({ id }) => id)
  const files = readdirSync(import.meta.dirname).filter((name) => /^cases-.*\.test\.ts$/.test(name))
  const tests = files.flatMap((name) => played(readFileSync(join(import.meta.dirname, name), 'utf8')))

  test('every recorded attack on a gateway, a token, a policy or a session is played once, or says what is missing', () => {
    expect(ours.length).toBeGreaterThanOrEqual(82)
    const times = ours.map((id) => [id, tests.filter((one) => one === id).length + Number(id in NOT_APPLICABLE)] as const)
    expect(times.filter(([, count]) => count !== 1)).toEqual([])
  })

  test('not more than one in ten is left out, and each by the name of a feature', () => {
    const left = Object.keys(NOT_APPLICABLE)
    expect(left.filter((id) => !ours.includes(id))).toEqual([])
    expect(left.length).toBeLessThanOrEqual(ours.length / 10)
    expect(Object.values(NOT_APPLICABLE).every((feature) => feature.length > 10)).toBe(true)
  })
})
