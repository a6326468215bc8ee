import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnswerBook } from './answers.ts'
import type { Random } from './random.ts'
import type { Archive } from './writer.ts'

const earlierFolder = 'earlier-copy'
const copyFolder = 'second-copy'

/** Puts some files into the evidence again: whole, as they were earlier in their hour, and as AzCopy downloads `$logs`. */
export function repeatFiles(root: string, book: AnswerBook, archive: Archive, random: Random): void {
  const files = book.files()
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const repeat = (
    path: string,
    of: string,
    kind: 'copy' | 'earlier' | 'download',
    records: number,
    text: string,
  ): void => {
    const [table = ''] = Object.keys(book.total(of).tables)
    archive.writeFile(path, { [table]: records }, text)
    book.repeated.push({ file: path, of, kind, records })
  }
  for (const category of [
    'insights-logs-storageread',
    'insights-logs-signinlogs',
    'insights-logs-networksecuritygroupflowevent',
    'insights-activity-logs',
  ]) {
    const found = files.filter((path) => path.includes(`/${category}/`))
    if (found.length === 0) continue
    const path = random.pick(found)
    repeat(`${copyFolder}/${path}`, path, 'copy', book.total(path).records, read(path))
  }
  const grown = files.filter(
    (path) => path.includes('/insights-logs-storagewrite/') && book.total(path).records >= 8,
  )
  if (grown.length > 0) {
    const path = random.pick(grown)
    const kept = Math.floor(book.total(path).records / 2)
    const text = read(path)
      .split('\n')
      .slice(0, kept)
      .map((line) => `${line}\n`)
      .join('')
    repeat(`${earlierFolder}/${path}`, path, 'earlier', kept, text)
  }
  const documents = [...book.recordSizes].filter(
    ([path, sizes]) => path.includes('flowevent') && sizes.length >= 4,
  )
  if (documents.length > 0) {
    const [path, sizes] = random.pick(documents)
    const kept = Math.floor(sizes.length / 2)
    const separator = ',{"time":'
    const text = `${read(path).split(separator).slice(0, kept).join(separator)}]}`
    const tuples = sizes.slice(0, kept).reduce((sum, size) => sum + size, 0)
    repeat(`${earlierFolder}/${path}`, path, 'earlier', tuples, text)
  }
  for (const path of files.filter((found) => found.includes('/$logs/')).slice(-6)) {
    repeat(
      `azcopy-download/${path.replace('/$logs/', '/')}`,
      path,
      'download',
      book.total(path).records,
      read(path),
    )
  }
}
