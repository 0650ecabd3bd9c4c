import type { Clock, Diagnostic, Engine } from '@balustrade/core/kit'
import type { Metrics } from '../observe/metrics.ts'
import type { ServiceLog } from '../observe/service-log.ts'
import type { CompileResult, PolicyCompiler } from './policy-compiler.ts'

/** What the last attempt to load a policy came to. */
export interface ReloadState {
  readonly loadedAt: number | null
  readonly lastAttempt: 'loaded' | 'refused' | 'none'
  readonly diagnostics: readonly Diagnostic[]
}

export interface Reloader {
  /** Compiles and puts in force; attempts run one after the other and those that wait become one. */
  readonly reload: () => Promise<CompileResult>
  readonly state: () => ReloadState
}

export interface ReloaderParts {
  readonly engine: Engine
  readonly compiler: PolicyCompiler
  readonly clock: Clock
  readonly metrics: Metrics
  readonly serviceLog: ServiceLog
  readonly source: () => { readonly folder: string; readonly environment: string | null }
  readonly onLoaded: (result: CompileResult) => void
}

/** Keeps the last good policy: a faulty document changes nothing but the state, the metrics and the service log. */
export const createReloader = (parts: ReloaderParts): Reloader => {
  let state: ReloadState = { loadedAt: null, lastAttempt: 'none', diagnostics: [] }
  let running: Promise<CompileResult> | null = null
  let again: Promise<CompileResult> | null = null

  const load = async (): Promise<CompileResult> => {
    const result = await parts.compiler.compile({ ...parts.source(), now: parts.clock.now() })
    const { prepared, diagnostics } = result
    if (prepared === null) {
      state = { ...state, lastAttempt: 'refused', diagnostics }
      parts.metrics.reloaded('refused')
      parts.serviceLog.warn('policy.refused', {
        errors: diagnostics.length,
        failure: result.failure,
        first: diagnostics[0]?.message,
      })
      return result
    }
    if (prepared.digest.policy !== parts.engine.digest()?.policy) {
      await parts.engine.swap(prepared)
      parts.onLoaded(result)
    }
    state = { loadedAt: parts.clock.now(), lastAttempt: 'loaded', diagnostics }
    parts.metrics.reloaded('loaded')
    parts.serviceLog.info('policy.loaded', { digest: prepared.digest.policy, rules: prepared.image.rules.length })
    return result
  }

  const start = (): Promise<CompileResult> => {
    running = load().finally(() => {
      running = null
    })
    return running
  }

  return {
    state: () => state,
    reload: () => {
      if (running === null) return start()
      again ??= running.then(() => {
        again = null
        return start()
      })
      return again
    },
  }
}
