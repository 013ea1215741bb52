/** The command `judge`: its options. */
import { Command, InvalidArgumentError } from 'commander'
import type { CliContext } from '../context.js'
import type { JudgeOrder } from '../judge.js'
import { pathName } from '../options.js'

interface JudgeFlags {
  readonly server?: NonNullable<JudgeOrder['server']>
  readonly tlsSecrets?: string
  readonly call?: string
  readonly out?: string
}

export function judgeCommand(context: CliContext): Command {
  return new Command('judge')
    .summary("judge somebody else's capture: what is wrong with its calls")
    .description(
      'Reads a capture (pcap or pcapng, gzip or not), puts calls, registrations and audio together and says what is wrong with them, whose doing it is\nas far as the capture shows it, and in which frames. Writes a page, judge.json and summary.md. Nothing is sent.',
    )
    .argument('<file>', 'the capture file', pathName)
    .option('--server <host>', 'who the provider is; a port after a colon (default: told by what it does)', serverPlace)
    .option('--tls-secrets <file>', 'session keys for TLS in the capture (SSLKEYLOGFILE)', pathName)
    .option('--call <id>', 'only calls with this Call-ID, or from or to this number')
    .option('--out <folder>', 'folder for the page (default: reports/judge/<file>)', pathName)
    .option('--quiet', 'print only the findings and the path of the page')
    .option('--json', 'print the result as JSON on stdout and nothing else there')
    .addHelpText(
      'after',
      `
Examples:
  ringproof judge customer.pcapng
  ringproof judge customer.pcap --server sip.example.org --call 4930123456
  ringproof judge tls.pcapng --tls-secrets keys.log --out /tmp/judged

Exit code: 0 nothing wrong, 1 something is, 2 wrong usage or no capture, 4 the capture does not show enough to tell.`,
    )
    .action(async (file: string, flags: JudgeFlags) => {
      const { performJudge } = await import('../judge.js')
      performJudge({ file, ...flags }, context)
    })
}

/** `203.0.113.7`, `sip.example.org:5080`, `[2001:db8::7]:5080`. */
function serverPlace(text: string): NonNullable<JudgeOrder['server']> {
  const [, bracketed, plain, six, digits] =
    /^(?:\[([\da-f:.]+)\]|([^\s:[\]/]+)|([\da-f]*:[\da-f:.]*:[\da-f.]*))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? plain ?? six
  const port = digits === undefined ? undefined : Number(digits)
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535)))
    throw new InvalidArgumentError('Expected a host, such as 203.0.113.7, sip.example.org:5080 or [2001:db8::7]:5080.')
  return port === undefined ? { host } : { host, port }
}
