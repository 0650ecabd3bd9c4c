import { describe, expect, test } from 'vitest'
import { parsePath } from './path.ts'

const named = (code: number): string => encodeURIComponent(String.fromCodePoint(code))

const refused: readonly (readonly [note: string, path: string, code: string])[] = [
  ['dot segment', '/a/./b', 'request.dot_segment'],
  ['dot segment first', '/./b', 'request.dot_segment'],
  ['dot segment last', '/a/.', 'request.dot_segment'],
  ['parent segment', '/a/../b', 'request.dot_segment'],
  ['parent segment last, with slash', '/a/../', 'request.dot_segment'],
  ['parent segment beside an escape', '/a%20b/../c', 'request.dot_segment'],
  ['encoded dot', '/%2e', 'request.dot_segment'],
  ['encoded dots, upper case', '/a/%2E%2E/b', 'request.dot_segment'],
  ['half encoded dots', '/a/.%2e/b', 'request.dot_segment'],
  ['encoded dot in a name', '/file%2etxt', 'request.dot_segment'],
  ['dots next to an encoded slash', '/a/..%2fb', 'request.dot_segment'],
  ['dots after an encoded slash', '/a%2F..', 'request.dot_segment'],
  ['dot between encoded slashes', '/a%2F.%2Fb', 'request.dot_segment'],
  ['dots next to a semicolon', '/a/..;/b', 'request.dot_segment'],
  ['dots next to an encoded semicolon', '/a/..%3bx=1/b', 'request.dot_segment'],
  ['dots next to an encoded delimiter', '/a/..%3F', 'request.dot_segment'],
  ['dots next to an encoded hash', '/a/..%23/b', 'request.dot_segment'],
  ['dots next to a doubly encoded slash', '/a/..%252Fb', 'request.dot_segment'],
  ['dots and a space Windows drops', '/a/..%20.', 'request.dot_segment'],
  ['space between dots', '/a/.%20./b', 'request.dot_segment'],
  ['dots after white space', '/%20..', 'request.dot_segment'],
  ['dots that fold to dots', '/a/%EF%BC%8E%EF%BC%8E/b', 'request.dot_segment'],
  ['two dot leader', '/a/%E2%80%A5/b', 'request.dot_segment'],
  ['dots before a Greek question mark', '/a/..%CD%BE/b', 'request.dot_segment'],
  ['doubly encoded dots', '/a/%252e%252e/b', 'request.dot_segment'],
  ['encoded letter', '/%61dmin', 'request.disguised_encoding'],
  ['encoded capital', '/%5Aoo', 'request.disguised_encoding'],
  ['first and last letter', '/%7A', 'request.disguised_encoding'],
  ['encoded A', '/%41', 'request.disguised_encoding'],
  ['encoded digit 0', '/%30', 'request.disguised_encoding'],
  ['encoded digit 9', '/%39', 'request.disguised_encoding'],
  ['doubly encoded letter', '/%2561dmin', 'request.disguised_encoding'],
  ['encoded percent nested too deep', '/%25252525', 'request.disguised_encoding'],
  ['empty segment', '/a//b', 'request.empty_segment'],
  ['empty first segment', '//a', 'request.empty_segment'],
  ['nothing but slashes', '//', 'request.empty_segment'],
  ['two slashes last', '/a//', 'request.empty_segment'],
  ['empty segment beside an escape', '/a%20b//c', 'request.empty_segment'],
  ['two slashes last beside an escape', '/a%20b//', 'request.empty_segment'],
  ['a segment of parameters', '/;x=1/a', 'request.empty_segment'],
  ['a segment of encoded parameters', '/%3Bx', 'request.empty_segment'],
  ['a segment of doubly encoded parameters', '/%253Bx', 'request.empty_segment'],
  ['backslash', '/a\\b', 'request.backslash'],
  ['encoded backslash', '/a%5cb', 'request.backslash'],
  ['doubly encoded backslash', '/a%255Cb', 'request.backslash'],
  ['hash', '/a#b', 'request.fragment'],
  ['space', '/a b', 'request.path_characters'],
  ['quote', '/a"b', 'request.path_characters'],
  ['braces', '/{id}', 'request.path_characters'],
  ['angle', '/<a>', 'request.path_characters'],
  ['caret', '/a^b', 'request.path_characters'],
  ['backtick', '/a`b', 'request.path_characters'],
  ['tab', '/a\tb', 'request.path_characters'],
  ['NUL', '/a\0b', 'request.path_characters'],
  ['DEL', '/a\x7fb', 'request.path_characters'],
  ['raw UTF-8', '/caf\xc3\xa9', 'request.path_characters'],
  ['encoded NUL', '/a%00', 'request.control_character'],
  ['encoded line end', '/a%0d%0aX:%201', 'request.control_character'],
  ['encoded unit separator', '/a%1Fb', 'request.control_character'],
  ['encoded DEL', '/a%7Fb', 'request.control_character'],
  ['encoded C1 control', '/a%C2%85b', 'request.control_character'],
  ['encoded line separator', '/a%E2%80%A8b', 'request.control_character'],
  ['doubly encoded NUL', '/a%2500', 'request.control_character'],
  ['doubly encoded C1 control', '/a%25C2%2585b', 'request.control_character'],
  ['lone percent', '/a%', 'request.malformed_encoding'],
  ['one digit', '/a%2', 'request.malformed_encoding'],
  ['one digit before a slash', '/a%2/b', 'request.malformed_encoding'],
  ['no digits', '/a%zz', 'request.malformed_encoding'],
  ['IIS unicode escape', '/a%u002e', 'request.malformed_encoding'],
  ['overlong slash', '/..%c0%afb', 'request.invalid_utf8'],
  ['overlong dot', '/%c0%ae%c0%ae', 'request.invalid_utf8'],
  ['overlong in three bytes', '/%e0%80%af', 'request.invalid_utf8'],
  ['surrogate', '/%ed%a0%80', 'request.invalid_utf8'],
  ['beyond Unicode', '/%f4%90%80%80', 'request.invalid_utf8'],
  ['continuation alone', '/%80', 'request.invalid_utf8'],
  ['cut sequence', '/%c3/%a9', 'request.invalid_utf8'],
  ['doubly encoded overlong slash', '/a%25c0%25af', 'request.invalid_utf8'],
  ['space last', '/admin%20', 'request.space_at_edge'],
  ['space first', '/%20admin', 'request.space_at_edge'],
  ['nothing but a space', '/%20/admin', 'request.space_at_edge'],
  ['no-break space last', '/admin%C2%A0', 'request.space_at_edge'],
  ['zero width space first', `/${named(0x200b)}admin`, 'request.space_at_edge'],
  ['byte order mark first', `/${named(0xfeff)}admin`, 'request.space_at_edge'],
  ['Mongolian vowel separator last', `/admin${named(0x180e)}`, 'request.space_at_edge'],
  ['word joiner last', `/admin${named(0x2060)}`, 'request.space_at_edge'],
  ['doubly encoded space last', '/admin%2520', 'request.space_at_edge'],
]

type Accepted = readonly [note: string, path: string, text: string, segments: readonly string[], needs?: readonly string[]]

const accepted: readonly Accepted[] = [
  ['root', '/', '/', []],
  ['one segment', '/a', '/a', ['a']],
  ['trailing slash', '/a/', '/a/', ['a']],
  ['well-known', '/.well-known/x', '/.well-known/x', ['.well-known', 'x']],
  ['three dots', '/a/.../b', '/a/.../b', ['a', '...', 'b']],
  ['dots at the end of a name', '/bar.../x', '/bar.../x', ['bar...', 'x']],
  ['dots within a name', '/v1..v2', '/v1..v2', ['v1..v2']],
  ['trailing dot is another name', '/secret.', '/secret.', ['secret.']],
  ['case is kept', '/ADMIN', '/ADMIN', ['ADMIN']],
  ['sub-delims', "/a!$&'()*+,=:@b", "/a!$&'()*+,=:@b", ["a!$&'()*+,=:@b"]],
  ['what browsers leave', '/a[1]|b', '/a[1]|b', ['a[1]|b']],
  ['encoded sub-delims stay', '/%21%40%3A%3d%2b', '/%21%40%3A%3D%2B', ['!@:=+']],
  ['space inside', '/a%20b', '/a%20b', ['a b']],
  ['trailing slash after an escape', '/a%20b/', '/a%20b/', ['a b']],
  ['trailing slash after several', '/a%20b/c/', '/a%20b/c/', ['a b', 'c']],
  ['a stray percent beside a double encoding', '/.%25%252Fb', '/.%25%252Fb', ['.%%2Fb'], ['double-encoding']],
  ['encoded hyphen, underscore, tilde', '/a%2db%5Fc%7e', '/a-b_c~', ['a-b_c~']],
  ['octets beside the refused ones', '/%2C%2D%3A%40%5B%5D%60%7B%7C', '/%2C-%3A%40%5B%5D%60%7B%7C', [',-:@[]`{|']],
  ['UTF-8', '/caf%c3%a9', '/caf%C3%A9', ['café']],
  ['decomposed stays another name', '/cafe%cc%81', '/cafe%CC%81', ['cafe\u0301']],
  ['lookalike is no letter', '/%ef%bd%81dmin', '/%EF%BD%81dmin', ['ａdmin']],
  ['zero width joiner inside', '/%F0%9F%91%A9%E2%80%8D%F0%9F%94%AC', '/%F0%9F%91%A9%E2%80%8D%F0%9F%94%AC', ['👩\u200d🔬']],
  ['literal percent', '/100%25', '/100%25', ['100%']],
  ['literal percent before no escape', '/100%25%20sure', '/100%25%20sure', ['100% sure']],
  ['encoded slash', '/a%2fb', '/a%2Fb', ['a/b'], ['encoded-slash']],
  ['an encoded URI', '/https%3A%2F%2Fx', '/https%3A%2F%2Fx', ['https://x'], ['encoded-slash']],
  ['dots at the end before an encoded slash', '/a..%2Fb', '/a..%2Fb', ['a../b'], ['encoded-slash']],
  ['semicolon', '/a;v=1/b', '/a;v=1/b', ['a;v=1', 'b'], ['semicolon']],
  ['encoded semicolon', '/a%3bv', '/a%3Bv', ['a;v'], ['semicolon']],
  ['dots as a parameter', '/a;v=..', '/a;v=..', ['a;v=..'], ['semicolon']],
  ['encoded question mark', '/a%3fb', '/a%3Fb', ['a?b'], ['encoded-delimiter']],
  ['encoded hash', '/a%23b', '/a%23b', ['a#b'], ['encoded-delimiter']],
  ['double encoding', '/a%252Fb', '/a%252Fb', ['a%2Fb'], ['double-encoding']],
  ['double encoding of a space', '/a%2520b', '/a%2520b', ['a%20b'], ['double-encoding']],
  ['double encoding of UTF-8', '/%25C3%25A9', '/%25C3%25A9', ['%C3%A9'], ['double-encoding']],
  ['triple encoding', '/a%25252Fb', '/a%25252Fb', ['a%252Fb'], ['double-encoding']],
  [
    'every tolerance, each once, in order',
    '/a%252Fb;c%3bd/e%23f%3fg/h%2Fi',
    '/a%252Fb;c%3Bd/e%23f%3Fg/h%2Fi',
    ['a%2Fb;c;d', 'e#f?g', 'h/i'],
    ['encoded-slash', 'encoded-delimiter', 'semicolon', 'double-encoding'],
  ],
]

describe('parsePath', () => {
  test.each(refused)('refuses %s: %s', (_note, path, code) => {
    expect(parsePath(path)).toBe(code)
  })

  test.each(accepted.map((row) => ({ note: row[0], path: row[1], row })))('accepts $note: $path', ({ path, row }) => {
    const [, , text, segments, needs = []] = row
    const trailingSlash = path !== '/' && path.endsWith('/')
    expect(parsePath(path)).toEqual({ fact: { segments, trailingSlash }, text, needs })
  })

  test('refuses every escaped control, letter, digit, dot and backslash, and takes every other ASCII character', () => {
    const kept = Array.from({ length: 128 }, (_, octet) => octet).filter((octet) => {
      const path = parsePath(`/a%${octet.toString(16).padStart(2, '0')}b`)
      return typeof path !== 'string'
    })
    expect(String.fromCharCode(...kept)).toBe(' !"#$%&\'()*+,-/:;<=>?@[]^_`{|}~')
  })

  test('refuses every raw character that is no part of a path', () => {
    const kept = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).filter(
      (c) => typeof parsePath(`/a${c}b`) !== 'string',
    )
    expect(kept.join('')).toBe("!$&'()*+,-./0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz|~")
  })
})
