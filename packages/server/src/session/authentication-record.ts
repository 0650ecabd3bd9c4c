import type { AuthenticationRecord, Session } from '@balustrade/core/kit'
import type { Occasion } from './sessions.ts'

/** What the log keeps of a login, a step-up or an end: whose session it was, under the name it has in decisions. */
export const sessionRecord = (
  session: Session,
  { now, id, point, service, peer, client }: Occasion,
  what: Pick<AuthenticationRecord, 'outcome' | 'code'>,
): AuthenticationRecord => ({
  kind: 'authentication',
  at: now,
  id,
  point,
  service,
  peer,
  client,
  ...what,
  who: { provider: session.provider, subject: session.subject, session: session.id },
})
