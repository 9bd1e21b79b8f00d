/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes between a program's memory and the simulated kernel. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/uio.h>

#include "exec/memory.h"

/* More than this in one call is not moved: it comes back short, or is refused. */
#define MOST (64UL << 20)
#define PAGE 4096U

int mem_read(const struct thread *t, uint64_t addr, void *to, size_t len) {
	struct iovec ours = {to, len}, theirs = {(void *)addr, len};

	if (len == 0)
		return 0;
	return process_vm_readv(t->tid, &ours, 1, &theirs, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

int mem_write(const struct thread *t, uint64_t addr, const void *from, size_t len) {
	struct iovec ours = {(void *)from, len}, theirs = {(void *)addr, len};

	if (len == 0)
		return 0;
	return process_vm_writev(t->tid, &ours, 1, &theirs, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

int mem_write_said(const struct thread *t, uint64_t addr, const void *from, size_t len,
                   uint64_t said_at, int said) {
	struct iovec ours[] = {{(void *)from, len}, {&said, sizeof said}};
	struct iovec theirs[] = {{(void *)addr, len}, {(void *)said_at, sizeof said}};
	ssize_t all = (ssize_t)(len + sizeof said);

	return process_vm_writev(t->tid, ours, 2, theirs, 2, 0) == all ? 0 : -EFAULT;
}

/* Page by page: what is behind the string may not be there. */
ssize_t mem_string(const struct thread *t, uint64_t addr, char *to, size_t size) {
	size_t have = 0;

	while (have < size) {
		size_t want = MIN(size - have, PAGE - (addr + have) % PAGE);
		const char *zero;

		if (mem_read(t, addr + have, to + have, want))
			return -EFAULT;
		zero = memchr(to + have, '\0', want);
		if (zero)
			return zero - to;
		have += want;
	}
	return -ENAMETOOLONG;
}

void *mem_buffer(struct thread *t, size_t len) {
	if (len > t->buffer_size) {
		g_free(t->buffer);
		t->buffer_size = MAX(len, 65536U);
		t->buffer = g_malloc(t->buffer_size);
	}
	return t->buffer;
}

ssize_t mem_vector(const struct thread *t, uint64_t addr, uint64_t n, struct iovec **iov) {
	size_t sum = 0;

	*iov = NULL;
	if (n > IOV_MAX)
		return -EINVAL;
	*iov = g_new0(struct iovec, n + 1);
	if (mem_read(t, addr, *iov, n * sizeof **iov))
		return -EFAULT;
	for (uint64_t i = 0; i < n; i++) {
		size_t len = (*iov)[i].iov_len;

		if (len > SSIZE_MAX || sum + len > SSIZE_MAX)
			return -EINVAL;
		(*iov)[i].iov_len = MIN(len, MOST - sum);
		sum += (*iov)[i].iov_len;
	}
	return (ssize_t)sum;
}

/* `len` bytes between a vector of theirs and one piece of ours. */
static int move(ssize_t (*mover)(pid_t, const struct iovec *, unsigned long, const struct iovec *,
                                 unsigned long, unsigned long),
                const struct thread *t, const struct iovec *iov, uint64_t n, void *piece,
                size_t len) {
	struct iovec ours = {piece, len};

	if (len == 0)
		return 0;
	return mover(t->tid, &ours, 1, iov, n, 0) == (ssize_t)len ? 0 : -EFAULT;
}

int mem_gather(const struct thread *t, const struct iovec *iov, uint64_t n, void *to, size_t len) {
	return move(process_vm_readv, t, iov, n, to, len);
}

int mem_scatter(const struct thread *t, const struct iovec *iov, uint64_t n, const void *from,
                size_t len) {
	return move(process_vm_writev, t, iov, n, (void *)from, len);
}
