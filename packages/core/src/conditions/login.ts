import { parseDuration } from '../lib/duration.ts'
import { defineCondition } from '../model/condition.ts'
import { CLOCK_SKEW, UNKNOWN } from '../model/fact.ts'
import { remedyForPeople } from '../model/say.ts'
import { durationSchema } from '../model/spec.ts'

type LoginSpec = { readonly 'max-age': string }

const maxAgeOf = (spec: LoginSpec): number => parseDuration(spec['max-age']) ?? 0

/** A login dated in the future, beyond the skew of clocks, is never fresh. */
const isFresh = (loginAt: number, maxAge: number, now: number): boolean => now - loginAt <= maxAge && loginAt - now <= CLOCK_SKEW

export const login = defineCondition({
  key: 'login',
  place: 'how',
  about: 'The caller signed in actively no longer ago than `max-age`. Keys and other credentials of software have no login.',
  schema: (kit) => kit.strictObject({ 'max-age': durationSchema(kit) }),
  reads: ['loginAt', 'now', 'kind', 'credential'],
  reasons: {
    'login.missing': { tri: 0, remedy: true, text: 'This needs a caller who signed in.', help: 'Sign in.' },
    'login.too_old': { tri: 0, remedy: true, text: 'The caller did not sign in recently enough.', help: 'Sign in again.' },
    'login.unknown': { tri: -1, remedy: false, text: 'When the caller signed in could not be found out.', help: 'Try again.' },
  },
  compile: (spec: LoginSpec, _scope, say) => {
    const maxAge = maxAgeOf(spec)
    const again = remedyForPeople({ login: { maxAge } })
    const [met, missing] = [say('met'), say('login.missing', again)]
    const [old, unknown] = [say('login.too_old', again), say('login.unknown')]
    return ({ loginAt, now }) => {
      if (loginAt === UNKNOWN) return unknown
      if (loginAt === null) return missing
      return isFresh(loginAt, maxAge, now) ? met : old
    }
  },
  sentence: (spec) => `the caller signed in within the last ${spec['max-age']}`,
  lapses: (spec) => {
    const maxAge = maxAgeOf(spec)
    return ({ loginAt, now }) => {
      if (loginAt === UNKNOWN || loginAt === null || !isFresh(loginAt, maxAge, now)) return Number.POSITIVE_INFINITY
      return loginAt + maxAge + 1
    }
  },
  examples: {
    accepted: [{ 'max-age': '8h' }, { 'max-age': '1h30m' }],
    refused: [
      { spec: '8h', code: 'spec.invalid' },
      { spec: { 'max-age': 8 }, code: 'spec.invalid' },
      { spec: { 'max-age': '8h', level: 'any' }, code: 'spec.invalid' },
    ],
    met: {},
    unmet: { loginAt: 0 },
    absent: { loginAt: null },
    unknown: { loginAt: UNKNOWN },
  },
})
