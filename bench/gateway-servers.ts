// The servers of the gateway's bench, each a process on a core of its own, in front of the same upstream.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface BenchServer {
  readonly name: string
  readonly port: number
  readonly pid: number
  /** CPU of the process and its children so far, µs. */
  readonly cpu: () => number
  readonly close: () => void
}

interface Start {
  readonly name: string
  readonly core: number
  readonly command: readonly string[]
  readonly port: number
}

/** Clock ticks a second, of /proc/<pid>/stat on Linux. */
const TICKS = 100

const treeOf = (pid: number): readonly number[] => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(treeOf)]
}

/** User and system time, fields 14 and 15 of proc_pid_stat(5). */
const cpuOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const reachable = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })

const untilReachable = async (port: number, child: ChildProcess): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if (await reachable(port)) return
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${child.spawnargs.join(' ')} does not listen`)
}

/** Starts a command bound to one core and waits until it listens. */
export const startServer = async ({ name, core, command, port }: Start): Promise<BenchServer> => {
  const child = spawn('taskset', ['-c', String(core), ...command], { stdio: ['ignore', 'ignore', 'inherit'] })
  await untilReachable(port, child)
  const pid = child.pid as number
  return {
    name,
    port,
    pid,
    cpu: () => treeOf(pid).reduce((sum, each) => sum + cpuOf(each), 0),
    close: () => child.kill('SIGTERM'),
  }
}

const nginxConfig = (folder: string, name: string, server: string): string => {
  const file = join(folder, `${name}.conf`)
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${join(folder, `${name}.pid`)}; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; keepalive_requests 10000000;
${server}
}`,
  )
  return file
}

const BODY = `{"items":[${'{"id":7,"name":"thing"},'.repeat(8)}{}]}`

export interface Peers {
  readonly nginx: string
  readonly caddy: string
}

/** A static answer of a few hundred bytes, on the core of the load. */
export const startUpstream = async (folder: string, { nginx }: Peers): Promise<BenchServer> => {
  const port = await freePort()
  const config = nginxConfig(
    folder,
    'upstream',
    `server { listen 127.0.0.1:${port}; default_type application/json; location / { return 200 '${BODY}'; } }`,
  )
  return startServer({ name: 'upstream', core: 1, command: [nginx, '-p', folder, '-c', config], port })
}

export const startNginx = async (folder: string, peers: Peers, upstream: number): Promise<BenchServer> => {
  const port = await freePort()
  const config = nginxConfig(
    folder,
    'proxy',
    `upstream up { server 127.0.0.1:${upstream}; keepalive 128; keepalive_requests 10000000; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; } }`,
  )
  return startServer({ name: 'nginx', core: 0, command: [peers.nginx, '-p', folder, '-c', config], port })
}

export const startCaddy = async (folder: string, peers: Peers, upstream: number): Promise<BenchServer> => {
  const port = await freePort()
  const file = join(folder, 'Caddyfile')
  writeFileSync(
    file,
    `{\n admin off\n auto_https off\n storage file_system ${folder}/caddy\n}\nhttp://:${port} {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:${upstream}\n}\n`,
  )
  return startServer({ name: 'caddy', core: 0, command: [peers.caddy, 'run', '--config', file], port })
}
