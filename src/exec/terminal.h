/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pseudo-terminals' masters.  What the other side prints, and what is echoed, comes to the real master when the real
 * kernel's work queues get to it; here it is taken in at once, and read from here.
 */
#ifndef EXEC_TERMINAL_H
#define EXEC_TERMINAL_H

#include "exec/internal.h"

struct terminal;

/* The terminal whose master the descriptor of ours is, which is copied; NULL: it is none.  All descriptors of a
 * machine that are the same one's have it together, a reference each. */
struct terminal *terminal_of(struct exec *exec, const struct kernel *k, int dup);
void terminal_put(struct terminal *terminal);
/* A call on its master was passed, or will be: something may be on its way to the other side. */
void terminal_used(struct terminal *terminal);
/* Has what is on its way arrive, and takes in what has. */
void terminals_settle(struct exec *exec);
/* How many bytes have been taken in, and up to `len` of them, which are its no more. */
size_t terminal_has(struct terminal *terminal);
size_t terminal_take(struct terminal *terminal, void *bytes, size_t len);

#endif
