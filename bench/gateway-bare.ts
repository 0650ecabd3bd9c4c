// The floor under the gateway's bench: node:http in front, undici's dispatch behind, nothing between. `node gateway-bare.ts <upstream> <port>`.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2] as string, { pipelining: 1, connections: 128 })

const server = createServer((message, response) => {
  let body: Buffer | null = null
  const headers = message.rawHeaders.filter((_each, at, all) => all[at - (at % 2)]?.toLowerCase() !== 'connection')
  pool.dispatch(
    { path: message.url ?? '/', method: 'GET', headers, body: null },
    {
      onRequestStart: () => {},
      onResponseStart: (controller, status) => {
        if (Array.isArray(controller.rawHeaders)) response.writeHead(status, controller.rawHeaders.map(String))
      },
      onResponseData: (_controller, chunk) => {
        body = chunk
      },
      onResponseEnd: () => response.end(body),
      onResponseError: () => response.destroy(),
    },
  )
})
server.listen(Number(process.argv[3]), '127.0.0.1')
