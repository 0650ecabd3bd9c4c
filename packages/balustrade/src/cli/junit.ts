import type { TestResult } from './test.ts'

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML 1.0 text: markup escaped, characters XML cannot hold replaced. */
const xml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '').replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd')

const caseText = ({ name, at, failure }: TestResult): string => {
  const open = `  <testcase name="${xml(name)}" classname="${xml(at)}"`
  return failure === null
    ? `${open}/>`
    : `${open}>\n    <failure message="${xml(failure.split('\n')[0] ?? '')}">${xml(failure)}</failure>\n  </testcase>`
}

/** A JUnit report of one test run. */
export const junitText = (results: readonly TestResult[]): string => {
  const failures = results.filter(({ failure }) => failure !== null).length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="balustrade" tests="${results.length}" failures="${failures}">\n${results.map(caseText).join('\n')}\n</testsuite>\n`
}
