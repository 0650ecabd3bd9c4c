import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ACR_VALUES } from './login-policy.ts'
import { type Factor, nextStep, NOTHING_DONE, type Progress, withProof } from './login-steps.ts'

const done = (...proved: readonly Factor[]): Progress => ({ ...NOTHING_DONE, person: 'mia', proved })

test.each([
  {
    note: 'nobody knows who it is',
    acceptable: ['passkey'],
    account: null,
    progress: NOTHING_DONE,
    hasPasskey: false,
    step: 'password',
  },
  { note: 'a plain login', acceptable: [], account: null, progress: done('password'), hasPasskey: true, step: 'done' },
  {
    note: 'a session stands for its password',
    acceptable: ['otp'],
    account: 'mia',
    progress: NOTHING_DONE,
    hasPasskey: false,
    step: 'code',
  },
  { note: 'a code in a session', acceptable: ['otp'], account: 'mia', progress: done('code'), hasPasskey: false, step: 'done' },
  {
    note: 'a code without a session',
    acceptable: ['otp'],
    account: null,
    progress: done('password'),
    hasPasskey: false,
    step: 'code',
  },
  {
    note: 'password and code',
    acceptable: ['otp', 'passkey'],
    account: null,
    progress: done('password', 'code'),
    hasPasskey: true,
    step: 'done',
  },
  {
    note: 'a passkey is asked for',
    acceptable: ['passkey'],
    account: 'mia',
    progress: NOTHING_DONE,
    hasPasskey: true,
    step: 'passkey',
  },
  {
    note: 'a session does not open the way to a first passkey',
    acceptable: ['passkey'],
    account: 'mia',
    progress: NOTHING_DONE,
    hasPasskey: false,
    step: 'password',
  },
  {
    note: 'nor does one of a moment ago',
    acceptable: ['passkey'],
    account: 'mia',
    progress: NOTHING_DONE,
    hasPasskey: false,
    step: 'code',
  },
  {
    note: 'a code after a password of a moment ago',
    acceptable: ['passkey'],
    account: 'mia',
    progress: done('code'),
    hasPasskey: false,
    step: 'enrol',
  },
  {
    note: 'nor a password',
    acceptable: ['passkey'],
    account: 'mia',
    progress: done('password'),
    hasPasskey: false,
    step: 'code',
  },
  {
    note: 'both do',
    acceptable: ['passkey'],
    account: 'mia',
    progress: done('password', 'code'),
    hasPasskey: false,
    step: 'enrol',
  },
  {
    note: 'another proof was chosen',
    acceptable: ['otp', 'passkey'],
    account: 'mia',
    progress: { ...NOTHING_DONE, choice: 'passkey' },
    hasPasskey: true,
    step: 'passkey',
  },
  {
    note: 'what was chosen is not acceptable',
    acceptable: ['passkey'],
    account: 'mia',
    progress: { ...NOTHING_DONE, choice: 'password' },
    hasPasskey: true,
    step: 'passkey',
  },
  {
    note: 'the account of the session was left',
    acceptable: ['otp'],
    account: 'ada',
    progress: { ...done('password'), left: true },
    hasPasskey: false,
    step: 'code',
  },
  {
    note: 'somebody else proved a code in a session',
    acceptable: ['otp'],
    account: 'ada',
    progress: done('code'),
    hasPasskey: false,
    step: 'password',
  },
  {
    note: 'a session that is too old',
    acceptable: [],
    account: 'mia',
    progress: NOTHING_DONE,
    hasPasskey: false,
    step: 'password',
  },
] as const)('$note: $step', ({ note, acceptable, account, progress, hasPasskey, step }) => {
  expect(nextStep({ acceptable, account, justProved: note.endsWith('a moment ago') }, progress, hasPasskey)).toBe(step)
})

test('proofs of two people never add up', () => {
  expect(withProof(done('password', 'code'), 'ada', 'password')).toMatchObject({ person: 'ada', proved: ['password'] })
})

const factor = fc.constantFrom<Factor>('password', 'code', 'passkey')
const person = fc.constantFrom('mia', 'ada')

test('whatever was done, a login is over only when what was asked for was proved by the person it is for', () => {
  const asked = fc.record({
    acceptable: fc.subarray([...ACR_VALUES], { minLength: 1 }),
    account: fc.option(person),
    justProved: fc.boolean(),
  })
  const deeds = fc.array(fc.tuple(person, factor), { maxLength: 6 })
  fc.assert(
    fc.property(
      asked,
      deeds,
      fc.record({ left: fc.boolean(), choice: fc.option(fc.constantFrom(...ACR_VALUES)) }),
      (request, done, begun) => {
        const { left, choice } = begun
        const progress = done.reduce<Progress>((before, [who, what]) => withProof(before, who, what), {
          ...NOTHING_DONE,
          ...begun,
        })
        if (nextStep(request, progress, true) !== 'done') return
        const target = choice !== null && request.acceptable.includes(choice) ? choice : request.acceptable[0]
        const since = done.findLastIndex(([who]) => who !== progress.person)
        const own = done.slice(since + 1).map(([, what]) => what)
        const needed = { password: 'password', otp: 'code', passkey: 'passkey' }[target ?? 'password']
        expect(own).toContain(needed)
        if (target === 'otp') expect(own.includes('password') || (!left && request.account === progress.person)).toBe(true)
      },
    ),
  )
})
