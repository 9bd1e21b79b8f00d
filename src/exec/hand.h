/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated files that go from process to process, by messages of AF_UNIX sockets. */
#ifndef EXEC_HAND_H
#define EXEC_HAND_H

#include <sys/socket.h>

#include "exec/internal.h"

/* Whether a message hands over a descriptor of a simulated file. */
bool hand_is_needed(const struct thread *t, const struct msghdr *theirs);
/* Sends such a message on that real socket: bytes, a negative errno, or RESTART. */
int64_t hand_over(struct thread *t, struct file *file, const struct msghdr *theirs, int flags);
/* The thread is to receive a message, by which files may come. */
void hand_expect(struct thread *t, int flags);
/* It has: what came with it is put into its table.  In its next call. */
void hand_take(struct thread *t);

#endif
