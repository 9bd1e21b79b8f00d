/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes, as fs/pipe.c of Linux 2.4 has them: a page of bytes between descriptors.
 */
#ifndef HOST_PIPE_H
#define HOST_PIPE_H

#include "host/file/file.h"

#define PIPE_BYTES 4096U /* PIPE_SIZE; writes of up to so many are not interleaved with others' */

/* Descriptors to read from (fds[0]) and to write to (fds[1]).  -EFAULT, -EMFILE. */
int sys_pipe(struct task *me, int fds[2]);

/* Whether a file is an end of a pipe, so that others see what is done with it. */
bool file_is_pipe(const struct file *file);

#endif
