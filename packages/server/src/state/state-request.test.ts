import { expect, test } from 'vitest'
import { type ActionName, isRead, messageOf, monotonicMs } from './state-request.ts'

/** Every action: the types ask for each name. */
const READS: Readonly<Record<ActionName, boolean>> = {
  get: true,
  page: true,
  changes: true,
  keys: true,
  probeRead: true,
  add: false,
  replace: false,
  take: false,
  remove: false,
  increment: false,
  sweep: false,
  probeWrite: false,
}

test('what only reads goes to the thread that reads', () => {
  for (const [name, reads] of Object.entries(READS)) expect(isRead(name as ActionName), name).toBe(reads)
})

test('the clock of the threads counts milliseconds, and parts of them', async () => {
  const [from, began] = [monotonicMs(), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, 20))
  const [passed, span] = [monotonicMs() - from, performance.now() - began]
  expect(Math.abs(passed - span)).toBeLessThan(5)
  expect(passed).toBeGreaterThan(15)
})

test('whatever was thrown has a message', () => {
  expect([new Error('the disk is full'), 'text', null, undefined].map(messageOf)).toEqual([
    'the disk is full',
    'it failed',
    'it failed',
    'it failed',
  ])
})
