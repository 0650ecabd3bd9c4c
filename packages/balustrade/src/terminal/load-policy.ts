import { CONDITIONS, type PolicyImage } from '@balustrade/core/kit'
import { type ReadFolder, readPolicyFolder, renderDiagnostics } from '@balustrade/core/policy'
import { EXIT } from './exit-code.ts'
import { sayJson, STYLE, tell } from './output.ts'

/** Reads a policy folder as a point would. */
export const loadPolicy = (folder: string, environment: string | undefined): ReadFolder =>
  readPolicyFolder(folder, {
    conditions: CONDITIONS,
    now: Date.now(),
    ...(environment === undefined ? {} : { environment }),
  })

export const renderLoaded = ({ diagnostics, files }: ReadFolder): string => renderDiagnostics(diagnostics, files, STYLE)

export interface UsablePolicy extends ReadFolder {
  readonly image: PolicyImage
}

/** A policy in which nothing is wrong; otherwise says what is, sets the exit code for unusable input and gives null. */
export const loadUsablePolicy = (
  folder: string,
  options: { readonly environment?: string; readonly json?: true },
): UsablePolicy | null => {
  const loaded = loadPolicy(folder, options.environment)
  if (loaded.image !== null) return { ...loaded, image: loaded.image }
  if (options.json === true) sayJson({ ok: false, diagnostics: loaded.diagnostics })
  else tell(renderLoaded(loaded))
  process.exitCode = EXIT.usage
  return null
}
