/** The far end of benchmarks: the sink that `ringproof load --calibrate` measures against. Argument: its SIP port. */
import '../../src/load/sink.js'
