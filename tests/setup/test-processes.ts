/**
 * How many test files run beside each other, each in a process that they share one after the other. A third of the time they
 * wait: for servers, for browsers, for a process that starts. Four keep two cores busy; three left a fifth of them idle.
 */
export const testProcesses = 4
