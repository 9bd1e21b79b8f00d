/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread's memory, from outside. */
#ifndef EXEC_MEMORY_H
#define EXEC_MEMORY_H

#include "exec/internal.h"

/* Copies from and to the thread's memory: 0 or -EFAULT. */
int mem_read(const struct thread *t, uint64_t addr, void *to, size_t len);
int mem_write(const struct thread *t, uint64_t addr, const void *from, size_t len);
/* Writes `len` bytes and, at `said_at`, how many there are: one copy where two would do.  0 or -EFAULT. */
int mem_write_said(const struct thread *t, uint64_t addr, const void *from, size_t len,
                   uint64_t said_at, int said);
/* A string of less than `size` bytes: its length, -EFAULT or -ENAMETOOLONG. */
ssize_t mem_string(const struct thread *t, uint64_t addr, char *to, size_t size);
/* The thread's buffer, of at least `len` bytes. */
void *mem_buffer(struct thread *t, size_t len);
/* A vector of the program's: its length in bytes, or a negative errno.  To be freed. */
ssize_t mem_vector(const struct thread *t, uint64_t addr, uint64_t n, struct iovec **iov);
/* Gathers up to `len` bytes from a vector, or scatters them: 0 or -EFAULT. */
int mem_gather(const struct thread *t, const struct iovec *iov, uint64_t n, void *to, size_t len);
int mem_scatter(const struct thread *t, const struct iovec *iov, uint64_t n, const void *from,
                size_t len);

#endif
