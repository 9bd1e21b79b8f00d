/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of programs whose rights are known, and the shorter way to their bytes. */
#ifndef EXEC_PAGES_H
#define EXEC_PAGES_H

#include "exec/internal.h"

/* Bytes of a page. */
#define PAGE 4096U

enum page_right { PAGE_READ = 1, PAGE_WRITE = 2 };

/* Copies `len` bytes between `ours` and `addr` of the thread's memory: those of one page, on which it has that right.
 * False: that is not known, or it failed; the real kernel is to be asked then. */
bool page_copy(const struct thread *t, uint64_t addr, void *ours, size_t len,
               enum page_right right);
/* The real kernel, asked, has copied bytes of that page. */
void page_found(const struct thread *t, uint64_t addr, enum page_right right);
/* Some page may have lost a right: none is known any more. */
void pages_forget(struct exec *exec);
/* The process may go on with another memory. */
void pages_leave(struct process *process);

#endif
