import { defineCondition } from '../model/condition.ts'
import { UNKNOWN } from '../model/fact.ts'

export const upgrade = defineCondition({
  key: 'upgrade',
  place: 'what',
  about: 'The request asks to become a WebSocket. A grant permits one only when it says so.',
  schema: (kit) => kit.literal('websocket'),
  reads: ['upgrade'],
  reasons: {
    'upgrade.missing': { tri: 0, remedy: false, text: 'This is about WebSockets only.', help: 'Open a WebSocket.' },
    'upgrade.unknown': {
      tri: -1,
      remedy: false,
      text: 'Whether this is to become a WebSocket is not known here.',
      help: 'Try again.',
    },
  },
  compile: (_spec: 'websocket', _scope, say) => {
    const [met, missing, unknown] = [say('met'), say('upgrade.missing'), say('upgrade.unknown')]
    return (facts) => {
      if (facts.upgrade === UNKNOWN) return unknown
      return facts.upgrade === null ? missing : met
    }
  },
  sentence: () => 'requests to open a WebSocket',
  examples: {
    accepted: ['websocket'],
    refused: [
      { spec: 'h2c', code: 'spec.invalid' },
      { spec: true, code: 'spec.invalid' },
    ],
    met: { upgrade: 'websocket' },
    unmet: { upgrade: null },
    absent: { upgrade: null },
    unknown: { upgrade: UNKNOWN },
  },
})
