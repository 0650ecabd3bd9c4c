import { expect, test } from 'vitest'
import { singleFlight } from './single-flight.ts'

const counted = () => {
  const calls: string[] = []
  const run = singleFlight(async (key: string) => {
    calls.push(key)
    await Promise.resolve()
    if (key === 'bad') throw new Error('no')
    return `${key}${calls.length}`
  })
  return { calls, run }
}

test('calls with one key share a run, others do not', async () => {
  const { calls, run } = counted()
  const [a, again, b] = await Promise.all([run('a'), run('a'), run('b')])
  expect([a === again, b === a, calls]).toEqual([true, false, ['a', 'b']])
})

test('nothing is remembered afterwards', async () => {
  const { run } = counted()
  expect([await run('a'), await run('a')]).toEqual(['a1', 'a2'])
})

test('a failure is shared and then forgotten', async () => {
  const { calls, run } = counted()
  const settled = await Promise.allSettled([run('bad'), run('bad')])
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(run('bad')).rejects.toThrow('no')
  expect(calls).toEqual(['bad', 'bad'])
})

test('a function that throws before it returns a promise rejects', async () => {
  const run = singleFlight((_key: string): Promise<never> => {
    throw new Error('at once')
  })
  await expect(run('a')).rejects.toThrow('at once')
  await expect(run('a')).rejects.toThrow('at once')
})
