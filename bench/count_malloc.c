/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often does a program ask for memory?  Preloaded; counts into the eight bytes of the file that
 * $COUNT_MALLOC names, with all processes that it forks.  What C++ asks for is SimGrid's and not counted.
 * bench/allocations runs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the GNU C library. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);

static _Atomic uint64_t unseen, *count = &unseen;

__attribute__((constructor)) static void begin(void) {
	const char *path = getenv("COUNT_MALLOC");
	int fd = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;
	void *page;

	if (fd < 0 || ftruncate(fd, sizeof *count) < 0)
		abort();
	page = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		abort();
	count = page;
	close(fd);
}

static void one(void) { atomic_fetch_add_explicit(count, 1, memory_order_relaxed); }

void *malloc(size_t size) {
	one();
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
	one();
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size) {
	one();
	return __libc_realloc(old, size);
}

void *aligned_alloc(size_t align, size_t size) {
	one();
	return __libc_memalign(align, size);
}

int posix_memalign(void **memory, size_t align, size_t size) {
	one();
	*memory = __libc_memalign(align, size);
	return *memory ? 0 : ENOMEM;
}

/* operator new, operator new[] */
void *new_one(size_t size) __asm__("_Znwm");
void *new_one(size_t size) { return __libc_malloc(size); }
void *new_array(size_t size) __asm__("_Znam");
void *new_array(size_t size) { return __libc_malloc(size); }
