import { checkAblations } from './ablation-checks.ts'
import { ablations } from './ablations.ts'

const chosen = new Set([
  'no Activity Log',
  'a read log of the documents that ends before the reads',
  'no metrics',
])

/** All of them are in `scenarios.long.test.ts`. */
checkAblations(
  ablations.filter(({ name }) => chosen.has(name)),
  6,
)
