/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of programs whose rights are known.
 *
 * process_vm_readv() and process_vm_writev() look each time whether the simulator may see that process, and whether
 * the program itself could do what is asked.  /proc/PID/mem looks once, when it is opened, but overrides the rights
 * of pages, so that EFAULT would be lost.  So it is used for those pages only on which the real kernel has allowed
 * the same before, in that memory.  All calls that could have taken a right since are seen (filter.c), and then no
 * page is known any more.  A page that is gone is in no way there.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/pages.h"
#include "exec/table.h"

/* So many copies are made before the memory is opened, which takes as long as is spared by ten. */
#define COPIES_BEFORE 16U

static struct mem_page *page_of(const struct thread *t, uint64_t addr) {
	/* Stacks and heaps of all programs begin at the same addresses: the product's upper half mixes well. */
	uint64_t mixed = (addr / PAGE + (t->process->mm << 20)) * UINT64_C(0x9e3779b97f4a7c15);

	return &exec_of(t)->pages[(mixed >> 32) % MEM_PAGES];
}

static bool is_known(const struct thread *t, uint64_t addr, enum page_right right) {
	const struct mem_page *page = page_of(t, addr);

	return page->mm == t->process->mm && page->number == addr / PAGE && page->rights & right;
}

void page_found(const struct thread *t, uint64_t addr, enum page_right right) {
	struct mem_page *page = page_of(t, addr);

	if (page->mm != t->process->mm || page->number != addr / PAGE)
		*page = (struct mem_page){t->process->mm, addr / PAGE, 0};
	page->rights |= right;
}

void pages_forget(struct exec *exec) { memset(exec->pages, 0, sizeof exec->pages); }

void pages_leave(struct process *process) {
	if (process->memory >= 0)
		close(process->memory);
	process->memory = -1;
	process->copies = 0;
}

static bool is_open(const struct thread *t) {
	struct process *process = t->process;
	char path[32];

	if (process->memory < 0 && !process->left && ++process->copies > COPIES_BEFORE) {
		g_snprintf(path, sizeof path, "/proc/%d/mem", t->tid);
		process->memory = open(path, O_RDWR | O_CLOEXEC);
		process->copies = 0;
	}
	return process->memory >= 0;
}

bool page_copy(const struct thread *t, uint64_t addr, void *ours, size_t len,
               enum page_right right) {
	ssize_t n;

	if (addr % PAGE + len > PAGE || !is_known(t, addr, right) || !is_open(t))
		return false;
	if (right == PAGE_READ)
		n = pread(t->process->memory, ours, len, (off_t)addr);
	else
		n = pwrite(t->process->memory, ours, len, (off_t)addr);
	return n == (ssize_t)len;
}

/* Calls by which a page may lose a right. */
int64_t exec_memory(struct thread *t, const uint64_t *arg) {
	(void)arg;
	pages_forget(exec_of(t));
	return PASS;
}
