import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createSecret } from './secret.ts'

test('is written out by nothing but its own use', () => {
  const secret = createSecret('CANARY')
  const written = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
  ]
  expect(written.join('\n')).not.toContain('CANARY')
  expect(JSON.stringify({ ...secret })).not.toContain('CANARY')
  expect(secret.reveal()).toBe('CANARY')
})
