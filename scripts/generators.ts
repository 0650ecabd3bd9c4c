// Files of the repository that are made from the code, one line each. `npm run generate` writes them, a test verifies them.

export interface Generator {
  /** Path from the root of the repository. */
  readonly file: string
  /** The whole text of the file. Must be the same for the same sources: no clock, no order of a folder. */
  readonly make: () => string | Promise<string>
}

export const generators: readonly Generator[] = []
