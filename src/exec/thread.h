/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real processes and threads, as tasks of the simulated kernel. */
#ifndef EXEC_THREAD_H
#define EXEC_THREAD_H

#include "exec/internal.h"

/* A real thread that was seen, and its process: `inner` as the machine's pid namespace has it.  It has no task
 * yet.  A process is held by its threads. */
struct thread *thread_new(struct exec_program *program, struct process *process, pid_t tid,
                          pid_t inner);
struct process *real_process_new(struct exec_program *program, pid_t pid);
/* Its memory is another one from now on. */
void process_new_memory(struct process *process);
/* A reference less: the last one frees it. */
void process_put(struct process *process);
/* Its process is held no longer. */
void thread_free(struct thread *t);
/* Where a new descriptor goes: asks the real table (fd_number_by()). */
int number_at(struct task *me, unsigned from);
/* All, by pid, which is the same order in each run; the list is to be freed. */
GList *threads_in_order(const struct exec *exec);
/* A task's code: a thread's life. */
int thread_main(struct task *me, void *thread);
/* The thread of a task of this room. */
struct thread *thread_of(struct task *task);
/* The process is dead for real: its tasks come to know. */
void process_died(struct process *process);

#endif
