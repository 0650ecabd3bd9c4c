import type { AccessRequest } from '@balustrade/core/kit'
import type { Occasion } from '../session/sessions.ts'
import { type LoginContext, POINT } from './login-context.ts'

/** When and where something happens to a session. No decision was made about the request, so it gets an id of its own. */
export const occasionOf = (
  { clock, makeId }: Pick<LoginContext, 'clock' | 'makeId'>,
  request: Pick<AccessRequest, 'transport'>,
  service: string | null,
): Occasion => {
  const now = clock.now()
  const { peer, client } = request.transport
  return { now, id: makeId(now), point: POINT, service, peer: peer.text, client: client.text }
}
