/** See `resize-apart.ts`. */
import { type ResizeTask, resizeHere } from '../resize/resize-here.ts'
import { answerApart } from './answer-apart.ts'

answerApart((task: ResizeTask) => resizeHere(task))
