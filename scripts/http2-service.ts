// The service of scripts/prove-http2.ts, in a process of its own, so that its work is not that of whoever measures. Prints its origin.
import { startBulk } from '../test/streams/transfer.ts'

const { origin } = await startBulk()
console.log(origin)
