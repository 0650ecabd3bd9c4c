/** Open tunnels. They end by themselves only when somebody hangs up, so shutting down has to end them. */
export interface Tunnels {
  /** `end` is called once all are to end: at once if that has been said already. Returns what takes the tunnel off the list. */
  readonly add: (end: () => void) => () => void
  readonly endAll: () => void
}

export const createTunnels = (): Tunnels => {
  const open = new Set<() => void>()
  let ending = false
  return {
    add: (end) => {
      open.add(end)
      if (ending) end()
      return () => void open.delete(end)
    },
    endAll: () => {
      ending = true
      for (const end of open) end()
    },
  }
}
