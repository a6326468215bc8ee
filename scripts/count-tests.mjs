// Prints `N passed, N failed` for a report of vitest's JSON reporter; a missing report counts as one failure.
import { existsSync, readFileSync } from 'node:fs'

const [path] = process.argv.slice(2)
let passed = 0
let failed = 1
if (path !== undefined && existsSync(path)) {
  const report = JSON.parse(readFileSync(path, 'utf8'))
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  passed = report.numPassedTests
  failed = report.numFailedTests + brokenFiles.length
  if (failed === 0 && !report.success) failed = 1
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
