import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeLab } from '../src/lab/lab.ts'
import { writeFlowLogs } from './ingest-flow-data.ts'

/** The kinds of log that the rivals' statements are written for, and how a path tells them. */
export const kinds = {
  storage: /insights-logs-storage(?:read|write|delete)\/.*blobservices/iu,
  nsg: /(?:networksecuritygroupflowevent|^nsg)\//u,
  vnet: /(?:flowlogflowevent|^vnet)\//u,
  signIns: /insights-logs-noninteractiveusersigninlogs\//u,
} as const

export type Kind = keyof typeof kinds

export interface Input {
  readonly name: string
  readonly title: string
  /** Made at scale 1; `scale` multiplies its bytes. */
  readonly make: (folder: string, scale: number) => Promise<void>
}

/** Evidence on disk, and for the rivals links to its files by kind, under names without a pattern. */
export interface MadeInput {
  readonly evidence: string
  readonly links: string
  readonly bytes: number
  readonly files: number
  readonly kinds: readonly Kind[]
}

const seed = 5

export const inputs: readonly Input[] = [
  {
    name: 'storage',
    title: 'storage, JSON lines',
    make: async (folder, scale) => makeFromLab(folder, ['storage'], { days: 2, scale: 720 * scale }),
  },
  {
    name: 'nsg',
    title: 'NSG flows, version 2',
    make: async (folder, scale) => writeFlowLogs(folder, 'nsg', 10_000_000 * scale),
  },
  {
    name: 'vnet',
    title: 'VNet flows, version 4',
    make: async (folder, scale) => writeFlowLogs(folder, 'vnet', 10_000_000 * scale),
  },
  {
    name: 'sign-ins',
    title: 'non-interactive sign-ins',
    make: async (folder, scale) => makeFromLab(folder, ['signIns'], { days: 2, scale: 720 * scale }),
  },
  {
    name: 'small-files',
    title: 'many small files, mixed',
    make: async (folder, scale) =>
      makeFromLab(folder, ['storage', 'nsg', 'vnet', 'signIns'], {
        days: Math.max(1, Math.round(130 * scale)),
        scale: 1,
      }),
  },
]

/** Makes an input where the cache does not hold it yet. */
export async function madeInput(input: Input, scale: number, cache: string): Promise<MadeInput> {
  const folder = join(cache, `${input.name}-${scale}`)
  const evidence = join(folder, 'evidence')
  const links = join(folder, 'links')
  const note = join(folder, 'made.json')
  if (!existsSync(note)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(evidence, { recursive: true })
    await input.make(evidence, scale)
    writeFileSync(note, JSON.stringify(linkFiles(evidence, links)))
  }
  return {
    evidence,
    links,
    ...(JSON.parse(readFileSync(note, 'utf8')) as Omit<MadeInput, 'evidence' | 'links'>),
  }
}

async function makeFromLab(
  folder: string,
  wanted: readonly Kind[],
  options: { readonly days: number; readonly scale: number },
): Promise<void> {
  const lab = `${folder}.lab`
  await makeLab(lab, { scenario: 'quiet', seed, ...options })
  const made = join(lab, 'evidence', 'stmeridianlogs')
  for (const name of readdirSync(made)) {
    const isWanted = wanted.some((kind) => kinds[kind].test(`${name}/blobservices`))
    if (isWanted) renameSync(join(made, name), join(folder, name))
  }
  rmSync(lab, { recursive: true })
}

function linkFiles(evidence: string, links: string): Omit<MadeInput, 'evidence' | 'links'> {
  const found = new Set<Kind>()
  let bytes = 0
  let files = 0
  for (const entry of readdirSync(evidence, { recursive: true, encoding: 'utf8' })) {
    const path = join(evidence, entry)
    const stats = statSync(path)
    if (!stats.isFile()) continue
    const kind = (Object.keys(kinds) as Kind[]).find((each) => kinds[each].test(entry))
    if (kind === undefined) {
      rmSync(path)
      continue
    }
    if (!found.has(kind)) mkdirSync(join(links, kind), { recursive: true })
    found.add(kind)
    symlinkSync(path, join(links, kind, `${String(files).padStart(8, '0')}.json`))
    files += 1
    bytes += stats.size
  }
  return { bytes, files, kinds: [...found] }
}
