import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PacedUpstream, startPaced } from './paced-upstream.ts'
import { openConnection, openPolicy, serve, type Serving } from './serving.ts'
import { type BulkUpstream, download, highest, startBulk, upload } from './transfer.ts'

const MIB = 1_048_576
const LARGE = 128 * MIB
/** What sockets of both sides and the system between them may hold; a gateway that kept a body would hold all of it. */
const UNDER_WAY = 48 * MIB
const GROWTH = 80 * MIB

describe('a large body', () => {
  let upstream: BulkUpstream
  let gateway: Serving
  beforeAll(async () => {
    upstream = await startBulk()
    gateway = await serve({ policy: openPolicy(upstream.origin) })
    // What a process needs for its first bodies is no part of what a large one costs.
    await download(gateway.port, 16 * MIB).done
    await upload(gateway.port, 16 * MIB)
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
  })

  /** Resolves once a count has stopped growing. */
  const settled = async (count: () => number): Promise<number> => {
    let before = -1
    await expect
      .poll(
        () => {
          const now = count()
          const still = now === before && now > 0
          before = now
          return still
        },
        { interval: 700, timeout: 60_000 },
      )
      .toBe(true)
    return before
  }

  test('down: waits at its source while the client does not read, and takes no memory that grows with it', async () => {
    const before = gateway.resident()
    const top = highest(gateway.resident)
    const already = upstream.sent()
    const body = download(gateway.port, LARGE, true)
    expect((await settled(upstream.sent)) - already).toBeLessThan(UNDER_WAY)
    body.resume()
    await body.done
    expect(body.received()).toBe(LARGE)
    expect(top() - before).toBeLessThan(GROWTH)
  })

  test('up: waits at its source while the service does not read, and takes no memory that grows with it', async () => {
    const before = gateway.resident()
    const top = highest(gateway.resident)
    upstream.read(false)
    const already = upstream.received()
    let sent = 0
    const status = upload(gateway.port, LARGE, (count) => {
      sent += count
    })
    expect(await settled(() => sent)).toBeLessThan(UNDER_WAY)
    upstream.read(true)
    expect(await status).toBe(200)
    expect(upstream.received() - already).toBe(LARGE)
    expect(top() - before).toBeLessThan(GROWTH)
  })
})

describe('a server-sent event', () => {
  let upstream: PacedUpstream
  let gateway: Serving
  beforeAll(async () => {
    upstream = await startPaced()
    gateway = await serve({ policy: openPolicy(upstream.origin) })
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
  })

  test('reaches the client before the next is written, from the first on', async () => {
    const connection = await openConnection(gateway.port)
    let heard = ''
    connection.socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
    })
    const ended = connection.ask('/events')
    await expect.poll(() => heard).toContain('text/event-stream')
    for (let n = 0; n < 20; n++) {
      upstream.waiting[0]?.write(`data: ${n}\n\n`)
      await expect.poll(() => heard, { interval: 5 }).toContain(`data: ${n}\n\n`)
    }
    upstream.waiting[0]?.end()
    expect((await ended)?.whole).toBe(true)
  })
})
