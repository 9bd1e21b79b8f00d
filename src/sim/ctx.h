/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Light contexts: a stack and a place in the code that runs on it, switched to in some twenty
 * instructions.  SimGrid sees nothing of them: to it all of them are the actor that began.
 *
 * A stack has 256 KiB, of which what is used gets memory, and below it a page that may not be touched.
 * AddressSanitizer and valgrind are told where stacks are and which one runs.
 */
#ifndef SIM_CTX_H
#define SIM_CTX_H

struct ctx;

/* A context that will run `fn(arg)`, which must not return, when it is switched to first.  Aborts on
 * lack of memory. */
struct ctx *ctx_new(void (*fn)(void *arg), void *arg);

/* The code that runs now, on whatever stack it has, as a context that others can switch to. */
struct ctx *ctx_here(void);

/* Goes on in `to`, until somebody switches to `from`, whose code runs now. */
void ctx_switch(struct ctx *from, struct ctx *to);

/* Ends a context that stands in ctx_switch(): unwinds its stack, so that what is cleaned up when a
 * scope is left is, and comes back.  It may only be freed then. */
void ctx_end(struct ctx *from, struct ctx *ctx);

void ctx_free(
	struct ctx *ctx); /* NULL: no-op; its code does not run, and what it held stays held */

#endif
