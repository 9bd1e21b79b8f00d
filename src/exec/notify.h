/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a program's calls come in, and answers go out. */
#ifndef EXEC_NOTIFY_H
#define EXEC_NOTIFY_H

#include "exec/internal.h"

/* Waits for calls are ended now and then from now on; no more. */
void notify_init(struct exec *exec);
void notify_exit(struct exec *exec);
/* Receives until `t` has made a call; false: it is dead. */
bool thread_await(struct thread *t);
/* After an answer that made another thread: it, when it was seen; NULL: it was not made after all. */
struct thread *thread_await_born(struct thread *t, bool waits);
/* Lets the real kernel do the call that is served, now. */
void answer_pass(struct thread *t);
/* The answer to a call that changes no state that anybody waits for. */
void answer_looked_at(struct thread *t, int64_t value);
void answer_value(struct thread *t, int64_t value);
/* Puts a placeholder at `fd` (-1: the lowest free one) of the thread's table: the number, or -errno. */
int place(struct thread *t, int fd, bool cloexec);

#endif
