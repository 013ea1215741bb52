/** The command `bundle`: its options. */
import { Command, Option } from 'commander'
import type { CliContext } from '../context.js'
import { pathName } from '../options.js'

interface BundleFlags {
  readonly transport?: string
  readonly family?: string
  readonly out?: string
  readonly withoutCapture?: boolean
}

export function bundleCommand(context: CliContext): Command {
  return new Command('bundle')
    .summary('pack one failing scenario into an archive to pass on')
    .description(
      'Packs one failing scenario of a run into a ZIP file for whoever is to mend it: a page that opens in any browser, rule,\nexpected, actual, ladder, messages, capture, versions, and how to repeat it. Secrets are masked.',
    )
    .argument('<id>', 'a scenario, a basic function (survey/audio), or a finding as the report names it (no-audio)')
    .argument('[run]', 'folder of the run, or its result.json', 'reports/latest')
    .addOption(new Option('--transport <transport>', 'on this transport').choices(['udp', 'tcp', 'tls']))
    .addOption(new Option('--family <family>', 'on this address family').choices(['ipv4', 'ipv6']))
    .option('--out <file>', 'the archive (default: ringproof-TARGET-ID-TRANSPORT-FAMILY.zip)', pathName)
    .option('--without-capture', 'leave packets and audio out')
    .addHelpText(
      'after',
      `
Examples:
  ringproof bundle nat/keep-alive
  ringproof bundle registrar/refresh-replaces reports/dus.net/20261201T060000Z --transport tls
  ringproof bundle no-audio artifacts/result.json --out for-the-vendor.zip`,
    )
    .action(async (id: string, run: string, flags: BundleFlags) => {
      const { performBundle } = await import('../bundle.js')
      const { transport, family, out, withoutCapture } = flags
      await performBundle({ id, run, transport, family, out, withoutCapture }, context)
    })
}
