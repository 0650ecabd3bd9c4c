import { METHODS, type Method, READ_METHODS } from '../model/access-request.ts'
import { defineCondition } from '../model/condition.ts'
import { inWords, listOf, type OneOrMany } from '../model/spec.ts'

/** HEAD is judged as GET, so it cannot be named. */
const NAMED = METHODS.filter((method) => method !== 'HEAD')
const WRITE_METHODS = METHODS.filter((method) => !READ_METHODS.includes(method))

type MethodSpec = 'read' | 'write' | OneOrMany<Method>

const methodsOf = (spec: MethodSpec): readonly Method[] => {
  if (spec === 'read') return READ_METHODS
  if (spec === 'write') return WRITE_METHODS
  return listOf(spec).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}

export const method = defineCondition({
  key: 'method',
  place: 'what',
  about: 'The request has one of these methods. `read` is GET, HEAD and OPTIONS; `write` every other. HEAD is judged as GET.',
  schema: (kit) => {
    const named = kit.enum(NAMED, `one of ${NAMED.join(', ')}; HEAD is judged as GET`)
    return kit.union([kit.enum(['read', 'write']), named, kit.array(named).min(1)])
  },
  reads: ['method'],
  reasons: {
    'method.other': { tri: 0, remedy: false, text: 'This is about other methods.', help: 'Use a method that is allowed here.' },
  },
  compile: (spec: MethodSpec, _scope, say) => {
    const wanted = new Set(methodsOf(spec))
    const [met, other] = [say('met'), say('method.other')]
    return (facts) => (wanted.has(facts.method) ? met : other)
  },
  sentence: (spec) => {
    if (spec === 'read' || spec === 'write') return `requests that ${spec}`
    return `${inWords(listOf(spec))} requests`
  },
  index: (spec) => ({ methods: methodsOf(spec), exact: true }),
  examples: {
    accepted: ['write', 'read', 'GET', ['POST', 'PATCH']],
    refused: [
      { spec: 'post', code: 'spec.invalid' },
      { spec: 'HEAD', code: 'spec.invalid' },
      { spec: 'TRACE', code: 'spec.invalid' },
      { spec: [], code: 'spec.invalid' },
    ],
    met: { method: 'DELETE' },
    unmet: { method: 'HEAD' },
  },
})
