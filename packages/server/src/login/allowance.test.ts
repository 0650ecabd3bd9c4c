import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAllowance } from './allowance.ts'

const SETUP = { span: 100, most: 5, mostPerAddress: 2 }

test('an address has its share, all have theirs, and places come back', () => {
  const { take } = createAllowance(SETUP)
  expect([take('a', 0), take('a', 0), take('a', 0)]).toEqual([true, true, false])
  expect([take('b', 50), take('b', 50), take('c', 50), take('d', 50)]).toEqual([true, true, true, false])
  expect(take('a', 99)).toBe(false)
  expect([take('a', 100), take('a', 100), take('d', 100)]).toEqual([true, true, false])
  expect(take('d', 150)).toBe(true)
})

test('is what counting everything anew would say', () => {
  const step = fc.record({ address: fc.constantFrom('a', 'b', 'c', 'd'), after: fc.nat(60) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { take } = createAllowance(SETUP)
      const taken: { readonly address: string; readonly until: number }[] = []
      let now = 0
      for (const { address, after } of steps) {
        now += after
        const open = taken.filter(({ until }) => until > now)
        const free = open.length < SETUP.most && open.filter((each) => each.address === address).length < SETUP.mostPerAddress
        expect(take(address, now)).toBe(free)
        if (free) taken.push({ address, until: now + SETUP.span })
      }
    }),
  )
})
