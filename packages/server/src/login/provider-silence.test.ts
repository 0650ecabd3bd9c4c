// A provider that takes a connection and says nothing: the person waits once.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { fetchMetadata } from './provider-metadata.ts'

afterEach(() => void vi.useRealTimers())

test.each([
  { note: 'says nothing is asked at one place', isSilent: true, hits: 1 },
  { note: 'has nothing at one place is asked at the other', isSilent: false, hits: 2 },
])('a provider that $note', async ({ isSilent, hits }) => {
  const asked: string[] = []
  const reached = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    reached.resolve()
    if (!isSilent) response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const fetching = fetchMetadata({ issuer, loopback: true, ca: null })
  await reached.promise
  if (isSilent) vi.advanceTimersByTime(5_000)
  expect(await fetching).toEqual(expect.any(String))
  expect(asked).toHaveLength(hits)
})
