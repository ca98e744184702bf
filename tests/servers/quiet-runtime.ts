/** Silences workers: steps that fail on purpose need no log lines. */
import { keepTemporalRuntimeQuiet } from '../../cli/temporal/quiet-runtime.ts'

keepTemporalRuntimeQuiet()
