// Texts that cost a front end or an evaluator more than their length suggests: chains, nests, loops in loops, growth, patterns.
const chain = (part: string, by: string, count: number): string => Array.from({ length: count }, () => part).join(by)
const ten = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]'
const nest = (depth: number): string => (depth === 0 ? 'v1 + v2' : `${ten}.map(v${depth}, ${nest(depth - 1)})`)
const many = `[${chain('1', ',', 900)}]`
const long = `"${chain('ab', '', 1_000)}"`

export const HARD_EXPRESSIONS: readonly string[] = [
  chain('1', '+', 400),
  chain('9223372036854775807', '-', 200),
  chain('[1]', '+', 200),
  chain('"a"', '+', 400),
  chain('p', '&&', 1_000),
  chain('p==p', '||', 390),
  `${chain('-', '', 60)}1`,
  `${chain('(', '', 63)}1${chain(')', '', 63)}`,
  `${chain('[', '', 60)}${chain(']', '', 60)}`,
  `[${chain('[]', ',', 390)}]`,
  `{${Array.from({ length: 300 }, (_, i) => `${i}:[${i}]`).join(',')}}`,
  `m${chain('.a', '', 399)}`,
  `m${chain('["a"]', '', 399)}`,
  `m${chain('.?a', '', 399)}`,
  `${chain('optional.of([]).or(', '', 60)}optional.none()${chain(')', '', 60)}`,
  chain('p ? 1 : 2', ' + ', 100),
  `${chain('p ? 1 : ', '', 60)}2`,
  `${Array.from({ length: 60 }, (_, i) => `cel.bind(x${i}, [${i === 0 ? 1 : `x${i - 1}`}], `).join('')}x59${chain(')', '', 60)}`,
  `cel.bind(x, "a", ${chain('cel.bind(x, x + x, ', '', 55)}x${chain(')', '', 56)}`,
  nest(5),
  `cel.bind(l, ${many}, l.all(x, l.all(y, x == y)))`,
  `cel.bind(l, ${many}, l.all(x, l == l))`,
  `cel.bind(l, ${many}, l.map(x, l + l).size())`,
  `cel.bind(l, ${many}, l.filter(x, x in l && !(0 in l)).size())`,
  `cel.bind(a, ${long}, ${ten}.map(i, a.replace("a", "bb").replace("b", "cc").split("")))`,
  `cel.bind(a, ${long}, [${chain('1', ',', 100)}].map(i, a.indexOf("b", 1999)))`,
  `cel.bind(a, ${long}, ${ten}.map(i, a.lastIndexOf("🐱")))`,
  `cel.bind(a, ${long}, ${ten}.map(i, (a + a).reverse().substring(1, 3000).upperAscii().trim()))`,
  `${long}.matches("(a|b|ab)*c")`,
  's.matches("(\\\\pL{10}|[a-z]{50}){8}(.{200})")',
  `s.matches("${chain('(a|b)*', '', 36)}")`,
  `s.matches("${chain('((a{5}){5}){5}', '', 3)}")`,
  `[${chain('1', ',', 300)}].map(x, timestamp(0) + duration("1h"))`,
  `[${chain('1', ',', 300)}].map(x, timestamp(x).getFullYear("+01:00"))`,
  `math.greatest(${chain('[1]', ',', 8)})`,
  `"${chain('\\U0001F431', '', 390)}".size() == 390`,
  chain('s.startsWith(s)', ' && ', 190),
]
