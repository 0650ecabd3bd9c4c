// A disk for the writer of the decision log that answers at once, from memory, so that a test can move time by hand. It remembers every
// call, and refuses or hangs when told to. What real disks do is tested with real files.
import { basename } from 'node:path'
import type { LogDisk } from '../../packages/core/src/decision-log/disk.ts'

export interface MemoryDisk {
  readonly disk: LogDisk
  /** What was called, such as `write 000000000000.log`, since it was last asked. */
  readonly takeCalls: () => readonly string[]
  /** From now on these calls fail with the code, or do not return before the next fault is set (`hang`); null: none. */
  readonly fail: (calls: readonly (keyof LogDisk)[] | null, code?: string) => void
  /** Content by name of file. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly openFiles: () => readonly string[]
}

/** Names and content, without any fault. */
const createStore = () => {
  const files = new Map<string, Buffer>()
  const contentOf = (name: string): Buffer => files.get(name) ?? Buffer.alloc(0)
  const put = (name: string, bytes: Buffer, position: number): void => {
    const grown = Buffer.alloc(Math.max(contentOf(name).length, position + bytes.length))
    contentOf(name).copy(grown)
    bytes.copy(grown, position)
    files.set(name, grown)
  }
  const cut = (name: string, size: number): void => {
    const left = Buffer.alloc(size)
    contentOf(name).copy(left)
    files.set(name, left)
  }
  return { files, put, cut }
}

export function createMemoryDisk(): MemoryDisk {
  const { files, put, cut } = createStore()
  const open = new Map<number, string>()
  let calls: string[] = []
  let failing: readonly (keyof LogDisk)[] = []
  let code = ''
  let hanging: (() => void)[] = []
  let last = 0

  const reach = async (call: keyof LogDisk, name: string, words: string = call): Promise<string> => {
    calls.push(`${words} ${name}`)
    if (failing.includes(call) && code === 'hang') await new Promise<void>((resolve) => hanging.push(resolve))
    if (failing.includes(call) && code !== 'hang') throw Object.assign(new Error(code), { code })
    return name
  }
  const nameOf = (fd: number): string => {
    const name = open.get(fd)
    if (name === undefined) throw new Error(`${fd} is not open`)
    return name
  }
  const disk: LogDisk = {
    open: async (path, durable) => {
      const name = await reach('open', basename(path), durable ? 'open durable' : 'open')
      put(name, Buffer.alloc(0), 0)
      last += 1
      open.set(last, name)
      return last
    },
    // As a real disk it writes what the buffers hold when it comes to it.
    write: async (fd, buffers, position) => put(await reach('write', nameOf(fd)), Buffer.concat(buffers), position),
    sync: async (fd) => void (await reach('sync', nameOf(fd))),
    truncate: async (fd, size) => cut(await reach('truncate', nameOf(fd)), size),
    close: async (fd) => {
      await reach('close', nameOf(fd))
      open.delete(fd)
    },
  }
  const takeCalls = () => {
    const taken = calls
    calls = []
    return taken
  }
  const fail = (next: readonly (keyof LogDisk)[] | null, cause = 'EIO') => {
    failing = next ?? []
    code = cause
    const released = hanging
    hanging = []
    for (const resolve of released) resolve()
  }
  return { disk, takeCalls, fail, files, openFiles: () => [...open.values()] }
}
