import { ClickHouseError, isDiskFull, isUnanswered } from '../engine/errors.ts'
import { AzimuthError } from '../error.ts'
import type { Batch } from './batch.ts'
import { DoubledFiles, landBatch, type Landed, type LandingTurns } from './land.ts'
import type { LandContext } from './landing.ts'
import type { PreparedFile } from './prepare.ts'
import { problem, ReadError, type Problem } from './read/problem.ts'
import { hasChanged } from './read/stamp.ts'

export interface Landing {
  readonly landed: readonly (Landed & { readonly batch: number })[]
  readonly failed: readonly { readonly file: PreparedFile; readonly problem: Problem }[]
}

/**
 * Lands a batch so that one file costs only itself: where the engine gives up, the batch is undone and its halves are
 * landed, down to the file that it gives up on; a file that changed meanwhile is left out.
 */
export async function landSafely(
  context: LandContext,
  batch: Batch,
  nextNumber: () => number,
  turns: LandingTurns = {},
): Promise<Landing> {
  if (batch.files.length === 0) return { landed: [], failed: [] }
  const number = nextNumber()
  try {
    const beforeCommit = (): void => assertUnchanged(batch.files)
    const landed = await landBatch(context, batch, number, { beforeCommit, ...turns })
    return { landed: [{ ...landed, batch: number }], failed: [] }
  } catch (error) {
    context.signal?.throwIfAborted()
    if (isUnanswered(error) || isDiskFull(error)) throw error
    await context.ledger.undo(number)
    const changedFiles = changedBy(error, batch.files)
    if (changedFiles.length > 0) {
      const rest = batch.files.filter((file) => !changedFiles.includes(file))
      const landing = await landSafely(context, { ...batch, files: rest }, nextNumber)
      const failed = changedFiles.map((file) => ({ file, problem: changed }))
      return { ...landing, failed: [...landing.failed, ...failed] }
    }
    if (error instanceof DoubledFiles) {
      const rest = batch.files.filter((file) => !error.files.includes(file))
      return await landBoth(
        context,
        { ...batch, files: rest },
        { ...batch, files: error.files, isCareful: true },
        nextNumber,
      )
    }
    if (!(error instanceof AzimuthError) || !isOfOneFile(error)) throw error
    const [first] = batch.files
    if (batch.files.length === 1 && first !== undefined) {
      return { landed: [], failed: [{ file: first, problem: problemOf(error) }] }
    }
    const middle = Math.ceil(batch.files.length / 2)
    return await landBoth(
      context,
      { ...batch, files: batch.files.slice(0, middle) },
      { ...batch, files: batch.files.slice(middle) },
      nextNumber,
    )
  }
}

async function landBoth(
  context: LandContext,
  one: Batch,
  other: Batch,
  nextNumber: () => number,
): Promise<Landing> {
  const left = await landSafely(context, one, nextNumber)
  const right = await landSafely(context, other, nextNumber)
  return { landed: [...left.landed, ...right.landed], failed: [...left.failed, ...right.failed] }
}

const changed = problem(
  'changed',
  'it changed while it was being read',
  'Take it in again when nothing writes to it.',
)

/** What ClickHouse calls a statement that is wrong whatever it reads. */
const faultsOfStatements = new Set([
  'SYNTAX_ERROR',
  'UNKNOWN_IDENTIFIER',
  'UNKNOWN_FUNCTION',
  'UNKNOWN_AGGREGATE_FUNCTION',
  'UNKNOWN_TABLE',
  'UNKNOWN_SETTING',
  'NOT_FOUND_COLUMN_IN_BLOCK',
  'NO_SUCH_COLUMN_IN_TABLE',
  'NUMBER_OF_ARGUMENTS_DOESNT_MATCH',
  'ILLEGAL_TYPE_OF_ARGUMENT',
  'AMBIGUOUS_IDENTIFIER',
])

/** Errors that one file can bring about; a full disk, a lost connection or a wrong statement is not one. */
function isOfOneFile(error: AzimuthError): boolean {
  if (error instanceof ReadError) return true
  if (error instanceof ClickHouseError && faultsOfStatements.has(error.clickhouseName)) return false
  return ['engine-error', 'engine-crashed', 'limit-memory', 'limit-time'].includes(error.code)
}

class ChangedFiles extends Error {
  readonly files: readonly PreparedFile[]

  constructor(files: readonly PreparedFile[]) {
    super('files changed while they were being read')
    this.files = files
  }
}

function problemOf(error: AzimuthError): Problem {
  return error instanceof ReadError ? error.problem : problem('engine', error.message, error.hint)
}

/** The files that an error is about since they changed: those that it names, or what could not be read any more. */
function changedBy(error: unknown, files: readonly PreparedFile[]): readonly PreparedFile[] {
  if (error instanceof ChangedFiles) return error.files
  return error instanceof ReadError ? filesChanged(files) : []
}

function filesChanged(files: readonly PreparedFile[]): readonly PreparedFile[] {
  return files.filter(
    ({ member, location }) => member.stamp !== undefined && hasChanged(location.file, member.stamp),
  )
}

/** The engine reads plain files itself, after they were hashed: that is sound only while they stay as they were. */
function assertUnchanged(files: readonly PreparedFile[]): void {
  const changedFiles = filesChanged(files)
  if (changedFiles.length > 0) throw new ChangedFiles(changedFiles)
}
