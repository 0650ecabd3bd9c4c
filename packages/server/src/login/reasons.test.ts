import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REASON_TEXTS, REQUEST_REASONS } from '@balustrade/core/kit'
import { expect, test } from 'vitest'
import { GATEWAY_REASONS } from '../gateway/failure.ts'
import { LOGIN_REASONS } from './reasons.ts'

const codes = Object.keys(LOGIN_REASONS)

/** Codes as they are written in the sources of this folder. */
const written = (): ReadonlySet<string> => {
  const sources = readdirSync(import.meta.dirname).filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|^reasons\.ts$/.test(file),
  )
  const text = sources.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('\n')
  return new Set([...text.matchAll(/'(log(?:in|out)\.[a-z_]+)'/g)].map(([, code]) => code ?? ''))
}

/** Told to operators, not to people: codes of troubles. */
const TROUBLES = ['login.metadata', 'login.refresh', 'login.egress', 'login.no_client']

test('every code that is given has a text, and every text is given', () => {
  expect([...written()].filter((code) => !TROUBLES.includes(code)).sort()).toEqual([...codes].sort())
})

test('no code stands for anything else', () => {
  const others = { ...REASON_TEXTS, ...REQUEST_REASONS, ...GATEWAY_REASONS }
  expect(codes.filter((code) => Object.hasOwn(others, code))).toEqual([])
})

test.each(Object.entries(LOGIN_REASONS))('%s says what happened and what to do, under a status of its kind', (code, reason) => {
  const sentences = /^[A-Z][^<>&]*[.?]$/
  expect(reason.text).toMatch(sentences)
  expect(reason.help).toMatch(sentences)
  expect([400, 403, 410, 429, 502, 503]).toContain(reason.status)
  if (code.startsWith('logout.token_')) expect(reason.status).toBe(400)
})
