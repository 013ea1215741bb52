import { buildDist } from './build.mjs'
import { ensureDependencies } from './install.mjs'

/** Dependencies and `dist`, as every command of the repository needs them. Where that fails it says why, and ends with 5. */
export async function setUp() {
  try {
    await ensureDependencies()
    await buildDist()
  } catch (error) {
    console.error(error.message)
    process.exit(5)
  }
}
