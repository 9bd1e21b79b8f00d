/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes between a program's memory and the simulated kernel. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/uio.h>

#include "exec/memory.h"
#include "exec/pages.h"
#include "host/file/iov.h"

/* More than this in one call is not moved: it comes back short, or is refused. */
#define MOST (64UL << 20)

/* --- small pieces --------------------------------------------------------------------------------- */

void mem_forget(struct exec *exec) { exec->window.len = 0; }

static bool in_window(const struct mem_window *window, const struct thread *t, uint64_t addr,
                      size_t len) {
	return window->tid == t->tid && addr >= window->from &&
	       addr - window->from + len <= window->len;
}

static bool read_page(const struct thread *t, uint64_t addr, void *to, size_t len) {
	struct iovec ours = {to, len}, theirs = {(void *)addr, len};

	if (page_copy(t, addr, to, len, PAGE_READ))
		return true;
	if (process_vm_readv(t->tid, &ours, 1, &theirs, 1, 0) != (ssize_t)len)
		return false;
	page_found(t, addr, PAGE_READ);
	return true;
}

/* What lies around `addr`, as far as its page goes: a copy of it costs as much as one of the bytes alone. */
static bool look_around(struct mem_window *window, const struct thread *t, uint64_t addr,
                        size_t len) {
	uint64_t page = addr - addr % PAGE, from = MAX(page, addr - MIN(addr, MEM_AROUND));
	size_t all = MIN(addr + len + MEM_AROUND, page + PAGE) - from;

	window->len = 0;
	if (!read_page(t, from, window->bytes, all))
		return false;
	window->tid = t->tid;
	window->from = from;
	window->len = all;
	return true;
}

int mem_read(const struct thread *t, uint64_t addr, void *to, size_t len) {
	struct mem_window *window = &exec_of(t)->window;
	struct iovec ours = {to, len}, theirs = {(void *)addr, len};

	if (len == 0)
		return 0;
	if (len <= MEM_AROUND && addr % PAGE + len <= PAGE) {
		if (!in_window(window, t, addr, len) && !look_around(window, t, addr, len))
			return -EFAULT;
		memcpy(to, window->bytes + (addr - window->from), len);
		return 0;
	}
	return process_vm_readv(t->tid, &ours, 1, &theirs, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

/* Whether those bytes are there already. */
static bool stands(const struct thread *t, const struct mem_piece *piece) {
	const struct mem_window *window = &exec_of(t)->window;

	return piece->len == 0 ||
	       (in_window(window, t, piece->at, piece->len) &&
	        memcmp(window->bytes + (piece->at - window->from), piece->bytes, piece->len) == 0);
}

/* Appends to both vectors, of which `n` are filled, those pieces that are to be written: how many are filled then. */
static size_t add_pieces(const struct thread *t, const struct mem_piece *pieces, size_t n_pieces,
                         struct iovec *ours, struct iovec *theirs, size_t n) {
	for (size_t i = 0; i < n_pieces; i++)
		if (!stands(t, &pieces[i])) {
			ours[n] = (struct iovec){(void *)pieces[i].bytes, pieces[i].len};
			theirs[n++] = (struct iovec){(void *)pieces[i].at, pieces[i].len};
		}
	return n;
}

/* One copy for all, or none. */
static int write_vector(const struct thread *t, const struct iovec *ours,
                        const struct iovec *theirs, size_t n) {
	uint64_t at;
	size_t all;

	if (n == 0)
		return 0;
	at = (uint64_t)theirs->iov_base;
	all = iov_length(ours, n);
	mem_forget(exec_of(t));
	if (n == 1 && page_copy(t, at, ours->iov_base, all, PAGE_WRITE))
		return 0;
	if (process_vm_writev(t->tid, ours, n, theirs, n, 0) != (ssize_t)all)
		return -EFAULT;
	page_found(t, at, PAGE_WRITE);
	return 0;
}

int mem_write_pieces(const struct thread *t, const struct mem_piece *pieces, size_t n) {
	struct iovec ours[MEM_PIECES], theirs[MEM_PIECES];

	return write_vector(t, ours, theirs, add_pieces(t, pieces, n, ours, theirs, 0));
}

int mem_write(const struct thread *t, uint64_t addr, const void *from, size_t len) {
	return mem_write_pieces(t, &(struct mem_piece){addr, from, len}, 1);
}

/* --- strings and vectors -------------------------------------------------------------------------- */

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

int mem_gather(const struct thread *t, const struct iovec *iov, uint64_t n, void *to, size_t len) {
	struct iovec ours = {to, len};

	if (n == 1)
		return mem_read(t, (uint64_t)iov->iov_base, to, len);
	if (len == 0)
		return 0;
	return process_vm_readv(t->tid, &ours, 1, iov, n, 0) == (ssize_t)len ? 0 : -EFAULT;
}

int mem_scatter(const struct thread *t, const struct iovec *iov, uint64_t n, const void *from,
                size_t len) {
	return mem_scatter_pieces(t, iov, n, from, len, NULL, 0);
}

int mem_scatter_pieces(const struct thread *t, const struct iovec *iov, uint64_t n,
                       const void *from, size_t len, const struct mem_piece *pieces,
                       size_t n_pieces) {
	g_autofree struct iovec *both = g_new(struct iovec, 2 * (n + n_pieces));
	struct iovec *ours = both, *theirs = both + n + n_pieces;
	size_t used = 0;

	for (uint64_t i = 0; i < n && len; i++) {
		size_t part = MIN(len, iov[i].iov_len);

		ours[used] = (struct iovec){(void *)from, part};
		theirs[used] = (struct iovec){iov[i].iov_base, part};
		used += part > 0;
		from = (const char *)from + part;
		len -= part;
	}
	return write_vector(t, ours, theirs, add_pieces(t, pieces, n_pieces, ours, theirs, used));
}
