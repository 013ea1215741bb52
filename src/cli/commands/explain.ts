/** The command `explain`. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { withScenarios } from '../own-scenarios.js'

export function explainCommand(context: CliContext): Command {
  const command = new Command('explain')
    .summary('explain an id from the report, or a symptom')
    .description(
      'Explains a scenario, a standing check, a basic function, a cause, a provider row, a test purpose or a fault: the rules,\nwho notices, what to do and what to run. Other words are searched for: describe the symptom as a customer would.',
    )
    .argument('<words...>', 'an id, or a symptom in a few words')
  return withScenarios(command, 'with your own scenarios')
    .addHelpText(
      'after',
      `
Examples:
  ringproof explain registrar/refresh-replaces     a scenario
  ringproof explain EXAM-KEYS-IN-CLEAR             a standing check
  ringproof explain survey/audio                   a basic function
  ringproof explain no-audio                       a cause, as findings name it
  ringproof explain BH-10                          what a provider promises, and what tests it
  ringproof explain REG-REFRESH                    a test purpose
  ringproof explain invite-not-resent              a fault of the embedded provider
  ringproof explain one-way audio                  a symptom
  ringproof explain "drops after 32 s"`,
    )
    .action(async (words: readonly string[], flags: { scenarios?: string[] }) => {
      const { explain } = await import('../explain/explain.js')
      const { loadCatalogue } = await import('../explain/catalogue.js')
      context.out(explain(words.join(' '), await loadCatalogue(flags.scenarios)))
    })
}
