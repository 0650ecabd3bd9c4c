import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../../../test/support/log.ts'
import { canCountOpenFiles, openFilesLeft } from '../../../../test/support/open-files.ts'
import { linesOf, parseLine, readChunks } from './log-lines.ts'

const CHUNK = 1 << 20

const fileOf = (text: string): string => {
  const path = join(makeFolder(), 'segment')
  writeFileSync(path, text, 'latin1')
  return path
}

/** The whole lines, each with its place in the file, and what is left behind them. */
const readLines = async (path: string, from = 0) => {
  const lines: { readonly text: string; readonly at: number }[] = []
  let rest = ''
  for await (const chunk of readChunks(path, from)) {
    expect(rest, 'only the last chunk has a rest').toBe('')
    for (const line of linesOf(chunk))
      lines.push({ text: line.buffer.toString('latin1', line.from, line.to), at: chunk.offset + line.from - 1 })
    rest = chunk.buffer.toString('latin1', chunk.end, chunk.end + chunk.rest)
  }
  return { lines, rest }
}

const expected = (text: string, from = 0) => {
  const parts = text.slice(from).split('\n')
  const rest = parts.pop() ?? ''
  let at = from
  const lines = parts.map((part) => {
    const line = { text: part, at }
    at += part.length + 1
    return line
  })
  return { lines, rest }
}

describe('the lines of a file', () => {
  const rows: readonly { note: string; text: string }[] = [
    { note: 'none', text: '' },
    { note: 'one', text: 'a\n' },
    { note: 'several', text: 'a\nbb\nccc\n' },
    { note: 'empty ones', text: '\n\na\n\n' },
    { note: 'half of one behind them', text: 'a\nbb\ncc' },
    { note: 'half of one alone', text: 'abc' },
    { note: 'more than a chunk of them', text: `${'x'.repeat(99)}\n`.repeat(32_000) },
    { note: 'a chunk of them to the byte', text: `${'x'.repeat(1_023)}\n`.repeat(CHUNK / 1_024) },
    { note: 'a line that ends at the end of a chunk, and half of one', text: `${'x'.repeat(CHUNK - 1)}\nabc` },
    { note: 'a line over the end of a chunk', text: `${'x'.repeat(CHUNK - 10)}\n${'y'.repeat(100)}\nz` },
    { note: 'a line as long as may be, behind a short one', text: `a\n${'y'.repeat(CHUNK - 1)}\nz\n` },
  ]
  test.each(rows)('$note', async ({ text }) => expect(await readLines(fileOf(text))).toEqual(expected(text)))

  test('what an earlier chunk left in the buffer is not read', async () => {
    const text = `${'\n'.repeat(CHUNK + 10)}abc`
    const { lines, rest } = await readLines(fileOf(text))
    expect([lines.length, lines.at(-1), rest]).toEqual([CHUNK + 10, { text: '', at: CHUNK + 9 }, 'abc'])
  })

  test.each([
    { text: '', rests: [] },
    { text: 'a\n', rests: [0] },
    { text: 'a\nbc', rests: [0, 2] },
  ])('come with a rest only where there is one: $rests', async ({ text, rests }) => {
    const found: number[] = []
    for await (const { rest } of readChunks(fileOf(text))) found.push(rest)
    expect(found).toEqual(rests)
  })

  test('from any place on', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 6 }).map((text) => text.replaceAll('\n', ' '))),
        fc.nat(30),
        async (parts, from) => {
          const text = Buffer.from(parts.join('\n')).toString('latin1')
          expect(await readLines(fileOf(text), from)).toEqual(expected(text, from))
        },
      ),
      { numRuns: 60 },
    ))

  test('a line that fills a chunk is none, and nothing behind it is read', async () => {
    const { lines, rest } = await readLines(fileOf(`a\n${'x'.repeat(CHUNK + 1)}\nb\n`))
    expect(lines).toEqual([{ text: 'a', at: 0 }])
    expect(rest).toBe('x'.repeat(CHUNK))
  })

  test('a file that cannot be opened', async () => {
    const path = join(makeFolder(), 'none')
    await expect(readLines(path)).rejects.toMatchObject({
      code: 'log.unreadable',
      message: `${path} cannot be read`,
      cause: { code: 'ENOENT' },
    })
  })

  test.skipIf(!canCountOpenFiles)('closes the file, when the reader stops as well', async () => {
    const path = fileOf('a\n')
    expect(await openFilesLeft(() => readLines(path))).toBe(0)
    const stop = async () => {
      for await (const chunk of readChunks(path)) if (chunk.end > 0) break
    }
    expect(await openFilesLeft(stop)).toBe(0)
  })
})

describe('a line', () => {
  const parse = (text: string) => parseLine(Buffer.from(`\n${text}\n`, 'latin1'), 1, 1 + text.length)

  test('is a record and its number', () => {
    expect(parse('{"at":1,"kind":"gap","lost":2,"seq":7}')).toEqual({ seq: 7, record: { at: 1, kind: 'gap', lost: 2 } })
    expect(parse('{"kind":"gap","seq":0}')).toEqual({ seq: 0, record: { kind: 'gap' } })
  })

  test('is read where it stands, and no further', () => {
    expect(parseLine(Buffer.from('x{"kind":"gap","seq":1}{"kind":"gap","seq":2}'), 1, 23)).toEqual({
      seq: 1,
      record: { kind: 'gap' },
    })
  })

  const rows = ['', 'x', '7', '"x"', 'null', 'true', '[1,2]', '{}', '{"kind":"gap"}', '{"seq":1}', '{"kind":"gap","seq":"1"}']
  test.each([
    ...rows,
    '{"kind":"gap","seq":1.5}',
    '{"kind":"gap","seq":9007199254740993}',
    '{"kind":1,"seq":1}',
    '{"kind":"gap","seq":1}x',
  ])('is not: %s', (text) => expect(parse(text)).toBeNull())
})
