// Makes V8's picture of the loaded Kusto parser, so that a command has it in a tenth of a second instead of one:
// node --snapshot-blob OUT --build-snapshot parser-snapshot.cjs, with the Node that will use it.
// The process that begins from it runs the module that its command line names.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { startupSnapshot } = require('node:v8')
const { runInThisContext } = require('node:vm')

const resolve = createRequire(path.join(__dirname, 'x.js')).resolve
for (const name of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
  const filename = resolve(`@kusto/language-service-next/${name}`)
  runInThisContext(readFileSync(filename, 'utf8'), { filename })
}
// Most of the parser is made when it is first used.
const { KustoCode, GlobalState } = globalThis.Kusto.Language
const usual =
  'T | where a == 1 and b has "c" | extend d = strlen(tostring(e)) | summarize count() by bin(f, 1h)'
KustoCode.ParseAndAnalyze(usual, GlobalState.Default)

startupSnapshot.setDeserializeMainFunction(() => {
  const program = process.argv[1]
  process.getBuiltinModule('node:module').createRequire(program)(program)
})
