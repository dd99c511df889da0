// SPDX-License-Identifier: GPL-2.0-only
// node scripts/recipes.mjs compile|boot [options]
import { ensureBuilt, say } from './ready.mjs'

const help = {
  compile: `usage: npm run recipes:compile

Compiles every C file of src/drivers, without a warning, against the headers of the kernels that it is for: the newest
7.x, the newest 7.x before 7.2.10, and the newest 6.12 that this machine's Debian mirror has. Then tries what must not
compile, and builds two by nothing but what their pages say. The kernels are kept in ~/.cache/vmalab/kernels (or $XDG_CACHE_HOME); nothing is installed.

Exit status: 0 all well, 1 something failed, 77 skipped, since no kernel could be had: the reason is told.
`,
  boot: `usage: npm run recipes:boot [-- RECIPE...] [-- --plant BUG] [-- --transcripts FOLDER]

Boots the newest 7.x and the newest 6.12 in QEMU, loads the modules of the recipes, runs the scenario of each in the
kernel and in the model, and compares what both say. Every difference is a failure.

  RECIPE...             only these
  --plant BUG[,BUG]     put a known bug into a recipe; then a run without a difference is the failure.
                        --plant list names them, --plant all tries each
  --transcripts FOLDER  keep both transcripts there

Exit status: 0 all well, 1 something failed, 77 skipped, since no kernel or no QEMU could be had: the reason is told.
`,
}

const [task, ...args] = process.argv.slice(2)
if (!Object.hasOwn(help, task ?? '') || args.includes('--help')) {
  process.stdout.write(help[task] ?? `${help.compile}\n${help.boot}`)
  process.exit(Object.hasOwn(help, task ?? '') ? 0 : 2)
}
try {
  ensureBuilt()
  const { [task]: run } = await import(`./recipes/${task}.mjs`)
  process.exitCode = await run(say, args)
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
