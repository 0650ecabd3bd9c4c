// What the closure of the deciding folders may not hold, and why.

/** Folders whose runtime imports, followed to the end, must stay pure. */
export const pureFolders = ['expression', 'plan', 'decision', 'answer']

/** Names that bring time, chance, the network or the platform into what must be pure. */
export const impureNames: Readonly<Record<string, string>> = {
  Date: 'the clock is a fact (now), or a replay would decide differently',
  Temporal: 'the clock is a fact (now), or a replay would decide differently',
  performance: 'the clock is a fact (now), or a replay would decide differently',
  fetch: 'what is fetched is gathered as a fact before the decision',
  XMLHttpRequest: 'what is fetched is gathered as a fact before the decision',
  setTimeout: 'a decision waits for nothing',
  setInterval: 'a decision waits for nothing',
  setImmediate: 'a decision waits for nothing',
  queueMicrotask: 'a decision waits for nothing',
  'Math.random': 'chance cannot be replayed',
  crypto: 'chance cannot be replayed, and digests are made before the decision',
  process: 'the environment of the process is not part of the policy',
  Buffer: 'exists in Node only; the same code runs in a browser',
  console: 'a decision writes no log; the engine records it',
  globalThis: 'would reach every name of this table unseen',
}

/** The one package that pure folders may reach, and the file through which they do. */
export const pureException = { package: 're2js', through: 'packages/core/src/lib/regex.ts' }

export const whyPure = 'what decides is replayed and also runs in a browser, so it reaches no package and no part of the platform'
