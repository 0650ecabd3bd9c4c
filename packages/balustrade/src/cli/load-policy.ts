import { CONDITIONS } from '@balustrade/core/kit'
import { type ReadFolder, readPolicyFolder, renderDiagnostics } from '@balustrade/core/policy'
import { STYLE } from './output.ts'

/** Reads a policy folder as the gateway would. */
export const loadPolicy = (folder: string, environment: string | undefined, now = Date.now()): ReadFolder =>
  readPolicyFolder(folder, { conditions: CONDITIONS, now, ...(environment === undefined ? {} : { environment }) })

export const renderLoaded = (loaded: ReadFolder): string => renderDiagnostics(loaded.diagnostics, loaded.files, STYLE)
