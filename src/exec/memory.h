/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread's memory, from outside. */
#ifndef EXEC_MEMORY_H
#define EXEC_MEMORY_H

#include "exec/internal.h"

/* Copies from and to the thread's memory: 0 or -EFAULT.  What is read and lies near to it is kept until a
 * real thread may have changed it; small pieces that stand there already are not written again. */
int mem_read(const struct thread *t, uint64_t addr, void *to, size_t len);
int mem_write(const struct thread *t, uint64_t addr, const void *from, size_t len);
/* No more than this in one. */
#define MEM_PIECES 4U
struct mem_piece {
	uint64_t at;
	const void *bytes;
	size_t len;
};
/* Writes several: one copy where there would be many.  0 or -EFAULT. */
int mem_write_pieces(const struct thread *t, const struct mem_piece *pieces, size_t n);
/* A real thread goes on: what was kept may hold no longer. */
void mem_forget(struct exec *exec);
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
/* Scatters, and writes up to MEM_PIECES pieces beside, in one copy: 0 or -EFAULT. */
int mem_scatter_pieces(const struct thread *t, const struct iovec *iov, uint64_t n,
                       const void *from, size_t len, const struct mem_piece *pieces,
                       size_t n_pieces);

#endif
