import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeCorpus } from '../../../../test/support/corpora.ts'
import {
  createNoteSigner,
  createNoteVerifier,
  formatVerifierKey,
  type NoteVerifier,
  parseVerifierKey,
  signNote,
  verifyNote,
} from './signed-note.ts'

const pair = (name: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { signer: createNoteSigner(name, privateKey), verifier: createNoteVerifier(name, publicKey) }
}
const log = pair('example.com/log')
const witness = pair('witness')
const TEXT = 'example.com/log\n3\nroot\n\nwith an empty line\n'

test('a note signed by two is verified by either and by both', () => {
  const note = signNote(TEXT, [log.signer, witness.signer])
  expect(verifyNote(note, [log.verifier])).toEqual({ ok: true, text: TEXT, signedBy: ['example.com/log'] })
  expect(verifyNote(note, [witness.verifier, log.verifier])).toEqual({
    ok: true,
    text: TEXT,
    signedBy: ['example.com/log', 'witness'],
  })
})

test('two keys of one name are told apart by id', () => {
  const other = pair('example.com/log')
  expect(verifyNote(signNote(TEXT, [log.signer]), [other.verifier, log.verifier]).ok).toBe(true)
  expect(verifyNote(signNote(TEXT, [log.signer]), [other.verifier])).toEqual({ ok: false, why: 'no known key signed the note' })
})

const good = signNote(TEXT, [log.signer])
test.each([
  { note: 'nothing', text: '' },
  { note: 'no signature', text: TEXT },
  { note: 'an empty signature block', text: `${TEXT}\n` },
  { note: 'another text', text: good.replace('3', '4') },
  { note: 'a line after', text: `${good}more\n` },
  { note: 'no newline at the end', text: good.slice(0, -1) },
  { note: 'a newline more', text: `${good}\n` },
  { note: 'a hyphen for the dash', text: good.replace('\u2014', '-') },
  { note: 'two spaces', text: good.replace('\u2014 ', '\u2014  ') },
  { note: 'no base64', text: good.replace(/[^ ]+\n$/, '***\n') },
  { note: 'base64 without padding', text: good.replace(/=+\n$/, '\n') },
  { note: 'too short a signature', text: good.replace(/[^ ]+\n$/, 'AAAAAA==\n') },
  { note: 'a carriage return', text: good.replaceAll('\n', '\r\n') },
  { note: 'NUL', text: `\0${good}` },
  { note: 'a lone surrogate', text: `\ud800${good}` },
  {
    note: 'a wrong signature beside a good one',
    text: good + (good.split('\n').at(-2) as string).replace(/.{6}=*$/, 'AAAA==') + '\n',
  },
  { note: 'too many signatures', text: good + `${good.split('\n').at(-2)}\n`.repeat(100) },
])('refuses $note', ({ text }) => expect(verifyNote(text, [log.verifier]).ok).toBe(false))

test('a signature given twice counts once, one of a stranger not at all', () => {
  const stranger = signNote(TEXT, [witness.signer]).split('\n').at(-2)
  const twice = `${good}${good.split('\n').at(-2)}\n${stranger}\n`
  expect(verifyNote(twice, [log.verifier])).toMatchObject({ ok: true, signedBy: ['example.com/log'] })
})

test('a wrong signature of a known key refuses the note although another is good', () => {
  const note = signNote(TEXT, [log.signer, witness.signer])
  const wrong = note.replace(/(witness [^ ]{20})./, (_, head: string) => `${head}${note.includes(`${head}A`) ? 'B' : 'A'}`)
  expect(verifyNote(wrong, [log.verifier]).ok).toBe(true)
  expect(verifyNote(wrong, [log.verifier, witness.verifier])).toEqual({ ok: false, why: 'the signature of witness is wrong' })
})

test.each([
  { note: 'no newline', text: 'a' },
  { note: 'nothing', text: '' },
  { note: 'a tab', text: 'a\tb\n' },
  { note: 'a lone surrogate', text: '\udc00\n' },
])('does not sign a text with $note', ({ text }) => {
  expect(() => signNote(text, [log.signer])).toThrow(expect.objectContaining({ code: 'note.text' }))
})

test.each(['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', 'a\u2003b', '\ud800', 'a\u0085b'].map((name) => ({ name })))(
  'no key name: $name',
  ({ name }) => {
    expect(() => pair(name)).toThrow(expect.objectContaining({ code: 'note.name' }))
  },
)

test('only Ed25519 signs notes', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const code = expect.objectContaining({ code: 'note.key' })
  expect(() => createNoteVerifier('a', publicKey)).toThrow(code)
  expect(() => createNoteSigner('a', privateKey)).toThrow(code)
})

test('verifier keys read back from their text', () => {
  const text = formatVerifierKey(log.verifier)
  const parsed = parseVerifierKey(text)
  expect(parsed.ok && verifyNote(good, [parsed.verifier]).ok).toBe(true)
  expect(parsed.ok && formatVerifierKey(parsed.verifier)).toBe(text)
})

const key = formatVerifierKey(log.verifier)
const { id } = log.verifier
const base64 = key.slice(`example.com/log+${id}+`.length)
test.each([
  { note: 'nothing', text: '' },
  { note: 'another name', text: `x${key}` },
  {
    note: 'another id',
    text: key.replace(
      id,
      id.replace(/./g, (c) => (c === '0' ? '1' : '0')),
    ),
  },
  { note: 'upper-case id', text: key.replace(id, 'ABCDEF01') },
  { note: 'a name with a space', text: key.replace('/', ' ') },
  { note: 'no key', text: `example.com/log+${id}+` },
  { note: 'padding alone', text: `example.com/log+${id}+====` },
  { note: 'a short key', text: `example.com/log+${id}+AQ==` },
  {
    note: 'another algorithm',
    text: `example.com/log+${id}+${Buffer.concat([Buffer.of(2), Buffer.from(base64, 'base64').subarray(1)]).toString('base64')}`,
  },
  { note: 'base64 in another spelling', text: key.slice(0, -1) },
])('no verifier key: $note', ({ text }) => expect(parseVerifierKey(text).ok).toBe(false))

test('property: notes round-trip, and any text gets an answer', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/\p{Cc}/gu, ''))
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), fc.string({ unit: 'binary' }), (lines, any) => {
      const text = `${lines.join('\n')}\n`
      expect(verifyNote(signNote(text, [log.signer]), [log.verifier])).toEqual({ ok: true, text, signedBy: ['example.com/log'] })
      expect(verifyNote(any, [log.verifier]).ok).toBe(false)
      expect(parseVerifierKey(any).ok).toBe(false)
    }),
  )
})

test('property: no changed character of a signed note is accepted as another text', () => {
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.constantFrom('\n', 'a', '\u2014', ' ', '='), (at, c) => {
      const changed = good.slice(0, at) + c + good.slice(at + 1)
      const verified = verifyNote(changed, [log.verifier])
      expect(verified.ok && verified.text !== TEXT).toBe(false)
    }),
    { numRuns: 500 },
  )
})

describeCorpus('transparency', (path) => {
  interface Vectors {
    readonly verifierKeys: Readonly<Record<string, string>>
    readonly text: string
    readonly signedBy: Readonly<Record<string, string>>
    readonly signed: string
    readonly malformedMustBeRejected: readonly string[]
  }
  const vectors = JSON.parse(readFileSync(join(path, 'signed-note-vectors.json'), 'utf8')) as Vectors
  const verifiers = Object.values(vectors.verifierKeys).map((text): NoteVerifier => {
    const parsed = parseVerifierKey(text)
    if (!parsed.ok) throw new Error(parsed.why)
    return parsed.verifier
  })

  test('both verifier keys read and write', () => {
    expect(verifiers.map(formatVerifierKey)).toEqual(Object.values(vectors.verifierKeys))
  })

  test('the note signed by both, and by each', () => {
    expect(verifyNote(vectors.signed, verifiers)).toEqual({
      ok: true,
      text: vectors.text,
      signedBy: Object.keys(vectors.signedBy),
    })
    for (const [name, line] of Object.entries(vectors.signedBy)) {
      expect(verifyNote(`${vectors.text}\n${line}`, verifiers)).toMatchObject({ ok: true, signedBy: [name] })
    }
  })

  test.each(vectors.malformedMustBeRejected.map((text, i) => ({ i, text })))('malformed note $i', ({ text }) => {
    expect(verifyNote(text, verifiers).ok).toBe(false)
  })
})

test('a public key made from the private one gives the same id', () => {
  const { privateKey }: { privateKey: KeyObject } = generateKeyPairSync('ed25519')
  expect(createNoteSigner('a', privateKey).id).toBe(createNoteVerifier('a', createPublicKey(privateKey)).id)
})
