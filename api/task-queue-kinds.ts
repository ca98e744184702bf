import { taskQueues } from '../workflows/contract/task-queues.ts'

export type TaskKind = 'workflow' | 'activity'

/** temporal.api.enums.v1.TaskQueueType */
export const taskQueueType: Record<TaskKind, number> = { workflow: 1, activity: 2 }

/** Kinds of tasks per queue: each needs a poller. */
export const taskQueueKinds = Object.values(taskQueues).flatMap(
  (queue): { queue: string; kind: TaskKind }[] => {
    if (queue === taskQueues.orchestration) return [{ queue, kind: 'workflow' }]
    const both = queue === taskQueues.resize ? [{ queue, kind: 'workflow' } as const] : []
    return [...both, { queue, kind: 'activity' }]
  },
)
