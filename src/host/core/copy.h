/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies between programs and the kernel: what is charged for bytes that lie in the L2 (cache.h), and for
 * bytes that do not.
 */
#ifndef HOST_COPY_H
#define HOST_COPY_H

#include "host/core/kernel.h"

/* The running task begins a call that copies between its buffer and a socket or file.  Who uses a buffer again finds
 * it, and the socket's memory, in the L2 or not by what was copied since his last such call began. */
void copy_begin(struct kernel *k);
/* Some of that copying: charges COST_COPY_HOT for bytes that are found, `cost` for those of which one end is not, and
 * COST_COPY_COLD if neither is; all of them to `cost` on a host whose L2 is not given. */
void copy_bytes(struct kernel *k, unsigned cost, size_t bytes);
/* What the running task copies into sockets from now on are bytes of a file, or are no more (sendfile()): they come from
 * memory anyway.  COST_COPY_FILE is charged for those whose place is found, COST_COPY_COLD for the others. */
void copy_from_file(struct kernel *k, bool yes);
/* Bytes of a file, which come from memory anyway: charges COST_FILE_READ, and COST_COPY_COLD in its stead for those
 * whose place in the buffer is not in the L2 either. */
void copy_read(struct kernel *k, size_t bytes);

#endif
