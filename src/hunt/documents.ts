import type { Dirent } from 'node:fs'
import { lstat, readFile, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { isMap, isScalar, parseAllDocuments, visit, type Document } from 'yaml'
import { AzimuthError } from '../error.ts'
import type { RefusedRule, RuleDocument } from './rule.ts'

/** Rules are foreign input: what lies beyond these is listed as refused. */
export const documentLimits = {
  files: 20_000,
  folders: 5000,
  depth: 20,
  yamlBytes: 1 << 20,
  jsonBytes: 16 << 20,
  totalBytes: 256 << 20,
  aliases: 100,
} as const

export interface Documents {
  readonly documents: readonly RuleDocument[]
  /** The files' texts, by path: for formats that tell where in them a rule is wrong. */
  readonly texts: ReadonlyMap<string, string>
  readonly refused: readonly RefusedRule[]
}

/** Reads the YAML and JSON files of a folder, or one file, in the order of their paths. Links are not followed. */
export async function readDocuments(path: string, signal?: AbortSignal): Promise<Documents> {
  const start = await realpath(path).catch((cause: unknown) => {
    throw new AzimuthError('rules-unreadable', `${path} cannot be read`, { hint: 'check the path', cause })
  })
  const stats = await lstat(start)
  const root = stats.isDirectory() ? start : dirname(start)
  const refused: RefusedRule[] = []
  const files = stats.isDirectory() ? await listFiles(start, refused) : [basename(start)]
  const documents: RuleDocument[] = []
  const texts = new Map<string, string>()
  let bytes = 0
  for (const file of files) {
    signal?.throwIfAborted()
    const text = await readBounded(join(root, file), bytes)
    const read = typeof text === 'string' ? parseDocuments(file, text) : text
    if (typeof text === 'string') bytes += text.length
    if ('reason' in read) refused.push({ path: file, reason: read.reason })
    else documents.push(...read.values.map((value) => ({ path: file, value })))
    if (typeof text === 'string') texts.set(file, text)
  }
  return { documents, texts, refused }
}

/** The files of rules below a folder, relative and with `/`, sorted. */
async function listFiles(root: string, refused: RefusedRule[]): Promise<readonly string[]> {
  const files: string[] = []
  const folders = [{ path: root, depth: 0 }]
  for (const { path, depth } of folders) {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const full = join(path, entry.name)
      const name = relative(root, full).split(sep).join('/')
      const reason = refusal(entry, depth, folders.length, files.length)
      if (reason !== undefined) refused.push({ path: name, reason })
      else if (entry.isDirectory()) folders.push({ path: full, depth: depth + 1 })
      else if (entry.isFile() && isRuleFile(entry.name)) files.push(name)
    }
  }
  return files.toSorted()
}

function refusal(entry: Dirent, depth: number, folders: number, files: number): string | undefined {
  if (entry.name.startsWith('.')) return undefined
  if (entry.isSymbolicLink()) return 'a symbolic link, which is not followed'
  if (entry.isDirectory() && depth >= documentLimits.depth)
    return `deeper than ${documentLimits.depth} folders`
  if (entry.isDirectory() && folders >= documentLimits.folders)
    return `beyond ${documentLimits.folders} folders`
  if (entry.isFile() && isRuleFile(entry.name) && files >= documentLimits.files)
    return `beyond ${documentLimits.files} files`
  return undefined
}

function isRuleFile(name: string): boolean {
  return /\.(ya?ml|json)$/i.test(name) && !name.startsWith('.')
}

type Problem = { readonly reason: string }

async function readBounded(path: string, bytesBefore: number): Promise<string | Problem> {
  const most = /\.json$/i.test(path) ? documentLimits.jsonBytes : documentLimits.yamlBytes
  try {
    const { size } = await lstat(path)
    if (size > most) return { reason: `${size} bytes, more than ${most}` }
    if (bytesBefore + size > documentLimits.totalBytes) return { reason: 'beyond the bytes read in all' }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    return { reason: error instanceof TypeError ? 'not UTF-8' : messageOf(error) }
  }
}

/** The documents of a file's text: one of JSON, any number of YAML. */
export function parseDocuments(
  path: string,
  text: string,
): { readonly values: readonly unknown[] } | Problem {
  try {
    if (/\.json$/i.test(path)) return { values: [JSON.parse(text) as unknown] }
    // Looking for repeated keys takes the parser a time that grows with their square.
    const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'error' })
    if (!Array.isArray(documents)) return { values: [] }
    return { values: documents.map((document) => plainValue(document)).filter((value) => value !== null) }
  } catch (error) {
    if (error instanceof RangeError) return { reason: 'nested too deep' }
    return { reason: messageOf(error) }
  }
}

function plainValue(document: Document): unknown {
  const [error] = document.errors
  if (error) throw error
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key
        if (isMap(name) || seen.has(name)) throw new Error(`the key ${String(name)} stands twice in one map`)
        seen.add(name)
      }
    },
  })
  return document.toJS({ maxAliasCount: documentLimits.aliases }) as unknown
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return (message.split('\n')[0] ?? '').replace(/:$/, '').slice(0, 300)
}
