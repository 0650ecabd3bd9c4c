import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sourcesOf } from './import-rules.ts'
import { importsOf } from './parse.ts'
import { isSource, readTree, root } from './tree.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest
const whole = read('package.json')
const tree = readTree(isSource)
const packages = ['core', 'server', 'balustrade'].map((folder) => ({ folder, manifest: read(`packages/${folder}/package.json`) }))
const siblings = new Set(packages.map(({ manifest }) => manifest.name))

/** What tests alone use is not built into a package, so what it imports is no dependency of it. */
const forTestsAlone = 'packages/core/src/testing/'

/** Packages that the published sources of one folder import, types included: declarations name them too. */
function importedBy(folder: string): readonly string[] {
  const sources = sourcesOf(tree).filter(([path]) => path.startsWith(`packages/${folder}/`) && !path.startsWith(forTestsAlone))
  const outside = sources.flatMap(([path, text]) => importsOf(path, text).map(({ specifier }) => specifier))
  const names = outside.filter((specifier) => !/^(?:\.|node:|\()/.test(specifier)).map((specifier) => specifier.split('/'))
  return [...new Set(names.map((parts) => parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1).join('/')))].sort()
}

describe.each(packages)('$manifest.name', ({ folder, manifest }) => {
  test('has the version of the whole', () => expect(manifest.version).toBe(whole.version))

  test('depends on what its sources import, and on nothing else', () => {
    expect(Object.keys(manifest.dependencies ?? {}).sort()).toEqual(importedBy(folder))
  })

  test.each(Object.entries(manifest.exports ?? {}))(
    'exports %s from a source that exists, built at the same place',
    (_name, conditions) => {
      const source = conditions['source'] ?? ''
      const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
      expect(Object.keys(conditions)).toEqual(['source', 'types', 'default'])
      expect(existsSync(join(root, 'packages', folder, source)), source).toBe(true)
      expect(conditions).toMatchObject({ types: `${built}.d.ts`, default: `${built}.js` })
    },
  )
})

test.each([{ folder: '.', manifest: whole }, ...packages])('$manifest.name pins every dependency exactly', ({ manifest }) => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
  const loose = Object.entries(all).filter(
    ([name, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version) || (siblings.has(name) && version !== whole.version),
  )
  expect(loose).toEqual([])
})

describe('the starter of the command', () => {
  const starter = join(root, 'packages', 'balustrade', 'bin', 'balustrade.js')
  const startAs = (version: string) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
    const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
    return spawnSync(process.execPath, ['--import', preload, starter, '--version'], { encoding: 'utf8' })
  }

  test.each(['18.20.8', '20.20.2', '22.0.0'])('on Node %s says what to do and fails', (version) => {
    const { status, stdout, stderr } = startAs(version)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(`balustrade needs Node 24 or later, and this is Node ${version}.`)
  })

  test('on the Node of the lock starts the command', () => {
    expect(startAs(process.versions.node)).toMatchObject({ status: 0, stdout: expect.stringContaining(whole.version) })
  })
})
