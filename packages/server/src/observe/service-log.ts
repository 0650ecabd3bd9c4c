import { pino } from 'pino'

/** What operators read: starts, reloads, troubles. Never a header, a credential or a value of a caller; decisions have a log of their own. */
export interface ServiceLog {
  readonly info: (event: string, detail?: Readonly<Record<string, unknown>>) => void
  readonly warn: (event: string, detail?: Readonly<Record<string, unknown>>) => void
  readonly error: (event: string, detail?: Readonly<Record<string, unknown>>) => void
}

/** JSON lines on standard error. */
export const createServiceLog = (): ServiceLog => {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }))
  return {
    info: (event, detail = {}) => log.info(detail, event),
    warn: (event, detail = {}) => log.warn(detail, event),
    error: (event, detail = {}) => log.error(detail, event),
  }
}
