import { checkAblations } from './ablation-checks.ts'
import { ablations } from './ablations.ts'

const chosen = new Set([
  'no Activity Log',
  'an Activity Log that ends before the keys were listed',
  'a read log of the documents that begins after the reads',
])

/** All of them are in `scenarios.long.test.ts`. */
checkAblations(
  ablations.filter(({ name }) => chosen.has(name)),
  6,
)
