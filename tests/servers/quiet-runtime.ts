/** Workers that keep quiet about what tests make them do: a step that fails on purpose is no news. */
import { keepTemporalRuntimeQuiet } from '../../cli/temporal/quiet-runtime.ts'

keepTemporalRuntimeQuiet()
