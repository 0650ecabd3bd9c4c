import { createSecretKey } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { makeStateWorld, stateKey } from '../../../../test/support/state.ts'
import type { StateAnswer, StateRequest } from './state-request.ts'
import { startThread } from './state-thread.ts'

const open = async () => {
  const world = makeStateWorld()
  const answers: StateAnswer[] = []
  const onDeath = vi.fn<(why: string) => void>()
  const task = {
    file: world.file,
    keys: [createSecretKey(stateKey(1))],
    now: world.time,
    lockMs: 1_000,
    mayCreate: true,
  } as const
  const thread = startThread(task, { onAnswers: (some) => void answers.push(...some), onDeath })
  expect(await thread.opened).toEqual({ ok: true })
  const add = (id: number): StateRequest => ({
    id,
    now: world.time,
    until: Number.POSITIVE_INFINITY,
    action: { name: 'add', collection: 'session', key: `${id}`, held: { payload: '[]', expiresAt: world.time + 1, tags: [] } },
  })
  return { world, thread, answers, onDeath, add }
}

test('what came before the end is served, however it came', async () => {
  const { world, thread, answers, onDeath, add } = await open()
  for (let id = 1; id <= 600; id += 2) thread.post([add(id), add(id + 1)])
  await thread.end()
  expect(answers.map(({ id, ok }) => [id, ok])).toEqual(Array.from({ length: 600 }, (_none, n) => [n + 1, true]))
  expect(world.connect().prepare('SELECT count(*) AS n FROM entry').get()).toEqual({ n: 600 })
  expect(onDeath).not.toHaveBeenCalled()
})

test('of what is written together none is kept where one fails', async () => {
  const { world, thread, answers, add } = await open()
  world.connect().exec('DROP TABLE change')
  thread.post([add(1), add(2)])
  await thread.end()
  expect(answers).toMatchObject([
    { id: 1, ok: false, failure: 'unavailable', why: expect.stringContaining('no such table') },
    { id: 2, ok: false, failure: 'unavailable' },
  ])
  expect(world.connect().prepare('SELECT count(*) AS n FROM entry').get()).toEqual({ n: 0 })
})
