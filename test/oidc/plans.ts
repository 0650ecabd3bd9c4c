// The plans of the conformance suite, as the corpus lists them: what we test must be all of them, module by module.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeCorpus } from '../support/corpora.ts'

interface Suite {
  readonly plans: readonly { readonly plan: string | null; readonly modules: readonly string[] }[]
}

/** Tests that each plan has exactly these modules; by name of the plan. */
export const describePlans = (plans: Readonly<Record<string, Readonly<Record<string, unknown>>>>): void =>
  describeCorpus('oidc', (path) => {
    const suite = JSON.parse(readFileSync(join(path, 'conformance-suite', 'rp-and-ssf-test-modules.json'), 'utf8')) as Suite
    test.each(Object.entries(plans))('every module of %s', (plan, modules) => {
      expect(suite.plans.find((each) => each.plan === plan)?.modules.toSorted()).toEqual(Object.keys(modules).sort())
    })
  })
