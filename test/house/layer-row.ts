// One row of the table of layers.

export type Role = 'base' | 'spine' | 'rib' | 'point' | 'endpoint' | 'root'

export interface Row {
  readonly package: 'core' | 'server' | 'balustrade'
  /** A folder of src, or a file of src itself without its ending. */
  readonly folder: string
  readonly role: Role
  /** Folders of the same package; 'above' is every row above this one. */
  readonly may: readonly string[] | 'above'
  /** Packages, and entry points of siblings. A value other than '*' is the only file of the folder that may. */
  readonly packages?: Readonly<Record<string, string>>
  /** Packages of which only types may be imported. */
  readonly types?: readonly string[]
  /** Whether `node:` modules may be imported. */
  readonly node?: true
  /** For ribs: files and subfolders that their siblings may import all the same. */
  readonly shared?: readonly string[]
  /** The file whose first comment says what the folder is; otherwise index.ts, <folder>.ts or the first by name. */
  readonly opening?: string
  readonly why: string
}

/** A row within the table of its package. */
export type PackageRow = Omit<Row, 'package'>

/** The entry points of core that every folder of its siblings may use. */
export const kit = { '@balustrade/core': '*', '@balustrade/core/kit': '*' }
